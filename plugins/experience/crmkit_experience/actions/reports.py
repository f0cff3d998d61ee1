"""The report on improvement actions: what was done, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit_experience.actions.models import ImprovementAction
from crmkit_experience.actions.words import CAUTIONS, METHODS, STATES, VERDICTS

_ = texts("crmkit_experience")


@frozen(kw_only=True)
class ActionsParameters:
    """Which actions."""

    verdict: Annotated[
        Literal["better", "worse", "unclear", "all"],
        Input(title=_("Verdict"), choices=VERDICTS | {"all": _("All")}, classified="internal"),
    ] = "all"


def action_rows(session: CrmSession, parameters: ActionsParameters, moment: Moment) -> Table:
    """Return the actions with their effects, the largest first."""
    model = ImprovementAction
    query = select(model)
    if parameters.verdict != "all":
        query = query.where(model.verdict == parameters.verdict)
    order = (model.effect.is_(None), func.abs(model.effect).desc(), model.name)
    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    for each in session.scalars(query.order_by(*order)):
        used |= {each.method} if each.method else set()
        rows.append(
            {
                "name": each.name,
                "title": each.title,
                "step": each.step or "",
                "measure": each.measure or each.part or "",
                "state": STATES[each.state],
                "starts_on": each.starts_on,
                "method": METHODS.get(each.method or "", ""),
                "before": _number(each.before),
                "after": _number(each.after),
                "effect": _number(each.effect),
                "effect_low": _number(each.effect_low),
                "effect_high": _number(each.effect_high),
                "customers": each.customers,
                "verdict": VERDICTS.get(each.verdict or "", ""),
            }
        )
    return Table(rows=rows, notes=[Note(text=CAUTIONS[name]) for name in CAUTIONS if name in used])


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


REPORTS = [
    Report(
        name="experience.actions",
        title=_("What improved it"),
        rows=action_rows,
        parameters=ActionsParameters,
        permission="experience.action.read",
        columns=[
            Column(name="name", title=_("Name")),
            Column(name="title", title=_("Title")),
            Column(name="step", title=_("Step")),
            Column(name="measure", title=_("Measure")),
            Column(name="state", title=_("State")),
            Column(name="starts_on", title=_("Starts on"), kind="date"),
            Column(name="method", title=_("Compared by")),
            Column(name="before", title=_("Before"), kind="number"),
            Column(name="after", title=_("After"), kind="number"),
            Column(
                name="effect",
                title=_("Effect"),
                kind="number",
                doc=_("After less before; less the same difference of the others, where there are others."),
            ),
            Column(name="effect_low", title=_("At least"), kind="number"),
            Column(name="effect_high", title=_("At most"), kind="number"),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="verdict", title=_("Verdict")),
        ],
        temporal=False,
        doc=_("What was done for customers, what was to change by it, and what did."),
    )
]
