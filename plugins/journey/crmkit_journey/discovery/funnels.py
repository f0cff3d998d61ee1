"""Steps that cases are expected to reach one after the other, and what those do instead who do not go on.

Must not know databases or pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import Factory, define, frozen

from crmkit_journey.discovery.mining import Happening, Trace

IDLE_DAYS = 30
"""After so many days without an event a case is said to have gone silent."""


@frozen(kw_only=True)
class Reached:
    """A step: how many cases came so far, and of those who did not go on (``dropped``) what they did next (``then``,
    None for nothing), how their case ended (``ended``: the outcome of its last event, else its activity), and how many
    have had no event for some days (``silent``)."""

    step: str
    cases: int
    dropped: int
    then: tuple[tuple[str | None, int], ...]
    ended: tuple[tuple[str, int], ...]
    silent: int


@define
class _Tally:
    cases: int = 0
    dropped: int = 0
    silent: int = 0
    then: Counter[str | None] = Factory(Counter)
    ended: Counter[str] = Factory(Counter)


def funnel(
    traces: Iterable[Trace], steps: Sequence[str], now: datetime, *, idle_days: int = IDLE_DAYS
) -> tuple[Reached, ...]:
    """Return how many cases reach each step, in the order given; other events may come between.

    A step is reached at its first event after that of the step before. ``now`` is when silence ends. Who reaches the
    last step has not dropped out.
    """
    tallies = [_Tally() for _step in steps]
    for trace in traces:
        last, reached = -1, 0
        for place, each in enumerate(trace.events):
            if reached < len(steps) and each.activity == steps[reached]:
                last, reached = place, reached + 1
        for tally in tallies[:reached]:
            tally.cases += 1
        if 0 < reached < len(steps):
            _drop(tallies[reached - 1], trace.events, last, now - timedelta(days=idle_days))
    return tuple(
        Reached(
            step=step,
            cases=tally.cases,
            dropped=tally.dropped,
            then=tuple(sorted(tally.then.items(), key=lambda item: (-item[1], item[0] or ""))),
            ended=tuple(sorted(tally.ended.items(), key=lambda item: (-item[1], item[0]))),
            silent=tally.silent,
        )
        for step, tally in zip(steps, tallies, strict=True)
    )


def _drop(tally: _Tally, events: Sequence[Happening], last: int, idle_since: datetime) -> None:
    end = events[-1]
    tally.dropped += 1
    tally.then[events[last + 1].activity if last + 1 < len(events) else None] += 1
    tally.ended[end.outcome or end.activity] += 1
    tally.silent += end.at < idle_since
