"""Which words of a long text are searched for: those that tell most, by how rare they are in the index.

The index takes a search of few words; of a mail most words are about nothing. How rare a word is, is counted over all
that is indexed, and says nothing of any record. Must not know what is searched for by them.
"""

from __future__ import annotations

import math

from crmkit import CrmSession
from crmkit.engines.search.rarity import rarity_of
from crmkit_knowledge.suggesting.wording import candidates, is_long

MOST = 16
"""Words of a long text that are searched for."""
_END = " ."
"""Keeps the last word from being taken for the beginning of a longer one."""


def telling(session: CrmSession, text: str, title: str = "", most: int = MOST) -> str:
    """Return what to search for: a short text as it is, of a long one its most telling words by TF-IDF (Salton &
    Buckley 1988, Information Processing & Management 24, 513-523); what nothing has is left out."""
    whole = " ".join(f"{title} {text}".split())
    if not is_long(whole):
        return whole
    words = candidates(text, title)
    known = rarity_of(session, [each.text for each in words])
    weights = {
        each.text: each.weight * math.log(1 + known.documents / known.found[each.text])
        for each in words
        if each.text in known.found
    }
    chosen = sorted(weights, key=lambda word: (-weights[word], word))[:most] or [each.text for each in words[:most]]
    return " ".join(chosen) + _END
