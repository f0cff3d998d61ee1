"""What was promised and kept: the clocks of cases that ended or ran out within a period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from attrs import define, frozen
from sqlalchemy import and_, or_, select

from crmkit import Chart, Column, CrmSession, Input, Moment, Report, Table, texts
from crmkit_service.cases.models import Case
from crmkit_service.measures.grouping import PeriodField
from crmkit_service.measures.reading import NONE, span, titles_of
from crmkit_service.measures.reports import KEY, LAST, PERMISSION
from crmkit_service.sla.models import Clock, Policy
from crmkit_service.sla.words import ALL_CLOCKS

_ = texts("crmkit_service")

Divided = Literal["clock", "policy", "team", "owner", "queue", "type", "priority", "channel"]
DIVIDED: Mapping[str, str] = {
    "clock": _("Clock"),
    "policy": _("Policy"),
    "team": _("Team"),
    "owner": _("Person"),
    "queue": _("Queue"),
    "type": _("Type"),
    "priority": _("Priority"),
    "channel": _("Channel"),
}
"""By what promises can be told apart, with titles."""
COLUMNS: Mapping[str, Any] = {
    "clock": Clock.clock,
    "policy": Clock.policy_id,
    "team": Case.team_id,
    "owner": Case.owner_id,
    "queue": Case.queue_id,
    "type": Case.type_id,
    "priority": Clock.priority,
    "channel": Case.channel,
}


@frozen(kw_only=True)
class AttainmentParameters:
    """Over which days, told apart by what, and for which clock alone, where one is named."""

    period: PeriodField
    by: Annotated[Divided, Input(title=_("By"), choices=DIVIDED, classified="internal")] = "clock"
    clock: Annotated[
        Literal["", "acknowledgement", "first_response", "next_response", "update", "resolution", "ola", "uc"],
        Input(title=_("Clock"), choices={"": _("All"), **ALL_CLOCKS}, classified="internal"),
    ] = ""


@define
class _Kept:
    judged: int = 0
    kept: int = 0
    late: int = 0


def attainment_rows(session: CrmSession, parameters: AttainmentParameters, moment: Moment) -> Table:
    """Return how many clocks were decided within a period, and how many of them in time.

    A clock is decided once: when its target passed unmet, or when it was met before. What was cancelled before its
    target passed is decided by nobody.
    """
    first, last = span(session, parameters.period)

    def within(column: Any) -> Any:
        return and_(column >= first, column < last, column <= moment.as_of)

    ran_out = and_(Clock.breached_at.is_not(None), within(Clock.breached_at))
    met = and_(Clock.breached_at.is_(None), Clock.state == "met", within(Clock.ended_at))
    query = (
        select(COLUMNS[parameters.by], Clock.breached_at, Clock.ended_at)
        .join(Case, Case.id == Clock.case_id)
        .where(or_(ran_out, met))
    )
    if parameters.clock:
        query = query.where(Clock.clock == parameters.clock)
    elif parameters.by != "clock":
        # What is agreed among ourselves is no promise to a customer.
        query = query.where(Clock.party == "")
    tallies: dict[str, _Kept] = {}
    for key, breached_at, _ended_at in session.execute(query):
        tally = tallies.setdefault(str(key) if key else NONE, _Kept())
        tally.judged += 1
        tally.kept += breached_at is None
        tally.late += breached_at is not None
    titles = _titles(session, parameters.by, list(tallies))
    rows = [
        {
            "key": key,
            "group": titles.get(key, key),
            "judged": tally.judged,
            "kept": tally.kept,
            "late": tally.late,
            "rate": None,
        }
        for key, tally in sorted(tallies.items(), key=lambda each: (-each[1].judged, titles.get(each[0], each[0])))
    ]
    return Table(rows=rows)


def _titles(session: CrmSession, by: str, keys: list[str]) -> Mapping[str, Any]:
    if by == "clock":
        return ALL_CLOCKS
    if by == "policy":
        return {**{str(each.id): each.title for each in session.scalars(select(Policy))}, NONE: _("No policy")}
    return titles_of(session, by, keys)


REPORTS = [
    Report(
        name="service.attainment",
        title=_("Service levels kept"),
        rows=attainment_rows,
        parameters=AttainmentParameters,
        defaults=LAST,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(
                name="judged",
                title=_("Decided"),
                kind="integer",
                total=True,
                doc=_("Clocks that were met, or whose target passed unmet, within the period."),
            ),
            Column(name="kept", title=_("In time"), kind="integer", total=True),
            Column(name="late", title=_("Late"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Share in time"),
                kind="rate",
                successes="kept",
                trials="judged",
                doc=_("With a 95 per cent interval (Wilson)."),
            ),
        ],
        charts=[Chart.intervals("group", "rate"), Chart.stack("group", "kept", "late")],
        doc=_("How often what was promised was kept: by clock, policy, team, person, queue, type, priority, channel."),
    )
]
