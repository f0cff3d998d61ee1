"""Grades A, B and C: by cumulative share of the whole, by parts of the customers, or by amounts; with hysteresis.

Arithmetic over plain values. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, TypeVar

from crmkit import InvalidInput, texts

_ = texts("crmkit_value")

GRADES = ("A", "B", "C")
USUAL = {"abc": ("80", "95"), "quantile": ("20", "50"), "absolute": ("1000000", "100000")}
"""The usual boundaries of each way: percent, percent, minor units."""
Who = TypeVar("Who")


def checked_cuts(given: Sequence[Any], grading: str) -> tuple[Decimal, Decimal]:
    """Return the two boundaries of a way of grading, the usual ones where none are given. Raises InvalidInput for any
    other number of them, ones in the wrong order, or percent that are none."""
    cuts = list(given) or list(USUAL[grading])
    try:
        numbers = [Decimal(str(each)) for each in cuts]
    except InvalidOperation:
        raise _wrong(grading) from None
    ordered = numbers if grading != "absolute" else numbers[::-1]
    percent = grading != "absolute" and any(not 0 < each < 100 for each in numbers)
    if len(numbers) != len(GRADES) - 1 or percent or any(later <= one for one, later in pairwise(ordered)):
        raise _wrong(grading)
    return numbers[0], numbers[1]


def thresholds(values: Sequence[int], grading: str, cuts: tuple[Decimal, Decimal]) -> tuple[int | None, int | None]:
    """Return from which value on a customer is A, and from which on B; None where nobody is.

    ``abc``: the fewest customers of the highest values whose sum reaches the share of the positive whole; ``quantile``:
    that share of the customers; ``absolute``: the boundary itself. Customers of equal value get the same grade.
    """
    if grading == "absolute":
        return int(cuts[0]), int(cuts[1])
    ordered = sorted(values, reverse=True)
    if not ordered:
        return None, None
    found: list[int | None] = []
    positive = [each for each in ordered if each > 0]
    whole = sum(positive)
    for cut in cuts:
        if grading == "quantile":
            count = max(1, round(len(ordered) * float(cut) / 100))
            found.append(ordered[count - 1])
            continue
        sofar, edge = 0, None
        for value in positive:
            sofar += value
            edge = value
            if sofar * 100 >= whole * cut:
                break
        found.append(edge)
    return found[0], found[1]


def grade(value: int, limits: tuple[int | None, int | None]) -> str:
    """Return the grade of a value."""
    for name, limit in zip(GRADES, limits, strict=False):
        if limit is not None and value >= limit:
            return name
    return GRADES[-1]


def graded(
    values: Mapping[Who, int], limits: tuple[int | None, int | None], former: Mapping[Who, str], margin: Decimal
) -> dict[Who, str]:
    """Return the grade of each customer: who had one keeps it while the value is within ``margin`` percent of the
    boundary between it and the new one."""
    found: dict[Who, str] = {}
    for who, value in values.items():
        now, was = grade(value, limits), former.get(who)
        found[who] = now if was is None or was == now or was not in GRADES else _kept(value, was, now, limits, margin)
    return found


def _kept(value: int, was: str, now: str, limits: tuple[int | None, int | None], margin: Decimal) -> str:
    """Return the grade next to the former one, in the direction of the new, beyond whose boundary the value has not
    gone far enough; else the new one."""
    step = 1 if GRADES.index(now) > GRADES.index(was) else -1
    place = GRADES.index(was)
    while GRADES[place] != now:
        limit = limits[place if step > 0 else place - 1]
        if limit is not None:
            room = abs(limit) * margin / 100
            beyond = value < limit - room if step > 0 else value >= limit + room
            if not beyond:
                break
        place += step
    return GRADES[place]


def gini(values: Sequence[int]) -> float | None:
    """Return Gini's coefficient of values, 0 (all equal) to near 1 (one has all); negative ones count as nought. None
    where there is nothing to share."""
    ordered = sorted(max(0, each) for each in values)
    whole, count = sum(ordered), len(ordered)
    if not whole:
        return None
    weighted = sum(place * each for place, each in enumerate(ordered, 1))
    return 2 * weighted / (count * whole) - (count + 1) / count


def top_share(values: Sequence[int], share: float) -> float | None:
    """Return which part of the whole the best ``share`` of the customers have, both 0 to 1; the number of customers is
    rounded up. None where there is nothing to share."""
    ordered = sorted((max(0, each) for each in values), reverse=True)
    whole = sum(ordered)
    if not whole:
        return None
    count = -int(-len(ordered) * share // 1)
    return sum(ordered[:count]) / whole


def curve(values: Sequence[int], points: int = 50) -> list[tuple[float, float]]:
    """Return the curve of concentration: for shares of the customers, the best first, their share of the whole."""
    ordered = sorted((max(0, each) for each in values), reverse=True)
    whole = sum(ordered)
    if not whole:
        return []
    found, sofar, count = [(0.0, 0.0)], 0, len(ordered)
    marks = {round(count * step / points) for step in range(1, points + 1)}
    for place, value in enumerate(ordered, 1):
        sofar += value
        if place in marks:
            found.append((place / count, sofar / whole))
    return found


def migration(before: Mapping[Who, str], now: Mapping[Who, str], names: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return how many went from which grade to which; ``""`` stands for who had none, or has none."""
    found: dict[tuple[str, str], int] = {}
    for who in {**before, **now}:
        pair = before.get(who, ""), now.get(who, "")
        if pair[0] in (*names, "") and pair[1] in (*names, ""):
            found[pair] = found.get(pair, 0) + 1
    return found


def next_value(
    moves: Mapping[tuple[str, str], int], means: Mapping[str, float], names: Sequence[str]
) -> dict[str, float]:
    """Return what a customer of each grade is expected to be worth next time, by the moves of the last one: the mean of
    each grade weighted by where its customers went; who left counts nought."""
    found: dict[str, float] = {}
    for name in names:
        left = {to: count for (start, to), count in moves.items() if start == name}
        whole = sum(left.values())
        if whole:
            found[name] = sum(count * means.get(to, 0.0) for to, count in left.items()) / whole
    return found


def _wrong(grading: str) -> InvalidInput:
    return InvalidInput(
        _("Grades need two boundaries: {usual} are the usual ones."),
        fix=_("Percent ascend, amounts descend: the first is that of grade A."),
        usual=", ".join(USUAL[grading]),
    )
