"""How pairs agree in all comparisons at once: patterns, and how many pairs have each.

Millions of pairs have some thousands of patterns: what is estimated and judged is estimated and judged once for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit_quality.matching.columns import RecordTable
from crmkit_quality.matching.comparisons import Comparison

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

CHUNK = 200_000
"""Pairs that are compared at once; their levels and texts take some fifty megabytes."""


@frozen(kw_only=True, slots=True)
class Patterns:
    """``levels`` has a row for each pattern and a column for each comparison, -1 where nothing is known; ``counts`` how
    many pairs have it; ``of`` the pattern of each pair."""

    levels: Any
    counts: Any
    of: Any


def patterns_of(
    table: RecordTable,
    first: Numbers,
    second: Numbers,
    comparisons: Sequence[Comparison],
    done: Callable[[int], None] = lambda pairs: None,
) -> Patterns:
    """Compare pairs of rows and return their patterns; ``done`` is told how many pairs are compared, now and then."""
    import numpy as np

    codes = np.empty(len(first), dtype=np.int64)
    bases = [len(comparison.levels) + 1 for comparison in comparisons]
    for start, stop in _chunks(len(first)):
        a, b = first[start:stop], second[start:stop]
        code = np.zeros(stop - start, dtype=np.int64)
        for comparison, base in zip(comparisons, bases, strict=True):
            code *= base
            code += comparison.compare(table, a, b) + 1
        codes[start:stop] = code
        done(stop)
    found, of, counts = _grouped(codes)
    levels = np.empty((len(found), len(comparisons)), dtype=np.int8)
    for place in range(len(comparisons) - 1, -1, -1):
        levels[:, place] = found % bases[place] - 1
        found = found // bases[place]
    return Patterns(levels=levels, counts=counts, of=of)


def _grouped(codes: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the different codes, which of them each is, and how often each comes."""
    import numpy as np

    order = np.argsort(codes)
    sorted_codes = codes[order]
    fresh = np.concatenate((np.ones(min(1, len(codes)), dtype=bool), sorted_codes[1:] != sorted_codes[:-1]))
    of = np.empty(len(codes), dtype=np.int32)
    of[order] = np.cumsum(fresh) - 1
    found = sorted_codes[fresh]
    return found, of, np.bincount(of, minlength=len(found))


def _chunks(number: int) -> Iterator[tuple[int, int]]:
    for start in range(0, number, CHUNK):
        yield start, min(start + CHUNK, number)
