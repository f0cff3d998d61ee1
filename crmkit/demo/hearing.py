"""What customers of the demonstration company say: half a year of answers to a survey, comments in two languages, two
complaints that wait for somebody, and a few needs with who asked for them.

Does what the plugins feedback and needs have operations for, and nothing where they are not enabled. All of it is made
up; who answered what follows from the customers' ids, so that it is the same in every demonstration.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit.core.interactions.figures import best_customers
from crmkit.core.store.actor import Actor
from crmkit.engines.statistics.hashing import share_of
from crmkit.i18n import texts

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from crmkit.cli.invocation import Invocation
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

SURVEY = "recommend"
ANSWERS = 420
DAYS = 182
CHANGE = 70
"""Days ago, since when deliveries are packed better: answers become better, which the trend shows."""
COMMENTS = {
    "bad": (
        _("Three of the glasses arrived broken, and nobody answered my mail."),
        _("The delivery took two weeks longer than promised."),
        _("The quality of the last bags was poor: the handles tear."),
        _("Far too expensive for what it is."),
    ),
    "middling": (_("Nice products, but the delivery is slow."), _("Fine, nothing special.")),
    "good": (
        _("Lovely designs, and quick to arrive. My customers like them."),
        _("Friendly and helpful service, every time."),
        _("Good quality at a fair price."),
    ),
}


@frozen(kw_only=True)
class _Need:
    """Something that customers need: what, of which kind, how urgent, how many ask for it, and the numbers of RICE."""

    title: str
    kind: str
    urgency: str
    asked: int
    inputs: dict[str, float]
    state: str = ""


NEEDS = (
    _Need(
        title=_("Packaging that keeps glass whole"),
        kind="problem",
        urgency="high",
        asked=9,
        inputs={"reach": 400, "impact": 2, "confidence": 0.8, "effort": 3},
        state="accepted",
    ),
    _Need(
        title=_("Order again with one click"),
        kind="request",
        urgency="normal",
        asked=14,
        inputs={"reach": 900, "impact": 1, "confidence": 0.7, "effort": 4},
        state="accepted",
    ),
    _Need(
        title=_("Our own logo on gift bags"),
        kind="idea",
        urgency="low",
        asked=4,
        inputs={"reach": 60, "impact": 2, "confidence": 0.5, "effort": 6},
    ),
    _Need(
        title=_("Certificates of origin with every delivery"),
        kind="compliance",
        urgency="critical",
        asked=3,
        inputs={"reach": 120, "impact": 3, "confidence": 0.9, "effort": 2},
    ),
)


def hear(cli: Invocation) -> None:
    """Give the company what its customers say and need. Nothing is said twice."""
    known = cli.crm.registry.operations
    actor = Actor.system("demonstration")
    with cli.crm.session(actor) as session:
        now = cli.crm.clock.business_now()
        currency = cli.crm.config.get(session).base_currency
        people = [each.customer_id for each in best_customers(session, currency=currency, limit=ANSWERS)]
    if "feedback.response.import" in known and not _is_there(cli, "feedback.survey"):
        _answers(cli, actor, people, now)
    if "needs.need.create" in known and not _is_there(cli, "needs.need"):
        with cli.crm.transaction(actor) as session:
            _needs(cli, session, people)


def _is_there(cli: Invocation, resource: str) -> bool:
    from sqlalchemy import func, select

    model: Any = cli.crm.registry.resources[resource].model
    with cli.crm.session(Actor.system("demonstration")) as session:
        return bool(session.scalar(select(func.count(model.id))))


def _answers(cli: Invocation, actor: Actor, people: list[UUID], now: datetime) -> None:
    crm = cli.crm
    survey = {"name": SURVEY, "title": cli.text(_("Would you recommend us?")), "template": "nps"}
    made = crm.run(actor, "feedback.survey.create", survey)
    crm.run(actor, "feedback.survey.publish", target=made.id)
    crm.run_many(actor, "feedback.response.import", [_answer(cli, each, now) for each in people])
    if "feedback.annotation.create" in crm.registry.operations:
        change = {"day": (now - timedelta(days=CHANGE)).date(), "title": cli.text(_("Glass is packed better"))}
        crm.run(actor, "feedback.annotation.create", change)
    crm.worker().run_until_idle()


def _answer(cli: Invocation, customer_id: UUID, now: datetime) -> dict[str, Any]:
    """Return what a customer answered: when, which score, and for a third of them why."""
    days = 1 + int(share_of("demonstration: day", customer_id) * (DAYS - 1))
    chance = share_of("demonstration: score", customer_id)
    bad, middling = (0.34, 0.62) if days > CHANGE else (0.16, 0.42)
    band = "bad" if chance < bad else "middling" if chance < middling else "good"
    within = share_of("demonstration: within", customer_id)
    score = {"bad": int(7 * within**0.5), "middling": 7 + int(2 * within), "good": 9 + int(2 * within)}[band]
    answers: dict[str, Any] = {
        "aspects": {
            aspect: max(1, min(5, round(score / 2 + 2 * (share_of(f"demonstration: {aspect}", customer_id) - 0.5))))
            for aspect in ("quality", "price", "delivery", "service")
        }
    }
    found: dict[str, Any] = {
        "survey": SURVEY,
        "score": score,
        "customer_id": customer_id,
        "answered_at": now - timedelta(days=days, hours=int(10 * within)),
        "language": cli.language,
        "answers": answers,
        "external_source": "demonstration",
        "external_id": f"{SURVEY}:{customer_id}",
    }
    if share_of("demonstration: comment", customer_id) < 0.35:
        said = COMMENTS[band]
        found["comment"] = cli.text(said[int(share_of("demonstration: words", customer_id) * len(said))])
    return found


def _needs(cli: Invocation, session: CrmSession, people: list[UUID]) -> None:
    for place, need in enumerate(NEEDS):
        values = {"title": cli.text(need.title), "kind": need.kind, "urgency": need.urgency}
        made = session.run("needs.need.create", values)
        for customer_id in people[place * 15 : place * 15 + need.asked]:
            session.run(
                "needs.evidence.add",
                {"customer_id": customer_id, "importance": 2 + int(share_of(need.title, customer_id) * 4)},
                target=made,
            )
        if need.state:
            session.run("needs.need.move", {"to": need.state}, target=made)
        if "needs.score.set" in session.gate.registry.operations:
            session.run("needs.score.set", {"inputs": need.inputs}, target=made)
