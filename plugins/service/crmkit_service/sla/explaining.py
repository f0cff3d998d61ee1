"""Why a deadline is when it is: every stretch of time of a clock as a line, with what was left after it.

Pure; must not know the database, nor the language of whoever reads it: lines have marked texts with fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from crmkit import texts
from crmkit_service.sla.folding import ClockState
from crmkit_service.sla.spans import ZERO, Span
from crmkit_service.sla.terms import format_amount
from crmkit_service.sla.words import CASE_STATES, TRIGGERS

_ = texts("crmkit_service")

MOST = 60
"""Most lines for one stretch; of what is more the middle is summed up."""


@frozen(kw_only=True)
class Line:
    """One line of an explanation: from when until when, what it was (``started``, ``counted``, ``closed``, ``paused``,
    ``target``, ``due``, ``ended``), as a text with fields, the seconds that counted and those that were left after it.
    """

    at: datetime
    until: datetime | None
    kind: str
    text: str
    values: Mapping[str, Any] = field(factory=dict[str, Any])
    counted: int = 0
    remaining: int = 0


def explain(clock: ClockState, now: datetime) -> tuple[Line, ...]:
    """Return the lines of a clock in the order of time: from its start by every stretch to its end, or by what would
    follow to its deadline."""
    return tuple(_lines(clock, now))


def _lines(clock: ClockState, now: datetime) -> Iterator[Line]:
    target = timedelta(seconds=clock.target)
    left = target - clock.carried
    begun = _("Starts, as {what}: {amount} of working time by priority {priority}, policy {policy} (version {version})")
    yield Line(
        at=clock.started_at,
        until=None,
        kind="started",
        text=begun,
        values={
            "what": TRIGGERS.get(clock.started_by, clock.started_by),
            "amount": format_amount(clock.target),
            "priority": clock.priority,
            "policy": clock.policy,
            "version": clock.version,
        },
        remaining=_seconds(left),
    )
    if clock.carried:
        yield Line(
            at=clock.started_at,
            until=None,
            kind="carried",
            text=_("{amount} were used up before"),
            values={"amount": format_amount(clock.carried.total_seconds())},
            counted=_seconds(clock.carried),
            remaining=_seconds(left),
        )
    for span in clock.spans:
        end = span.end if span.end is not None else now
        for line in _of_span(span, span.start, max(end, span.start), left):
            left = timedelta(seconds=line.remaining) if line.kind == "counted" else left
            yield line
    if clock.unmet:
        yield from _ahead(clock, now, left)
    elif clock.ended_at is not None:
        yield _ended(clock, clock.ended_at)


def _of_span(span: Span, start: datetime, end: datetime, left: timedelta) -> Iterator[Line]:
    if not span.counted:
        text = _("Paused: the case is {state}")
        values = {"state": CASE_STATES.get(span.state, span.state)}
        yield Line(at=start, until=end, kind="paused", text=text, values=values, remaining=_seconds(left))
        return
    place = start
    found = list(span.worked.intervals(start, end))
    for number, (opens, closes) in enumerate(found):
        if MOST // 2 <= number < len(found) - MOST // 2:
            left -= closes - opens
            if number == len(found) - MOST // 2 - 1:
                amount = sum((b - a for a, b in found[MOST // 2 : number + 1]), ZERO)
                yield _counted(span, found[MOST // 2][0], closes, amount, left)
            place = closes
            continue
        if place < opens:
            yield _closed(span, place, opens, left)
        left -= closes - opens
        yield _counted(span, opens, closes, closes - opens, left)
        place = closes
    if place < end:
        yield _closed(span, place, end, left)


def _counted(span: Span, start: datetime, end: datetime, amount: timedelta, left: timedelta) -> Line:
    return Line(
        at=start,
        until=end,
        kind="counted",
        text=_("Counts: every second") if span.worked.calendar is None else _("Counts: working time of {calendar}"),
        values={"calendar": span.worked.name},
        counted=_seconds(amount),
        remaining=_seconds(left),
    )


def _closed(span: Span, start: datetime, end: datetime, left: timedelta) -> Line:
    return Line(
        at=start,
        until=end,
        kind="closed",
        text=_("Does not count: {calendar} is closed"),
        values={"calendar": span.worked.name},
        remaining=_seconds(left),
    )


def _ahead(clock: ClockState, now: datetime, left: timedelta) -> Iterator[Line]:
    if clock.state == "paused":
        text = _("No deadline while it is paused; {amount} are left")
        if left < ZERO:
            text = _("No deadline while it is paused; {amount} too much are used up")
        values = {"amount": format_amount(abs(left.total_seconds()))}
        yield Line(at=now, until=None, kind="due", text=text, values=values, remaining=_seconds(left))
        return
    if clock.due_at is None:
        text = _("No deadline: the calendar has not that much working time")
        yield Line(at=now, until=None, kind="due", text=text, remaining=_seconds(left))
        return
    if clock.due_at <= now:
        text = _("Was due; {amount} of working time have gone by since")
        values = {"amount": format_amount(-left.total_seconds())}
        yield Line(at=clock.due_at, until=None, kind="due", text=text, values=values, remaining=_seconds(left))
        return
    last = clock.spans[-1]
    yield from _of_span(last, now, clock.due_at, left)
    yield Line(at=clock.due_at, until=None, kind="due", text=_("Due"))


def _ended(clock: ClockState, at: datetime) -> Line:
    texts_of = {
        "met": _("Met, as {what}; {amount} were used up"),
        "missed": _("Missed: ended only now, as {what}; {amount} were used up"),
        "cancelled": _("Cancelled, as {what}"),
    }
    what = _("another policy holds") if clock.ended_by == "policy" else TRIGGERS.get(clock.ended_by, clock.ended_by)
    return Line(
        at=at,
        until=None,
        kind="ended",
        text=texts_of[clock.state],
        values={"what": what, "amount": format_amount(clock.consumed)},
        remaining=clock.remaining,
    )


def _seconds(amount: timedelta) -> int:
    return int(amount.total_seconds())


def gapless(lines: tuple[Line, ...]) -> bool:
    """Say whether the lines that have an end follow one another without a gap or an overlap."""
    stretches = [each for each in lines if each.until is not None]
    return all(before.until == after.at for before, after in pairwise(stretches))
