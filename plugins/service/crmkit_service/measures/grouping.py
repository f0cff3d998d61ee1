"""The tallies of a span of time, told apart as a report asks. Must not know how they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from attrs import frozen

from crmkit import CrmSession, Input, InvalidInput, Moment, Period, Problem, texts
from crmkit_service.measures.figures import Tally, add
from crmkit_service.measures.reading import BY, By, Told, Working, key_of, labels_of, span, titles_of, told_between

_ = texts("crmkit_service")

Divided = Annotated[By, Input(title=_("By"), choices=BY, classified="internal")]
PeriodField = Annotated[Period, Input(title=_("Period"), classified="internal")]
Dimension = Annotated[
    str,
    Input(
        title=_("Dimension"),
        help=_("Whose labels, where it is told apart by labels of customers."),
        max_length=60,
        classified="internal",
    ),
]
HoldDays = Annotated[
    int,
    Input(title=_("Held after (days)"), minimum=1, maximum=365, classified="internal"),
]


@frozen(kw_only=True)
class MeasureParameters:
    """Over which days, told apart by what, and after how many days without being reopened a solution has held."""

    period: PeriodField
    by: Divided = "team"
    dimension: Dimension = ""
    holds: HoldDays = 7


@frozen(kw_only=True)
class Grouped:
    """The tallies of a span by their keys, the titles of these, and the tally of all of it."""

    tallies: Mapping[str, Tally]
    titles: Mapping[str, str]
    whole: Tally

    def in_order(self) -> list[tuple[str, str, Tally]]:
        """Return key, title and tally of each group, the largest first."""
        found = [(key, self.titles.get(key, key), tally) for key, tally in self.tallies.items()]
        return sorted(found, key=lambda each: (-each[2].opened - each[2].solved, each[1], each[0]))


def grouped(session: CrmSession, parameters: MeasureParameters, moment: Moment) -> Grouped:
    """Return the tallies of a period. Raises InvalidInput where labels are asked for without a dimension."""
    if parameters.by == "label" and not parameters.dimension:
        raise InvalidInput([Problem(InvalidInput.code, _("Name the dimension."), field="dimension")])
    labels = labels_of(session, parameters.dimension, moment) if parameters.by == "label" else {}
    first, last = span(session, parameters.period)
    key, working = key_of(parameters.by, labels), Working(session)
    tallies: dict[str, Tally] = {}
    whole = Tally()
    for told in told_between(session, first, last, moment.as_of, moment.known_at):
        for tally in (tallies.setdefault(key(told), Tally()), whole):
            _add(tally, told, first, last, moment.as_of, working, parameters.holds)
    kept = {name: tally for name, tally in tallies.items() if is_told(tally)}
    return Grouped(tallies=kept, titles=titles_of(session, parameters.by, kept), whole=whole)


def tally_of(session: CrmSession, period: Period, moment: Moment, *, holds: int = 7) -> Tally:
    """Return the tally of all cases of a period."""
    return grouped(session, MeasureParameters(period=period, by="all", holds=holds), moment).whole


def is_told(tally: Tally) -> bool:
    """Say whether anything of a group falls into the span."""
    return bool(tally.opened or tally.solved or tally.answered or tally.later or tally.ratings or tally.backlog)


Step = Literal["day", "week", "month"]
STEPS: Mapping[str, str] = {"day": _("Day"), "week": _("Week"), "month": _("Month")}


def steps(period: Period, step: str) -> list[Period]:
    """Return the days, weeks (from Monday) or months of a period; the first and the last one are cut where it is."""
    found: list[Period] = []
    day = period.first
    while day <= period.last:
        last = min(_last_of(day, step), period.last)
        found.append(Period(first=day, last=last))
        day = last + timedelta(days=1)
    return found


def _last_of(day: date, step: str) -> date:
    if step == "day":
        return day
    if step == "week":
        return day + timedelta(days=6 - day.weekday())
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def stepped(session: CrmSession, periods: Sequence[Period], moment: Moment, *, holds: int = 7) -> list[Tally]:
    """Return the tally of each of several periods that follow each other, over one reading of the log."""
    if not periods:
        return []
    spans = [span(session, each) for each in periods]
    tallies = [Tally() for _each in spans]
    working = Working(session)
    for told in told_between(session, spans[0][0], spans[-1][1], moment.as_of, moment.known_at):
        for tally, (first, last) in zip(tallies, spans, strict=True):
            if first < moment.as_of:
                _add(tally, told, first, last, moment.as_of, working, holds)
    return tallies


def _add(
    tally: Tally, told: Told, first: datetime, last: datetime, until: datetime, working: Working, holds: int
) -> None:
    add(tally, told.story, first, last, until, working.of(told.story.team), holds=timedelta(days=holds))
