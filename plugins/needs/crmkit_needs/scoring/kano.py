"""Kano's categories of what customers need, from how they answered a pair of questions: how they like it when it is
there, and how when it is not. Must not know the database.

Kano, Seraku, Takahashi & Tsuji (1984); the table of evaluation and the coefficients are those of Berger et al. (1993),
Center for Quality of Management Journal 2(4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_needs")

ANSWERS = {
    1: _("I like it"),
    2: _("I expect it"),
    3: _("I do not mind"),
    4: _("I can live with it"),
    5: _("I dislike it"),
}
"""How somebody feels about it, in the order of the table."""
CATEGORIES = {
    "attractive": _("Attractive"),
    "one_dimensional": _("One-dimensional"),
    "must_be": _("Must-be"),
    "indifferent": _("Indifferent"),
    "reverse": _("Reverse"),
    "questionable": _("Questionable"),
}
_TABLE = (
    "qaaao",
    "riiim",
    "riiim",
    "riiim",
    "rrrrq",
)
"""Rows: functional 1 to 5; columns: dysfunctional 1 to 5."""
_SIGNS = {
    "a": "attractive",
    "o": "one_dimensional",
    "m": "must_be",
    "i": "indifferent",
    "r": "reverse",
    "q": "questionable",
}
ORDER = ("must_be", "one_dimensional", "attractive", "indifferent")
"""Which counts where several were found as often: what would hurt most if it were left out."""


@frozen(kw_only=True)
class Kano:
    """What pairs of answers say: how many there are of each category, the one that counts, and between 0 and 1 how
    satisfied it makes to have it (``better``), between −1 and 0 how dissatisfied not to (``worse``). ``clear`` says
    that the most frequent category leads the next one by more than 6% of the answers, as Berger asks."""

    n: int
    counts: Mapping[str, int]
    category: str | None
    better: float | None
    worse: float | None
    clear: bool


def category_of(functional: int, dysfunctional: int) -> str:
    """Return the category of one pair of answers, each from 1 (like) to 5 (dislike). Raises ValueError."""
    if not (1 <= functional <= 5 and 1 <= dysfunctional <= 5):
        raise ValueError((functional, dysfunctional))
    return _SIGNS[_TABLE[functional - 1][dysfunctional - 1]]


def kano_of(pairs: Iterable[tuple[int, int]]) -> Kano:
    """Return what pairs of answers, functional and dysfunctional, say of a need."""
    counts: Counter[str] = Counter(category_of(*each) for each in pairs)
    total = sum(counts.values())
    a, o, m, i = (counts[name] for name in ("attractive", "one_dimensional", "must_be", "indifferent"))
    told = a + o + m + i
    ranked = sorted(counts, key=lambda name: (-counts[name], ORDER.index(name) if name in ORDER else len(ORDER), name))
    lead = counts[ranked[0]] - (counts[ranked[1]] if len(ranked) > 1 else 0) if ranked else 0
    return Kano(
        n=total,
        counts={name: counts[name] for name in CATEGORIES},
        category=ranked[0] if ranked else None,
        better=(a + o) / told if told else None,
        worse=-(o + m) / told if told else None,
        clear=bool(total) and lead / total > 0.06,
    )
