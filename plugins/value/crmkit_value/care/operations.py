"""Programmes for customers of high and of low value: dealt out by chance, done as tasks, measured by an experiment.

A programme is an experiment of the kernel with two arms: who is in the control arm is left alone and counted. A rule
looks every day for whom it is time. Must not compute any effect: the experiment does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Conflict, CrmSession, Customer, Input, operation, texts
from crmkit.i18n import translate

_ = texts("crmkit_value")

CARE, UPLIFT = "value_care", "value_uplift"
PROGRAMMES = {"care": _("Care for valuable customers"), "uplift": _("More for customers of low value")}
"""What there is, with titles."""
Programme = Annotated[Literal["care", "uplift"], Input(title=_("Programme"), choices=PROGRAMMES, classified="internal")]


@frozen(kw_only=True)
class Plan:
    """What a programme does: for whom, the task that it makes, and until when that is due in words."""

    experiment: str
    rule: str
    among: str
    task: str
    offer: str
    due: str
    priority: str


PLANS = {
    "care": Plan(
        experiment=CARE,
        rule="value.care",
        among='value.grade == "A"',
        task=_("Call {name}: a valuable customer nobody has spoken to for a month"),
        offer=_("Ask how things are, what is missing, and who else decides. Note what was said."),
        due="+3wd",
        priority="high",
    ),
    "uplift": Plan(
        experiment=UPLIFT,
        rule="value.uplift",
        among='value.grade == "C" and value.p_alive >= 0.5',
        task=_("Offer {name} what goes with the last purchase"),
        offer=_("Write rather than call. Point to what customers can do for themselves."),
        due="+10wd",
        priority="low",
    ),
}


@operation("value.programme.start", title=_("Start a programme"), permission="value.programme.manage")
def start(
    session: CrmSession,
    *,
    programme: Programme,
    control: Annotated[
        float, Input(title=_("Share left alone"), minimum=0.05, maximum=0.5, classified="internal")
    ] = 0.2,
) -> str:
    """Start a programme: its experiment begins, and every day its rule makes tasks for customers in the treated arm.

    Returns the name of the experiment, whose result says what the programme has changed. Raises Conflict where it was
    started before.
    """
    plan = PLANS[programme]
    if not 0.05 <= control <= 0.5:
        raise Conflict(_("Between a twentieth and half of the customers are left alone."))
    document: dict[str, Any] = {
        "name": plan.experiment,
        "title": PROGRAMMES[programme],
        "among": plan.among,
        "arms": [{"name": "alone", "share": control}, {"name": "treated", "share": 1 - control}],
        "control": "alone",
        "metrics": [
            {
                "name": "spent",
                "title": _("Bought since, less refunds"),
                "value": "purchase.net_amount",
                "kind": "mean",
                "before": "value.revenue_365",
                "effect": 10.0,
            },
            {
                "name": "buys",
                "title": _("Bought again"),
                "value": "purchase.count",
                "kind": "share",
                "effect": 0.02,
            },
        ],
    }
    session.run("experiment.save", {"experiment": document})
    session.run("experiment.start", {"name": plan.experiment})
    session.run("rule.enable", {"name": plan.rule})
    return plan.experiment


@operation("value.programme.treat", title=_("Do what a programme does"), permission="value.programme.treat")
def treat(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    programme: Programme,
) -> str | None:
    """Do for a customer what a programme does, unless chance has put them into the arm that is left alone, and return
    the arm; None where they do not take part."""
    plan = PLANS[programme]
    arm: str | None = session.run("experiment.expose", {"experiment": plan.experiment, "customer_id": customer_id})
    if arm != "treated":
        return arm
    name = session.scalars(select(Customer).where(Customer.id == customer_id)).one().name
    language = session.business().language
    session.run(
        "work.task.create",
        {
            "customer_id": customer_id,
            "title": translate(plan.task, language, name=name)[:200],
            "description": translate(plan.offer, language),
            "due": plan.due,
            "priority": plan.priority,
            "source": "value",
        },
    )
    return arm


OPERATIONS = [start, treat]
