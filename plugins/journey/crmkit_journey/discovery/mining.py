"""Process mining over traces: what happened after what, how often, and how long it took.

A trace is one case's events in their order. Frequencies follow W. van der Aalst, "Process Mining: Data Science in
Action" (2nd edition, 2016): a variant is a sequence of activities, and one activity directly follows another where it
is the next event of the same case. Must not know databases, customers or pages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import floor, fsum

from attrs import field, frozen

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The parts of cases at which throughput is given."""


@frozen(kw_only=True)
class Happening:
    """An event of a case: what was done, when (an instant), and what came of it where that is known."""

    activity: str
    at: datetime
    outcome: str | None = None


@frozen(kw_only=True)
class Trace:
    """A case and its events, in the order in which they happened; at least one."""

    case: str
    events: tuple[Happening, ...] = field(converter=tuple)

    @property
    def activities(self) -> tuple[str, ...]:
        """Return what was done, in its order."""
        return tuple(each.activity for each in self.events)

    @property
    def seconds(self) -> float:
        """Return the time from the first event to the last, in seconds."""
        return (self.events[-1].at - self.events[0].at).total_seconds()


@frozen(kw_only=True)
class Activity:
    """An activity: how often it happened, in how many cases, in how many of these more than once (``rework``), how many
    cases began and ended with it, and its mean place in a case (0 the beginning)."""

    name: str
    count: int
    cases: int
    rework: int
    starts: int
    ends: int
    place: float


@frozen(kw_only=True)
class Edge:
    """One activity directly followed by another: how often, and the time between in seconds (mean and median)."""

    source: str
    target: str
    count: int
    mean: float
    median: float


@frozen(kw_only=True)
class Variant:
    """A sequence of activities, the number of cases that went so, and their median throughput in seconds."""

    activities: tuple[str, ...]
    count: int
    share: float
    median: float


@frozen(kw_only=True)
class Spread:
    """Durations in seconds: mean, least, most, and quantiles by the part of cases that took no longer. All are None
    where there are no cases."""

    mean: float | None
    least: float | None
    most: float | None
    quantiles: tuple[tuple[float, float], ...] = ()

    def at(self, share: float) -> float | None:
        """Return one of the quantiles, None where there is none."""
        return dict(self.quantiles).get(share)

    @property
    def median(self) -> float | None:
        """Return the middle duration, in seconds."""
        return self.at(0.5)


@frozen(kw_only=True)
class Findings:
    """What was found: activities, variants and edges, each with the most frequent first, and throughput."""

    cases: int
    events: int
    activities: tuple[Activity, ...]
    variants: tuple[Variant, ...]
    edges: tuple[Edge, ...]
    throughput: Spread
    first_at: datetime | None
    last_at: datetime | None
    longest: int
    """Events of the case that has most."""

    @property
    def starts(self) -> dict[str, int]:
        """Return how many cases began with which activity, the most frequent first."""
        found = {each.name: each.starts for each in self.activities if each.starts}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def ends(self) -> dict[str, int]:
        """Return how many cases ended with which activity, the most frequent first."""
        found = {each.name: each.ends for each in self.activities if each.ends}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of values in ascending order, interpolated linearly (Hyndman and Fan 1996, type 7)."""
    place = (len(ordered) - 1) * share
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Iterable[float]) -> Spread:
    """Return mean, extremes and quantiles of durations in seconds."""
    ordered = sorted(values)
    if not ordered:
        return Spread(mean=None, least=None, most=None)
    return Spread(
        mean=fsum(ordered) / len(ordered),
        least=ordered[0],
        most=ordered[-1],
        quantiles=tuple((share, quantile(ordered, share)) for share in SHARES),
    )


def mine(traces: Iterable[Trace]) -> Findings:
    """Return what traces show. Of what is equally frequent the first by the alphabet comes first."""
    counts: Counter[str] = Counter()
    within: Counter[str] = Counter()
    rework: Counter[str] = Counter()
    starts: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    places: dict[str, list[int]] = defaultdict(list)
    between: dict[tuple[str, str], list[float]] = defaultdict(list)
    ways: dict[tuple[str, ...], list[float]] = defaultdict(list)
    cases = events = longest = 0
    first: datetime | None = None
    last: datetime | None = None
    for trace in traces:
        names = trace.activities
        cases, events, longest = cases + 1, events + len(names), max(longest, len(names))
        first = trace.events[0].at if first is None else min(first, trace.events[0].at)
        last = trace.events[-1].at if last is None else max(last, trace.events[-1].at)
        starts[names[0]] += 1
        ends[names[-1]] += 1
        for place, name in enumerate(names):
            places[name].append(place)
        for name, number in Counter(names).items():
            counts[name] += number
            within[name] += 1
            rework[name] += number > 1
        for one, two in zip(trace.events, trace.events[1:], strict=False):
            between[one.activity, two.activity].append((two.at - one.at).total_seconds())
        ways[names].append(trace.seconds)
    return Findings(
        cases=cases,
        events=events,
        activities=tuple(
            Activity(
                name=name, count=number, cases=within[name], rework=rework[name], starts=starts[name],
                ends=ends[name], place=sum(places[name]) / len(places[name]),
            )
            for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ),
        variants=tuple(
            Variant(activities=way, count=len(took), share=len(took) / cases, median=quantile(sorted(took), 0.5))
            for way, took in sorted(ways.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        edges=tuple(
            Edge(
                source=source, target=target, count=len(took), mean=fsum(took) / len(took),
                median=quantile(sorted(took), 0.5),
            )
            for (source, target), took in sorted(between.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        throughput=spread(took for way in ways.values() for took in way),
        first_at=first,
        last_at=last,
        longest=longest,
    )  # fmt: skip
