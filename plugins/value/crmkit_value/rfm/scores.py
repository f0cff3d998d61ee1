"""Scores of recency, frequency and value: boundaries by quantiles or one's own, a stated rule for ties, and a map of
names. Arithmetic over plain lists. Must not know the database.

Two rules for values at a boundary are in use by others, and both are here: with ``half_open`` parts are [lower, upper),
a value that equals a boundary belongs above it; with ``strictly_below`` it belongs below. Quantiles interpolate
linearly. Recency counts days, of which few are good: its score is turned round.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import floor
from typing import Any, Literal

from attrs import field, frozen

from crmkit import InvalidInput, texts

_ = texts("crmkit_value")

Ties = Literal["half_open", "strictly_below"]
SCORES = ("recency", "frequency", "monetary")
LEAST_BINS, MOST_BINS = 3, 10


@frozen(kw_only=True)
class Named:
    """A segment: its name, its title, and from which to which score of each kind it reaches, both included."""

    name: str
    title: str
    recency: tuple[int, int]
    frequency: tuple[int, int]
    monetary: tuple[int, int]

    def holds(self, recency: int, frequency: int, monetary: int) -> bool:
        """Return whether three scores belong to the segment."""
        return (
            self.recency[0] <= recency <= self.recency[1]
            and self.frequency[0] <= frequency <= self.frequency[1]
            and self.monetary[0] <= monetary <= self.monetary[1]
        )


def _named(name: str, title: str, *spans: tuple[int, int]) -> Named:
    return Named(name=name, title=title, recency=spans[0], frequency=spans[1], monetary=spans[2])


OTHERS = "others"
OTHERS_TITLE = _("Others")
SEGMENTS = (
    _named("champions", _("Champions"), (4, 5), (4, 5), (4, 5)),
    _named("loyal", _("Loyal customers"), (2, 5), (3, 5), (3, 5)),
    _named("potential_loyal", _("Potentially loyal"), (3, 5), (1, 3), (1, 3)),
    _named("new", _("New customers"), (4, 5), (1, 1), (1, 1)),
    _named("promising", _("Promising"), (3, 4), (1, 1), (1, 1)),
    _named("need_attention", _("Need attention"), (2, 3), (2, 3), (2, 3)),
    _named("about_to_sleep", _("About to sleep"), (2, 3), (1, 2), (1, 2)),
    _named("at_risk", _("At risk"), (1, 2), (2, 5), (2, 5)),
    _named("cannot_lose", _("Not to be lost"), (1, 1), (4, 5), (4, 5)),
    _named("lost", _("Lost"), (1, 2), (1, 2), (1, 2)),
)
"""The usual map of names over five parts; the first that matches counts."""


@frozen(kw_only=True)
class Boundaries:
    """Ascending boundaries between the parts of each score, one fewer than there are parts."""

    recency: tuple[float, ...] = field(converter=tuple)
    frequency: tuple[float, ...] = field(converter=tuple)
    monetary: tuple[float, ...] = field(converter=tuple)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of values in ascending order, interpolated linearly between the two next to it."""
    place = (len(ordered) - 1) * share
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def boundaries_of(values: Sequence[float], bins: int) -> tuple[float, ...]:
    """Return the boundaries that part values into so many parts by quantiles."""
    ordered = sorted(values)
    return tuple(quantile(ordered, part / bins) for part in range(1, bins)) if ordered else ()


def score(value: float, boundaries: Sequence[float], ties: Ties) -> int:
    """Return the number of the part a value belongs to, 1 for the lowest."""
    return 1 + (bisect_right if ties == "half_open" else bisect_left)(boundaries, value)


def recency_score(days: float, boundaries: Sequence[float], ties: Ties) -> int:
    """Return the score of days since the last purchase: the fewer the higher."""
    return len(boundaries) + 2 - score(days, boundaries, ties)


def segment_of(recency: int, frequency: int, monetary: int, segments: Sequence[Named] = SEGMENTS) -> str:
    """Return the name of the first segment that three scores belong to, else `OTHERS`."""
    found = (each.name for each in segments if each.holds(recency, frequency, monetary))
    return next(found, OTHERS)


def checked_boundaries(given: Mapping[str, Any], bins: int) -> dict[str, list[float]]:
    """Return own boundaries as numbers. Raises InvalidInput for a score that there is not, a wrong number of them, or
    ones that do not ascend."""
    found: dict[str, list[float]] = {}
    for name, values in given.items():
        if name not in SCORES:
            raise InvalidInput(_("There is no score {name}; there are {known}."), name=name, known=", ".join(SCORES))
        try:
            numbers = [float(each) for each in values]
        except (TypeError, ValueError):
            raise InvalidInput(_("The boundaries of {name} are no numbers."), name=name) from None
        if len(numbers) != bins - 1 or any(later <= one for one, later in pairwise(numbers)):
            raise InvalidInput(_("The score {name} needs {count} boundaries that ascend."), name=name, count=bins - 1)
        found[name] = numbers
    return found


def segments_of(given: Sequence[Mapping[str, Any]], bins: int) -> tuple[Named, ...]:
    """Return the map of names: the one that was given, else the usual one (spread over as many parts as there are).

    Raises InvalidInput for a segment without a name or with scores that there are not.
    """
    if not given:
        return tuple(_spread(each, bins) for each in SEGMENTS)
    return tuple(_read(each, bins) for each in given)


def _read(given: Mapping[str, Any], bins: int) -> Named:
    name = str(given.get("name") or "").strip()
    if not name or len(name) > 40:
        raise InvalidInput(_("Each segment needs a name of at most 40 characters."))
    spans: list[tuple[int, int]] = []
    for each in SCORES:
        value = given.get(each, (1, bins))
        try:
            low, high = (int(value[0]), int(value[1])) if not isinstance(value, int) else (value, value)
        except (TypeError, ValueError, IndexError, KeyError):
            raise _wrong(name, each, bins) from None
        if not 1 <= low <= high <= bins:
            raise _wrong(name, each, bins)
        spans.append((low, high))
    return _named(name, str(given.get("title") or name)[:120], *spans)


def _wrong(name: str, score_name: str, bins: int) -> InvalidInput:
    return InvalidInput(
        _("The segment {name} has to say from which to which score of {score} it reaches, from 1 to {bins}."),
        name=name,
        score=score_name,
        bins=bins,
    )


def _spread(of: Named, bins: int) -> Named:
    """Return a segment of the usual map over another number of parts."""
    if bins == 5:
        return of

    def span(given: tuple[int, int]) -> tuple[int, int]:
        low = 1 + (given[0] - 1) * bins // 5
        return low, max(low, given[1] * bins // 5)

    return Named(
        name=of.name,
        title=of.title,
        recency=span(of.recency),
        frequency=span(of.frequency),
        monetary=span(of.monetary),
    )
