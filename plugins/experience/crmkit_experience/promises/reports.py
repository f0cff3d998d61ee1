"""The report on promises: whether they are kept, by kind, person, team or month, and how late the late ones are.

A promise counts for the day of its time, as it was agreed on last. Kept is what was done in time; what was done later,
was not done, or is open and overdue is not. What was withdrawn, or is still to come, counts in no share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, Team, User, texts
from crmkit.engines.statistics.intervals import median_interval
from crmkit_experience.promises.models import Promise
from crmkit_experience.promises.words import BROKEN, KEPT, KINDS, OPEN

_ = texts("crmkit_experience")

OUTCOMES = {
    "kept": _("Kept in time"),
    "late": _("Done too late"),
    "broken": _("Not done"),
    "overdue": _("Open and overdue"),
    "ahead": _("Still to come"),
    "withdrawn": _("Withdrawn"),
}
SETTLED = ("kept", "late", "broken", "overdue")
"""What counts in the share."""
BY = {"month": _("Month"), "kind": _("Kind"), "person": _("Person"), "team": _("Team")}
NOBODY = _("Nobody")
HOUR = 3600


@frozen(kw_only=True)
class PromisesParameters:
    """For which days was promised, and by what promises are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["month", "kind", "person", "team"], Input(title=_("By"), choices=BY, classified="internal")
    ] = "month"


def outcome_of(state: str, due_at: datetime, done_at: datetime | None, now: datetime) -> str:
    """Return what became of a promise: one of `OUTCOMES`."""
    if state == OPEN:
        return "overdue" if due_at <= now else "ahead"
    if state == BROKEN:
        return "broken" if done_at is None else "late"
    return "kept" if state == KEPT else "withdrawn"


def promise_rows(session: CrmSession, parameters: PromisesParameters, moment: Moment) -> Table:
    """Return what became of the promises for the days of a period, of the customers whom the reader sees, by group.
    Lateness is in hours after the time that was promised, the median with its interval of 95 %."""
    query = select(
        Promise.kind, Promise.state, Promise.due_on, Promise.due_at, Promise.done_at, Promise.owner_id, Promise.team_id
    ).where(
        Promise.due_on >= parameters.period.first,
        Promise.due_on <= parameters.period.last,
        Promise.promised_at <= moment.as_of,
    )
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    late: dict[str, list[float]] = defaultdict(list)
    for row in session.execute(query):
        keys = {
            "month": f"{row.due_on:%Y-%m}",
            "kind": row.kind,
            "person": str(row.owner_id or ""),
            "team": str(row.team_id or ""),
        }
        key, outcome = keys[parameters.by], outcome_of(row.state, row.due_at, row.done_at, moment.as_of)
        groups[key][outcome] += 1
        if outcome == "late":
            late[key].append((row.done_at - row.due_at).total_seconds() / HOUR)
    titles = _titles(session, parameters.by, groups)
    rows = []
    for key in sorted(groups, key=lambda each: (str(titles.get(each, each)), each)):
        counts, median = groups[key], median_interval(late[key])
        rows.append(
            {
                "key": key or "none",
                "group": titles.get(key, key),
                "promised": sum(counts.values()),
                **{name: counts[name] for name in OUTCOMES},
                "settled": sum(counts[name] for name in SETTLED),
                "rate": None,
                "lateness": _rounded(median.value),
                "lateness_low": _rounded(median.low),
                "lateness_high": _rounded(median.high),
            }
        )
    return Table(rows=rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _titles(session: CrmSession, by: str, groups: Iterable[str]) -> Mapping[str, Any]:
    if by == "month":
        return {}
    if by == "kind":
        return KINDS
    model: Any = User if by == "person" else Team
    ids = [UUID(key) for key in groups if key]
    names = {str(each.id): each.name for each in session.scalars(select(model).where(model.id.in_(ids)))}
    return names | {"": NOBODY}


REPORTS = [
    Report(
        name="experience.promises",
        title=_("Promises kept to customers"),
        rows=promise_rows,
        parameters=PromisesParameters,
        defaults={"period": "last 12 months"},
        permission="experience.promise.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Group")),
            Column(name="promised", title=_("Promised"), kind="integer", total=True),
            *(Column(name=name, title=title, kind="integer", total=True) for name, title in OUTCOMES.items()),
            Column(name="settled", title=_("Known by now"), kind="integer", total=True, hidden=True),
            Column(
                name="rate",
                title=_("Share kept"),
                kind="rate",
                successes="kept",
                trials="settled",
                doc=_("Of the promises that are settled or overdue: those that were kept in time."),
            ),
            Column(
                name="lateness",
                title=_("Median lateness"),
                kind="number",
                unit="h",
                doc=_("Of what was done too late: half of it was later than this many hours."),
            ),
            Column(name="lateness_low", title=_("At least"), kind="number", unit="h"),
            Column(name="lateness_high", title=_("At most"), kind="number", unit="h"),
        ],
        charts=[Chart.stack("group", *OUTCOMES), Chart(kind="intervals", x="group", y=["rate"])],
        temporal=False,
        doc=_("Whether what was promised to customers was done in time."),
    )
]
