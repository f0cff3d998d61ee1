"""How rare words are among all that is indexed: for whoever chooses by which words of a long text to search.

Counted over the whole index, it says nothing of any record. Must not know what is searched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from crmkit.core.store.session import CrmSession
from crmkit.engines.search.indexing import PARTS
from crmkit.engines.search.query import asked
from crmkit.engines.search.ranking import statistics_of, terms_of
from crmkit.engines.search.tokens import folded

AT_ONCE = 30
_END = " ."
"""Keeps the last word from being taken for the beginning of a longer one."""


@frozen(kw_only=True)
class Rarity:
    """How many documents there are, and how many of them have each word, in one of its forms; those that none has are
    left out. ``found`` counts up to 10,001."""

    documents: int
    found: Mapping[str, int] = field(factory=dict[str, int])


def rarity_of(session: CrmSession, words: Sequence[str]) -> Rarity:
    """Return how rare words are."""
    counted: dict[str, int] = {}
    codes = (PARTS["title"], PARTS["text"])
    for start in range(0, len(words), AT_ONCE):
        asks = asked(" ".join(words[start : start + AT_ONCE]) + _END)
        names = ["".join(each.tokens) for each in asks]
        for term in terms_of(session, asks, codes):
            word = names[term.slot // 10]
            counted[word] = max(counted.get(word, 0), term.found)
    found = {word: counted[folded(word)] for word in words if counted.get(folded(word))}
    return Rarity(documents=max(statistics_of(session).documents, 1), found=found)
