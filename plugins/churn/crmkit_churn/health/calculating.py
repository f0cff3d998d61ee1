"""The points of a customer by measures in groups: what is not known or too old counts for nothing, neither way.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Measure:
    """A figure between ``worst`` (0 points) and ``best`` (100 points); ``worst`` may be the larger one.

    ``value`` is an expression; ``as_of`` one for the day from which it is, older than ``stale_days`` it does not count.
    """

    title: str
    value: str
    worst: float
    best: float
    weight: float = 1.0
    as_of: str = ""
    stale_days: int = 0

    def points(self, value: float | None, age: float | None = None) -> float | None:
        """Return 0 to 100, or None for what is not known or too old; ``age`` is in days."""
        if value is None or (self.stale_days and self.as_of and (age is None or age > self.stale_days)):
            return None
        if self.best == self.worst:
            return None
        return 100 * min(max((value - self.worst) / (self.best - self.worst), 0.0), 1.0)


@frozen(kw_only=True)
class Group:
    """Measures of one kind, with the weight that they have together."""

    title: str
    measures: tuple[Measure, ...] = field(converter=tuple)
    weight: float = 1.0


@frozen(kw_only=True)
class Part:
    """What one group gave: its points (None where nothing of it is known) and those of its measures by title."""

    title: str
    points: float | None
    measures: Mapping[str, float | None]


@frozen(kw_only=True)
class Health:
    """The points of a customer, 0 to 100, None where nothing is known; ``known`` is the weight that could be judged."""

    points: float | None
    known: float
    parts: tuple[Part, ...] = field(converter=tuple)

    def document(self) -> list[dict[str, Any]]:
        """Return the parts as plain names and numbers."""
        return [
            {"title": each.title, "points": _rounded(each.points), "measures": _all(each.measures)}
            for each in self.parts
        ]


Lookup = Callable[[str], float | None]


def health_of(groups: Sequence[Group], lookup: Lookup) -> Health:
    """Return the points of a customer: the mean of the groups of which anything is known, by their weights, and in each
    that of its measures. ``lookup`` gives the value of an expression; of a day, how many days ago it was."""
    parts: list[Part] = []
    for group in groups:
        found = {m.title: m.points(lookup(m.value), lookup(m.as_of) if m.as_of else None) for m in group.measures}
        known = [(m.weight, found[m.title]) for m in group.measures]
        parts.append(Part(title=group.title, points=_mean(known), measures=found))
    pairs = [(group.weight, part.points) for group, part in zip(groups, parts, strict=True)]
    whole = sum(weight for weight, _points in pairs)
    known_weight = sum(weight for weight, points in pairs if points is not None)
    return Health(points=_mean(pairs), known=known_weight / whole if whole else 0.0, parts=parts)


def groups_of(document: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Return the groups that were kept as a document."""
    return [Group(**{**each, "measures": [Measure(**measure) for measure in each["measures"]]}) for each in document]


def _mean(pairs: Sequence[tuple[float, float | None]]) -> float | None:
    known = [(weight, points) for weight, points in pairs if points is not None and weight > 0]
    total = sum(weight for weight, _points in known)
    return sum(weight * points for weight, points in known) / total if total else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _all(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: _rounded(value) for name, value in values.items()}
