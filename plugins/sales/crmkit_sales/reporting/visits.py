"""The report on visits: who met, visited and called how many customers in a period, against a target."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Input, Interaction, Moment, Report, Table, texts
from crmkit_sales.reporting.shared import KEY, PeriodField, group_column, span, users

_ = texts("crmkit_sales")

KINDS = {"visit": _("Visits"), "meeting": _("Meetings"), "call": _("Calls")}
PREFIX = "user:"


@frozen(kw_only=True)
class VisitParameters:
    """Over which days, and how many visits, meetings and calls together a week each person should have."""

    period: PeriodField
    weekly: Annotated[int, Input(title=_("Target a week"), minimum=0, maximum=10_000, classified="internal")] = 0


def visit_rows(session: CrmSession, parameters: VisitParameters, moment: Moment) -> Table:
    """Return the visits, meetings and calls of each person, with how many customers they were with."""
    first, last = span(session, parameters.period)
    query = (
        select(
            Interaction.actor_id,
            Interaction.kind,
            func.count().label("times"),
        )
        .where(
            Interaction.kind.in_(list(KINDS)),
            Interaction.occurred_at >= first,
            Interaction.occurred_at < last,
            Interaction.occurred_at <= moment.as_of,
            Interaction.recorded_at <= moment.known_at,
            Interaction.reverses_id.is_(None),
        )
        .group_by(Interaction.actor_id, Interaction.kind)
    )
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
    for row in session.execute(query):
        counts[row.actor_id][row.kind] += row.times
    customers = _customers(session, query)
    ids = {each: _user(each) for each in counts}
    names = users(session, list(ids.values()))
    days = (parameters.period.last - parameters.period.first).days + 1
    target = round(parameters.weekly * days / 7)
    rows: list[dict[str, Any]] = []
    for actor, found in counts.items():
        user = ids[actor]
        total = sum(found.values())
        rows.append(
            {
                "key": actor,
                "group": names.get(user, actor) if user is not None else actor,
                **found,
                "total": total,
                "customers": customers.get(actor, 0),
                "target": target or None,
                "attained": total / target if target else None,
            }
        )
    rows.sort(key=lambda row: (-row["total"], row["group"], row["key"]))
    return Table(rows=rows)


def _customers(session: CrmSession, query: Any) -> dict[str, int]:
    """Return with how many different customers each person was."""
    counted = query.with_only_columns(
        Interaction.actor_id, func.count(Interaction.customer_id.distinct()).label("customers")
    )
    by_actor = counted.group_by(None).group_by(Interaction.actor_id)
    return {row.actor_id: row.customers for row in session.execute(by_actor)}


def _user(actor: str) -> UUID | None:
    try:
        return UUID(actor.removeprefix(PREFIX)) if actor.startswith(PREFIX) else None
    except ValueError:
        return None


REPORTS = [
    Report(
        name="sales.visits",
        title=_("Visits and calls"),
        doc=_("How many visits, meetings and calls each person had in a period, with how many customers."),
        rows=visit_rows,
        parameters=VisitParameters,
        defaults={"period": "this month"},
        columns=[
            KEY,
            group_column(_("Person")),
            *(Column(name=name, title=title, kind="integer", total=True) for name, title in KINDS.items()),
            Column(name="total", title=_("Together"), kind="integer", total=True),
            Column(name="customers", title=_("Customers"), kind="integer", doc=_("Different customers.")),
            Column(name="target", title=_("Target"), kind="integer", doc=_("The target a week for these days.")),
            Column(name="attained", title=_("Attained"), kind="share", doc=_("Together ÷ the target.")),
        ],
        charts=[Chart.stack("group", *KINDS)],
        permission="sales.opportunity.read",
    )
]
