"""How far two postal addresses agree, as in `crmkit_quality.matching.levels`: the road with its numbers, and the town.

Each address of one record is compared with each of the other's, and the best counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crmkit_quality.matching.columns import RecordTable
from crmkit_quality.matching.levels import CLOSE, NOTHING, alike, put, unset

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]


def places(table: RecordTable) -> list[tuple[int, int]]:
    """Return which address of one record is compared with which of the other."""
    width = table.several["city"].numbers.shape[1]
    return [(left, right) for left in range(width) for right in range(width)]


def street(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, close, same road and no number, part, other number, near, different."""
    return best_place(table, a, b, _street)[0]


def locality(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """postal code and city, postal code, city and close postal code, city, close postal code, province, different."""
    return best_place(table, a, b, _locality)[0]


def best_place(
    table: RecordTable, a: Numbers, b: Numbers, compare: Callable[[RecordTable, Numbers, Numbers, int, int], Numbers]
) -> tuple[Numbers, Numbers]:
    """Return the best level of any two addresses, and which of the first record's reached it."""
    import numpy as np

    best = np.full(len(a), 99, dtype=np.int8)
    which = np.zeros(len(a), dtype=np.int8)
    for left, right in places(table):
        levels = compare(table, a, b, left, right)
        better = (levels != NOTHING) & (levels < best)
        best[better] = levels[better]
        which[better] = left
    best[best == 99] = NOTHING
    return best, which


def _part(table: RecordTable, name: str, rows: Numbers, place: int) -> Numbers:
    numbers = table.several[name].numbers
    return numbers[rows, place] if place < numbers.shape[1] else numbers[rows, 0] * 0


def _street(table: RecordTable, a: Numbers, b: Numbers, i: int, j: int) -> Numbers:
    texts = table.several["road"].vocabulary.texts
    left, right = _part(table, "road", a, i), _part(table, "road", b, j)
    one, two = _part(table, "numbers", a, i), _part(table, "numbers", b, j)
    levels = unset(len(a), 6)
    numbered = (one == two) & (one > 0)
    bare = (one == 0) | (two == 0)
    known = (left > 0) & (right > 0)
    road = known & (left == right)
    put(levels, road & (numbered | (one == 0) & (two == 0)), 0)
    put(levels, road & bare, 2)
    put(levels, road, 4)
    open_ = known & ~road
    likeness = alike(texts, left, right, open_, "words")
    put(levels, open_ & (likeness >= 85) & numbered, 1)
    put(levels, open_ & (likeness >= 85) & bare, 2)
    parts = alike(texts, left, right, open_ & (levels == 6), "parts")
    put(levels, open_ & (parts >= 90) & (numbered | bare), 3)
    put(levels, open_ & ((likeness >= 85) | (parts >= 90)), 4)
    put(levels, open_ & (likeness >= 70), 5)
    levels[~known] = NOTHING
    return levels


def _locality(table: RecordTable, a: Numbers, b: Numbers, i: int, j: int) -> Numbers:
    postal, towns = table.several["postal_code"], table.several["city"]
    left, right = _part(table, "postal_code", a, i), _part(table, "postal_code", b, j)
    one, two = _part(table, "city", a, i), _part(table, "city", b, j)
    region, other = _part(table, "province", a, i), _part(table, "province", b, j)
    levels = unset(len(a), 6)
    coded, named = (left > 0) & (right > 0), (one > 0) & (two > 0)
    code = coded & (left == right)
    likeness = alike(towns.vocabulary.texts, one, two, named & (one != two), "names")
    town = named & ((one == two) | (likeness >= CLOSE))
    put(levels, code & town, 0)
    put(levels, code, 1)
    distance = alike(postal.vocabulary.texts, left, right, coded & (left != right), "distance")
    put(levels, town & coded & (distance <= 1), 2)
    put(levels, town, 3)
    put(levels, coded & (distance <= 1), 4)
    put(levels, (region > 0) & (region == other), 5)
    levels[~(coded | named)] = NOTHING
    return levels


def place_terms(table: RecordTable, a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Return the postal code and the city of the first record's address in which two records agree best."""
    import numpy as np

    _best, which = best_place(table, a, b, _locality)
    rows = np.arange(len(a))
    return tuple(  # type: ignore[return-value]
        table.several[name].numbers[a][rows, np.minimum(which, table.several[name].numbers.shape[1] - 1)]
        for name in ("postal_code", "city")
    )
