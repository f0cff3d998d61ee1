"""How far two records agree: for each comparison a function from pairs of rows to the numbers of its levels.

A level's number is its place in the comparison, the best first; -1 says that one of the two has no value, which is no
evidence for anything. The functions take many pairs at once, as two arrays of rows. Names are likened by Jaro and
Winkler's similarity (Winkler 1990), numbers and dates by the restricted distance of Damerau and Levenshtein (optimal
string alignment). Must not know what a level is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crmkit_quality.matching.columns import Column, Columns, RecordTable, Vocabulary
from crmkit_quality.matching.contacts import GENERIC

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

Compare = Callable[[RecordTable, Any, Any], Any]
NOTHING = -1
CLOSE, NEAR = 0.92, 0.80
"""Similarities of Jaro and Winkler from which names are close, and near."""
_CPUS = 2


def unset(number: int, worst: int) -> Numbers:
    """Return the levels of so many pairs before any is found: the worst."""
    import numpy as np

    return np.full(number, worst, dtype=np.int8)


def put(levels: Numbers, where: Numbers, level: int) -> None:
    """Put pairs on a level that are not on a better one."""
    levels[where & (levels > level)] = level


def alike(texts: Sequence[str], left: Numbers, right: Numbers, wanted: Numbers, scorer: str) -> Numbers:
    """Return how alike the texts of pairs are, for the pairs that are wanted; 0, or a long distance, for others."""
    import numpy as np
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import OSA, JaroWinkler

    far = scorer == "distance"
    found = np.full(len(left), 99 if far else 0, dtype=np.float32)
    places = np.flatnonzero(wanted)
    if len(places):
        scorers: dict[str, tuple[Any, float | None]] = {
            "names": (JaroWinkler.normalized_similarity, NEAR),
            "distance": (OSA.distance, 3),
            "words": (fuzz.token_sort_ratio, 70),
            "parts": (fuzz.token_set_ratio, 90),
        }
        function, cutoff = scorers[scorer]
        get = texts.__getitem__
        found[places] = process.cpdist(
            list(map(get, left[places].tolist())),
            list(map(get, right[places].tolist())),
            scorer=function,
            score_cutoff=cutoff,
            dtype=np.float32,
            workers=_CPUS if len(places) > 5000 else 1,
        )
    return found


def _lengths(column: Column) -> Numbers:
    return column.vocabulary.derived("length", len, "int32")


# --- people ----------------------------------------------------------------------------------------------------------


def family(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, same reading, close, part, crossed, near, different."""
    return _name(table, a, b, "family", "given")


def given(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, same reading, short form, close, part, crossed, near, different."""
    levels = _name(table, a, b, "given", "family")
    levels[levels >= 2] += 1
    whole = table.single["whole"].numbers
    first = table.single["first"]
    known = levels > 1
    put(levels, known & (whole[a] == whole[b]) & (whole[a] > 0), 2)
    lengths, initials = _lengths(first), _initials(first)
    left, right = first.numbers[a], first.numbers[b]
    one = (lengths[left] == 1) | (lengths[right] == 1)
    put(levels, known & one & (initials[left] == initials[right]), 4)
    put(levels, known & (left == right) & (left > 0), 4)
    return levels


def _initials(column: Column) -> Numbers:
    return column.vocabulary.derived("initial", lambda text: ord(text[0]) if text else 0, "int32")


def _name(table: RecordTable, a: Numbers, b: Numbers, own: str, other: str) -> Numbers:
    written, read = table.single[own], table.single[f"{own}_read"]
    crossed = table.single[f"{other}_read"].numbers
    left, right = read.numbers[a], read.numbers[b]
    levels = unset(len(a), 6)
    known = (written.numbers[a] > 0) & (written.numbers[b] > 0)
    same = written.numbers[a] == written.numbers[b]
    put(levels, same, 0)
    put(levels, (left == right) & (left > 0), 1)
    open_ = known & (levels == 6)
    likeness = alike(read.vocabulary.texts, left, right, open_, "names")
    put(levels, open_ & (likeness >= CLOSE), 2)
    lengths = _lengths(read)
    long = open_ & (levels == 6) & (lengths[left] >= 5) & (lengths[right] >= 5)
    distance = alike(read.vocabulary.texts, left, right, long & (likeness >= 0.6) | long & (likeness == 0), "distance")
    put(levels, long & (distance <= 1), 2)
    spaced = _spaced(written)
    several = open_ & (levels == 6) & (spaced[written.numbers[a]] | spaced[written.numbers[b]])
    parts = alike(written.vocabulary.texts, written.numbers[a], written.numbers[b], several, "parts")
    put(levels, several & (parts >= 99.5), 3)
    forth, back = (left == crossed[b]) & (left > 0), (right == crossed[a]) & (right > 0)
    # One name that is the other's family name and the one's given name is one coincidence: it counts with the first.
    put(levels, open_ & ((forth & back) if own == "given" else (forth | back)), 4)
    put(levels, open_ & (likeness >= NEAR), 5)
    levels[~known] = NOTHING
    return levels


def _spaced(column: Column) -> Numbers:
    return column.vocabulary.derived("spaced", lambda text: " " in text, "bool")


def middle(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, initial, different."""
    column = table.single["middle"]
    left, right = column.numbers[a], column.numbers[b]
    levels = unset(len(a), 2)
    put(levels, left == right, 0)
    lengths, initials = _lengths(column), _initials(column)
    one = (lengths[left] == 1) | (lengths[right] == 1)
    put(levels, one & (initials[left] == initials[right]), 1)
    levels[(left == 0) | (right == 0)] = NOTHING
    return levels


def birth(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, day and month exchanged, one digit, two parts, same year, different."""
    column = table.single["birth"]
    texts = column.vocabulary.texts
    days = column.vocabulary.derived("day", lambda text: int(text or 0), "int64")
    left, right = column.numbers[a], column.numbers[b]
    one, two = days[left], days[right]
    levels = unset(len(a), 5)
    put(levels, left == right, 0)
    open_ = (left > 0) & (right > 0) & (left != right)
    turned = (one // 10000 == two // 10000) & (one % 100 == two // 100 % 100) & (one // 100 % 100 == two % 100)
    put(levels, open_ & turned, 1)
    distance = alike(texts, left, right, open_, "distance")
    put(levels, open_ & (distance <= 1), 2)
    agreeing = (
        (one // 10000 == two // 10000).astype("int8")
        + (one // 100 % 100 == two // 100 % 100)
        + (one % 100 == two % 100)
    )
    put(levels, open_ & (agreeing == 2), 3)
    put(levels, open_ & (one // 10000 == two // 10000), 4)
    levels[(left == 0) | (right == 0)] = NOTHING
    return levels


# --- organisations ---------------------------------------------------------------------------------------------------


def company(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, same without form, other form, other place, same reading, close, part, near, different."""
    core, read, initials = (table.single[name] for name in ("core", "read", "initials"))
    form, place, branch = (table.single[name].numbers for name in ("form", "place", "branch"))
    left, right = core.numbers[a], core.numbers[b]
    levels = unset(len(a), 8)
    same = left == right
    apart = _differ(place, a, b) | (branch[a] != branch[b])
    put(levels, same & ~apart & (form[a] == form[b]), 0)
    put(levels, same & ~apart & ~_differ(form, a, b), 1)
    put(levels, same & ~apart, 2)
    put(levels, same, 3)
    one, two = read.numbers[a], read.numbers[b]
    put(levels, (one == two) & (one > 0), 4)
    open_ = (left > 0) & (right > 0) & (levels == 8)
    lengths = _lengths(read)
    likeness = alike(read.vocabulary.texts, one, two, open_, "names")
    long = open_ & (lengths[one] >= 6) & (lengths[two] >= 6)
    distance = alike(read.vocabulary.texts, one, two, long & (likeness >= NEAR), "distance")
    sorted_ = alike(core.vocabulary.texts, left, right, open_, "words")
    put(levels, open_ & ((likeness >= 0.95) | (distance <= 1) | (sorted_ >= 92)), 5)
    parts = alike(core.vocabulary.texts, left, right, open_ & (levels == 8), "parts")
    put(levels, open_ & (parts >= 99.5), 6)
    put(levels, _within(core, left, right, open_ & (levels == 8) & (likeness > 0)), 6)
    put(levels, ((initials.numbers[a] == right) & (right > 0)) | ((initials.numbers[b] == left) & (left > 0)), 6)
    put(levels, open_ & ((likeness >= 0.88) | (sorted_ >= 80)), 7)
    levels[(left == 0) | (right == 0)] = NOTHING
    return levels


def _differ(numbers: Numbers, a: Numbers, b: Numbers) -> Numbers:
    return (numbers[a] > 0) & (numbers[b] > 0) & (numbers[a] != numbers[b])


def _within(column: Column, left: Numbers, right: Numbers, wanted: Numbers) -> Numbers:
    """Say of which pairs one text begins with the other, that has four characters at least."""
    import numpy as np

    found = np.zeros(len(left), dtype=bool)
    texts = column.vocabulary.texts
    for place in np.flatnonzero(wanted):
        one, two = texts[left[place]], texts[right[place]]
        shorter, longer = (one, two) if len(one) <= len(two) else (two, one)
        found[place] = len(shorter) >= 4 and longer.startswith(shorter)
    return found


# --- both ------------------------------------------------------------------------------------------------------------


def number(name: str) -> Compare:
    """Return the comparison of numbers of a register: exact, one character, two characters, different."""

    def compare(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
        column = table.single[name]
        left, right = column.numbers[a], column.numbers[b]
        levels = unset(len(a), 3)
        put(levels, left == right, 0)
        known = (left > 0) & (right > 0)
        distance = alike(column.vocabulary.texts, left, right, known & (left != right), "distance")
        put(levels, known & (distance <= 1), 1)
        put(levels, known & (distance <= 2), 2)
        levels[~known] = NOTHING
        return levels

    return compare


def same(name: str) -> Compare:
    """Return the comparison of values that are the same or not: exact, different."""

    def compare(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
        return _same(table.single[name], a, b)

    return compare


def _same(column: Column, a: Numbers, b: Numbers) -> Numbers:
    left, right = column.numbers[a], column.numbers[b]
    levels = unset(len(a), 1)
    levels[left == right] = 0
    levels[(left == 0) | (right == 0)] = NOTHING
    return levels


def custom(name: str) -> Compare:
    """Return the comparison of a custom field: exact, one character, different."""

    def compare(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
        column = table.custom.get(name)
        if column is None:
            return unset(len(a), NOTHING)
        left, right = column.numbers[a], column.numbers[b]
        levels = unset(len(a), 2)
        put(levels, left == right, 0)
        lengths = _lengths(column)
        long = (lengths[left] >= 5) & (lengths[right] >= 5) & (left != right)
        put(levels, long & (alike(column.vocabulary.texts, left, right, long, "distance") <= 1), 1)
        levels[(left == 0) | (right == 0)] = NOTHING
        return levels

    return compare


def any_same(name: str) -> Compare:
    """Return the comparison of several values: one in common, or none: exact, different."""

    def compare(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
        return best_of(table.several[name], a, b, _one_same)

    return compare


def _one_same(vocabulary: Vocabulary, left: Numbers, right: Numbers) -> Numbers:
    levels = unset(len(left), 1)
    levels[left == right] = 0
    return levels


def email(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, same name at another provider, close, different."""
    return best_of(table.several["emails"], a, b, _one_email)


def _one_email(vocabulary: Vocabulary, left: Numbers, right: Numbers) -> Numbers:
    levels = unset(len(left), 3)
    levels[left == right] = 0
    numbers: dict[str, int] = {}
    names = vocabulary.derived("local", lambda text: _local_number(text, numbers), "int32")
    put(levels, (names[left] == names[right]) & (names[left] > 0), 1)
    distance = alike(vocabulary.texts, left, right, levels == 3, "distance")
    put(levels, distance <= 1, 2)
    return levels


def _local_number(address: str, numbers: dict[str, int]) -> int:
    """Return a number for the name in an e-mail address, 0 for one that many may have."""
    local = address.partition("@")[0]
    return 0 if len(local) < 5 or local in GENERIC else numbers.setdefault(local, len(numbers) + 1)


def phone(table: RecordTable, a: Numbers, b: Numbers) -> Numbers:
    """exact, one digit or another extension, different."""
    return best_of(table.several["phones"], a, b, _one_phone)


def _one_phone(vocabulary: Vocabulary, left: Numbers, right: Numbers) -> Numbers:
    levels = unset(len(left), 2)
    levels[left == right] = 0
    open_ = (left > 0) & (right > 0) & (left != right)
    put(levels, open_ & (alike(vocabulary.texts, left, right, open_, "distance") <= 1), 1)
    return levels


def best_of(
    columns: Columns, a: Numbers, b: Numbers, compare: Callable[[Vocabulary, Numbers, Numbers], Numbers]
) -> Numbers:
    """Return the best level that any of the values of one record reaches with any of the other's."""
    import numpy as np

    numbers = columns.numbers
    best = np.full(len(a), 99, dtype=np.int8)
    for left in range(numbers.shape[1]):
        for right in range(numbers.shape[1]):
            one, two = numbers[a, left], numbers[b, right]
            known = np.flatnonzero((one > 0) & (two > 0))
            if len(known):
                levels = compare(columns.vocabulary, one[known], two[known])
                best[known] = np.minimum(best[known], levels)
    best[best == 99] = NOTHING
    return best
