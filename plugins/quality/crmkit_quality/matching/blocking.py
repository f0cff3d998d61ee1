"""Which customers are compared at all: those that have a key in common.

Nobody compares all pairs of a hundred thousand customers. Each record has a dozen keys, of which two records of one
customer nearly always share one: an e-mail address, a date of birth, how a name sounds together with a postal code. A
key that too many share says little: its block is divided by what else is known of its members, and what is still too
large is sorted and compared with its neighbours only (Hernández and Stolfo 1995), so that no block costs more than its
size. Must not know how pairs are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit_quality.matching.columns import Column, Columns, RecordTable, domains
from crmkit_quality.matching.contacts import GENERIC
from crmkit_quality.matching.model import MatchingRules
from crmkit_quality.matching.records import MatchRecord, record_of
from crmkit_quality.matching.text import sound

if TYPE_CHECKING:
    import numpy as np

    from crmkit import CustomerProfile

    Numbers = np.ndarray[Any, np.dtype[Any]]

LARGEST = 40
"""Most members of a block that is compared in full: 780 pairs."""
WINDOW = 6
"""Neighbours with which each member of a block is compared that cannot be divided."""
MOST_CUSTOM = 6
"""Custom fields of a customer that give keys."""
_DIVIDERS = {
    "person": ("birth", "given_read", "family_read", "postal_code", "road", "numbers", "city", "employer"),
    "organization": ("read", "postal_code", "road", "city", "domains", "place"),
}


@frozen(kw_only=True, slots=True)
class Candidates:
    """The pairs that are to be compared, as two arrays of rows, the smaller row in the first; and how many blocks gave
    them, and how many of these were divided."""

    first: Any
    second: Any
    blocks: int
    divided: int


def blocking_keys(profile: CustomerProfile, *, rules: MatchingRules = MatchingRules()) -> tuple[str, ...]:
    """Return the keys of a customer: whoever shares one may be the same. They hold personal data: keep them as keyed
    hashes only."""
    return keys_of(record_of(profile, rules))


def keys_of(record: MatchRecord) -> tuple[str, ...]:
    """Return the keys of a record."""
    keys = _organization_keys(record) if record.kind == "organization" else _person_keys(record)
    mark = record.kind[0]
    return tuple(dict.fromkeys(f"{mark}{key}" for key in (*keys, *_common_keys(record))))


def _common_keys(record: MatchRecord) -> Iterator[str]:
    for value in record.phones:
        yield f"p:{value.partition('x')[0][-9:]}"
    for value in record.emails:
        yield f"e:{value}"
        local = value.partition("@")[0]
        if len(local) >= 6 and local not in GENERIC:
            yield f"l:{local}"
    if record.identity:
        yield f"i:{record.identity}"
    if record.registration:
        yield f"r:{record.registration}"
    for place in record.addresses:
        if place.road and place.numbers:
            yield f"a:{place.road}|{place.numbers}"
        if place.road and place.postal_code:
            yield f"ar:{place.road}|{place.postal_code}"
        if place.postal_code and place.numbers:
            yield f"an:{place.postal_code}|{place.numbers}"


def _person_keys(record: MatchRecord) -> Iterator[str]:
    person, birth = record.person, record.birth
    names = sorted(name for name in (person.family_read, person.given_read) if name)
    sounds = sorted({sound(name) for name in (person.family_read, person.first) if name})
    if birth and person.family_read and person.first:
        yield f"y:{sound(person.family_read)}{person.first[0]}{birth[:4]}"
        yield f"g:{sound(person.first)}{person.family_read[0]}{birth[:4]}"
    if names:
        yield f"n:{'|'.join(names)}"
    if len(names) == 2:
        yield f"s:{'|'.join(sounds)}"
    if birth:
        year, month, day = birth[:4], birth[4:6], birth[6:]
        yield f"d:{year}{min(month, day)}{max(month, day)}"
    for each in sounds:
        if birth:
            yield f"m:{each}{birth[4:]}"
        for place in record.addresses[:2]:
            if place.postal_code:
                yield f"z:{each}{place.postal_code}"
            if place.numbers:
                yield f"b:{each}{place.numbers}"
    for name in sorted(record.custom)[:MOST_CUSTOM]:
        value = record.custom[name]
        if len(value) >= 5:
            yield f"c:{name}={value}"
        for each in sounds:
            yield f"x:{each}{name}={value}"


def _organization_keys(record: MatchRecord) -> Iterator[str]:
    company = record.company
    if company.core:
        yield f"n:{company.read}"
        yield f"h:{company.read[:6]}"
        parts = company.core.split()
        if len(parts) > 1:
            yield f"w:{' '.join(sorted(parts))}"
            yield f"f:{max(parts, key=lambda part: (len(part), part))}"
        yield f"k:{company.initials or company.core}"
    for domain in domains(record):
        yield f"o:{domain}"
    for name in sorted(record.custom)[:MOST_CUSTOM]:
        value = record.custom[name]
        if len(value) >= 5:
            yield f"c:{name}={value}"


# --- pairs -----------------------------------------------------------------------------------------------------------


def candidates(table: RecordTable, keys: Numbers, rows: Numbers, *, largest: int = LARGEST) -> Candidates:
    """Return the pairs of rows that share a key; ``keys`` are the keys as numbers, each beside its row."""
    import numpy as np

    members, starts, sizes = _blocks(keys, rows)
    small = sizes <= largest
    whole = _pairs(members, starts[small], sizes[small])
    found = [_coded(whole, len(table))]
    if not small.all():
        found.extend(_divided(table, members, starts[~small], sizes[~small], largest))
    codes = _distinct(np.concatenate(found))
    number = max(len(table), 1)
    return Candidates(
        first=(codes // number).astype(np.int32),
        second=(codes % number).astype(np.int32),
        blocks=len(sizes),
        divided=int((~small).sum()),
    )


def _blocks(keys: Numbers, rows: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the rows sorted by key, and where each block of two and more begins and how large it is."""
    import numpy as np

    order = np.lexsort((rows, keys))
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_keys[1:] != sorted_keys[:-1]))) if len(keys) else order
    sizes = np.diff(np.append(starts, len(keys)))
    several = sizes > 1
    return rows[order], starts[several], sizes[several]


def _pairs(members: Numbers, starts: Numbers, sizes: Numbers) -> tuple[Numbers, Numbers]:
    """Return all pairs within blocks."""
    import numpy as np

    first: list[Numbers] = [np.zeros(0, dtype=members.dtype)]
    second: list[Numbers] = [np.zeros(0, dtype=members.dtype)]
    for size in np.unique(sizes):
        blocks = members[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(int(size), 1)
        first.append(blocks[:, left].ravel())
        second.append(blocks[:, right].ravel())
    return np.concatenate(first), np.concatenate(second)


def _coded(pairs: tuple[Numbers, Numbers], number: int) -> Numbers:
    """Return pairs as one number each, without those of a row with itself."""
    import numpy as np

    left, right = pairs[0].astype(np.int64), pairs[1].astype(np.int64)
    apart = left != right
    left, right = left[apart], right[apart]
    return _distinct(np.minimum(left, right) * max(number, 1) + np.maximum(left, right))


def _distinct(numbers: Numbers) -> Numbers:
    """Return different numbers in their order; several times as quick as by a hash table."""
    import numpy as np

    numbers.sort()
    return numbers[np.concatenate(([True], numbers[1:] != numbers[:-1]))] if len(numbers) else numbers


def _divided(table: RecordTable, members: Numbers, starts: Numbers, sizes: Numbers, largest: int) -> Iterator[Numbers]:
    """Give the pairs of blocks that are too large: of members who have something else in common."""
    import numpy as np

    rows = np.concatenate([members[start : start + size] for start, size in zip(starts, sizes, strict=True)])
    blocks = np.repeat(np.arange(len(starts), dtype=np.int64), sizes)
    for name in _DIVIDERS[table.kind]:
        column = table.single.get(name) or table.several[name]
        numbers = column.numbers if column.numbers.ndim == 1 else column.numbers[:, 0]
        values = numbers[rows].astype(np.int64)
        known = values > 0
        parts, begin, length = _blocks(blocks[known] * len(column.vocabulary.texts) + values[known], rows[known])
        small = length <= largest
        yield _coded(_pairs(parts, begin[small], length[small]), len(table))
        if not small.all():
            yield _coded(_neighbours(table, parts, begin[~small], length[~small]), len(table))
    yield _coded(_neighbours(table, rows, np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes), len(table))


def _neighbours(table: RecordTable, rows: Numbers, starts: Numbers, sizes: Numbers) -> tuple[Numbers, Numbers]:
    """Return pairs of neighbours in blocks whose members are sorted by all that is known of them."""
    import numpy as np

    kept = np.concatenate([rows[start : start + size] for start, size in zip(starts, sizes, strict=True)])
    blocks = np.repeat(np.arange(len(starts), dtype=np.int64), sizes)
    names = _DIVIDERS[table.kind]
    ranks = [_ranks(table.single.get(name) or table.several[name])[kept] for name in reversed(names)]
    order = np.lexsort((kept, *ranks, blocks))
    kept, blocks = kept[order], blocks[order]
    first: list[Numbers] = []
    second: list[Numbers] = []
    for step in range(1, WINDOW + 1):
        together = blocks[step:] == blocks[:-step]
        first.append(kept[:-step][together])
        second.append(kept[step:][together])
    return np.concatenate(first), np.concatenate(second)


def _ranks(column: Column | Columns) -> Numbers:
    """Return for each row the place of its value in the alphabet: the numbers of texts depend on who came first."""
    import numpy as np

    texts: Sequence[str] = column.vocabulary.texts
    ranks = np.empty(len(texts), dtype=np.int32)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts), dtype=np.int32)
    numbers = column.numbers if column.numbers.ndim == 1 else column.numbers[:, 0]
    return ranks[numbers]
