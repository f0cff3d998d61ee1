"""Scores by the book: points for what somebody is, and points that fade for what somebody did.

    score = fit + sum over what happened of points * 2 ** (-age / half-life)

Pure computation over frozen values; must not know databases. Each line is rounded to two places, half to even, and the
score is the sum of its lines: so every point has its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import attrs
from attrs import frozen

DAY = timedelta(days=1)
HUNDREDTH = Decimal("0.01")
HALF_LIVES = 20
"""After so many half-lives nothing is left of what happened: less than a millionth."""


@frozen(kw_only=True)
class Fit:
    """Points for what somebody is: who meets the condition gets them. ``words`` say why."""

    words: str
    condition: str
    points: Decimal


@frozen(kw_only=True)
class Behaviour:
    """Points for what somebody did: for each interaction of a kind, by a channel, in a direction, with an outcome, as
    far as these are said, for which the condition holds.

    After ``half_life_days`` half of the points are left; without it they stay. ``most_recent`` counts only the last so
    many, and ``cap`` is what the criterion gives at most, to either side.
    """

    words: str
    points: Decimal
    kind: str = ""
    channel: str = ""
    direction: str = ""
    outcome: str = ""
    condition: str = ""
    half_life_days: Decimal | None = Decimal(30)
    most_recent: int | None = None
    cap: Decimal | None = None

    @property
    def horizon(self) -> timedelta | None:
        """Return how far back it is worth looking, or None where nothing fades."""
        return None if self.half_life_days is None else float(self.half_life_days) * HALF_LIVES * DAY


@frozen(kw_only=True)
class Definition:
    """What a version of a model says: who is scored, what gives points, and where warm and hot begin."""

    among: str
    fit: tuple[Fit, ...] = attrs.field(default=(), converter=tuple)
    behaviour: tuple[Behaviour, ...] = attrs.field(default=(), converter=tuple)
    warm: Decimal = Decimal(20)
    hot: Decimal = Decimal(50)
    margin: Decimal = Decimal(5)


@frozen(kw_only=True)
class Line:
    """Why there are points: the words of the criterion, how many interactions count, and when the last of them was."""

    words: str
    points: Decimal
    count: int = 0
    last_at: datetime | None = None


@frozen(kw_only=True)
class Scored:
    """A score with its lines, of which none is nothing."""

    lines: tuple[Line, ...] = attrs.field(default=(), converter=tuple)

    @property
    def points(self) -> Decimal:
        """Return the sum of the lines."""
        return sum((line.points for line in self.lines), Decimal(0))


def remaining(points: Decimal, age: timedelta, half_life_days: Decimal | None) -> float:
    """Return what is left of points for something that happened so long ago; nothing fades without a half-life."""
    if half_life_days is None:
        return float(points)
    return float(points) * 2.0 ** (-(age / DAY) / float(half_life_days))


def behaved(criterion: Behaviour, happened: Sequence[datetime], as_of: datetime) -> Line:
    """Return the line of a criterion for the instants at which something happened; what is later than ``as_of`` does
    not count."""
    counted = sorted((at for at in happened if at <= as_of), reverse=True)[: criterion.most_recent]
    total = Decimal(sum(remaining(criterion.points, as_of - at, criterion.half_life_days) for at in counted))
    if criterion.cap is not None:
        total = max(-criterion.cap, min(criterion.cap, total))
    return Line(
        words=criterion.words,
        points=rounded(total),
        count=len(counted),
        last_at=counted[0] if counted else None,
    )


def scored(
    definition: Definition, fits: Sequence[bool], happened: Mapping[int, Sequence[datetime]], as_of: datetime
) -> Scored:
    """Return a score: ``fits`` says of each criterion of fit whether it holds, ``happened`` has by the place of each
    criterion of behaviour when it did."""
    lines = [
        Line(words=each.words, points=rounded(each.points))
        for each, holds in zip(definition.fit, fits, strict=True)
        if holds
    ]
    lines += [
        behaved(each, happened[place], as_of) for place, each in enumerate(definition.behaviour) if place in happened
    ]
    return Scored(lines=[line for line in lines if line.points])


def rounded(points: Decimal) -> Decimal:
    """Return points with two places, half to even."""
    return points.quantize(HUNDREDTH, rounding=ROUND_HALF_EVEN)


def label_for(points: Decimal, definition: Definition, before: str = "cold") -> str:
    """Return the label for a score. A threshold that is reached is crossed; back under it goes only who has fallen the
    margin below, so that nobody goes to and fro."""
    warm, hot = definition.warm, definition.hot
    if before in ("warm", "hot"):
        warm -= definition.margin
    if before == "hot":
        hot -= definition.margin
    return "hot" if points >= hot else "warm" if points >= warm else "cold"
