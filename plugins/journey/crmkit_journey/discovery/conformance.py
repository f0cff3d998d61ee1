"""How far what really happened agrees with what was expected: fitness, and the deviations with their counts.

Two kinds of expectation: an order of steps, each a set of activities, and a list of what may directly follow what.
Fitness is the share of events that the expectation explains. Must not know databases, maps or pages.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from attrs import field, frozen

from crmkit_journey.discovery.mining import Trace

Wrong = Literal["unexpected", "out_of_order", "skipped", "not_allowed", "wrong_start", "wrong_end"]


@frozen(kw_only=True)
class Step:
    """A step that is expected: its name, and the activities that count as it."""

    name: str
    activities: frozenset[str] = field(converter=frozenset)


@frozen(kw_only=True)
class Deviation:
    """What went otherwise: ``what`` is an activity, a step, or two activities in their order; how often it happened
    (``count``) and in how many cases."""

    wrong: Wrong
    what: tuple[str, ...]
    count: int
    cases: int


@frozen(kw_only=True)
class Conformance:
    """How many events there are and how many are explained; how many cases, and how many without a deviation."""

    events: int
    explained: int
    cases: int
    fitting: int
    deviations: tuple[Deviation, ...]

    @property
    def fitness(self) -> float | None:
        """Return the share of events that are explained, 0 to 1; None where there are none."""
        return self.explained / self.events if self.events else None


class _Tally:
    def __init__(self) -> None:
        self.events = self.explained = self.cases = self.fitting = 0
        self.counts: Counter[tuple[Wrong, tuple[str, ...]]] = Counter()
        self.within: Counter[tuple[Wrong, tuple[str, ...]]] = Counter()

    def add(self, events: int, explained: int, found: Sequence[tuple[Wrong, tuple[str, ...]]]) -> None:
        self.events, self.explained, self.cases = self.events + events, self.explained + explained, self.cases + 1
        self.fitting += not found
        self.counts.update(found)
        self.within.update(set(found))

    def result(self) -> Conformance:
        deviations = tuple(
            Deviation(wrong=key[0], what=key[1], count=count, cases=self.within[key])
            for key, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        )
        return Conformance(
            events=self.events, explained=self.explained, cases=self.cases, fitting=self.fitting, deviations=deviations
        )


def in_order(traces: Iterable[Trace], steps: Sequence[Step]) -> Conformance:
    """Hold traces against an order of steps.

    Of each trace the longest part is explained in which steps never go back; a step may be repeated, and a case may end
    early. What remains is "unexpected" (an activity of no step) or "out_of_order"; a step that was passed over on the
    way to the last explained one is "skipped".
    """
    tally = _Tally()
    known = {name for step in steps for name in step.activities}
    for trace in traces:
        names = trace.activities
        places = _explained(names, steps)
        found: list[tuple[Wrong, tuple[str, ...]]] = [
            ("out_of_order" if name in known else "unexpected", (name,))
            for name, place in zip(names, places, strict=True)
            if place is None
        ]
        reached = {place for place in places if place is not None}
        found.extend(
            ("skipped", (steps[each].name,)) for each in range(max(reached, default=-1)) if each not in reached
        )
        tally.add(len(names), sum(place is not None for place in places), found)
    return tally.result()


def _explained(names: Sequence[str], steps: Sequence[Step]) -> list[int | None]:
    """Return for each event the step that explains it: the most events, and of equals the earliest steps."""
    # most[i][k]: the most of the events from i on that steps from k on explain.
    size = len(steps)
    most = [[0] * (size + 1) for _each in range(len(names) + 1)]
    for place in range(len(names) - 1, -1, -1):
        for step in range(size - 1, -1, -1):
            taken = 1 + most[place + 1][step] if names[place] in steps[step].activities else 0
            most[place][step] = max(taken, most[place + 1][step], most[place][step + 1])
    found: list[int | None] = []
    least = 0
    for place, name in enumerate(names):
        best = next(
            (
                step
                for step in range(least, size)
                if name in steps[step].activities and 1 + most[place + 1][step] == most[place][least]
            ),
            None,
        )
        found.append(best)
        least = least if best is None else best
    return found


def by_follows(
    traces: Iterable[Trace],
    allowed: Collection[tuple[str, str]],
    *,
    starts: Collection[str] | None = None,
    ends: Collection[str] | None = None,
) -> Conformance:
    """Hold traces against what may directly follow what.

    An event is explained where it may follow the one before it, and a first event where cases may start so. ``starts``
    and ``ends`` are the activities with which cases may begin and end; None for any. A wrong end is a deviation of the
    case, and leaves its event explained.
    """
    tally = _Tally()
    pairs = frozenset(allowed)
    for trace in traces:
        names = trace.activities
        found: list[tuple[Wrong, tuple[str, ...]]] = [
            ("not_allowed", pair) for pair in itertools.pairwise(names) if pair not in pairs
        ]
        if starts is not None and names[0] not in starts:
            found.append(("wrong_start", names[:1]))
        explained = len(names) - len(found)
        if ends is not None and names[-1] not in ends:
            found.append(("wrong_end", names[-1:]))
        tally.add(len(names), explained, found)
    return tally.result()
