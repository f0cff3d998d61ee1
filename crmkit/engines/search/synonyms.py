"""What else a search asks for: the words that plugins say mean the same as those that were typed.

Must not know the index, nor where the groups of words are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from attrs import frozen

from crmkit.core.store.session import CrmSession
from crmkit.engines.search.query import Asked, phrase, typed
from crmkit.engines.search.tokens import asked_of, folded, is_word, stem_of
from crmkit.hooks.search import Synonyms

MOST = 30
"""Alternatives of one search that are looked for; what follows is left out."""
Giver = Callable[[CrmSession], Iterable[Synonyms]]
"""What a plugin gives its groups by."""


@frozen
class Alternative:
    """What is looked for in place of what was asked for at some ``places``, as well as that; in some ``kinds`` of
    record, None for all."""

    places: tuple[int, ...]
    asked: Asked
    kinds: frozenset[str] | None = None


@frozen
class _Term:
    """A term in its one form; of the ``number``-th group and with what is looked for in its place."""

    number: int
    forms: tuple[str, ...]
    others: tuple[Asked, ...]


_Terms = Mapping[str, Sequence[_Term]]
"""Terms by the first of their words."""
_known: WeakKeyDictionary[Any, dict[Giver, tuple[Iterable[Synonyms], str, _Terms]]] = WeakKeyDictionary()


def alternatives(
    text: str, asks: Sequence[Asked], terms: _Terms, language: str, kinds: frozenset[str] | None = None
) -> list[Alternative]:
    """Return what is looked for beside ``asks``, which a text asks for. Words are compared by their stems.

    A term of several words counts where these stand one right after the other; what is in quotation marks is meant as
    it is written.
    """
    runs = [[_form(each, language) for each in run] for run in typed(text)]
    places = {_form(ask.tokens[0], language): at for at, ask in enumerate(asks) if len(ask.tokens) == 1}
    said = {
        term.number: term
        for run in runs
        for at, first in enumerate(run)
        for term in terms.get(first, ())
        if tuple(run[at : at + len(term.forms)]) == term.forms
    }
    found: dict[Alternative, None] = {}
    for _number, term in sorted(said.items()):
        at = tuple(sorted({places[form] for form in term.forms if form in places}))
        for other in term.others if at else ():
            if other not in asks:
                found[Alternative(at, other, kinds)] = None
    return list(found)[:MOST]


def terms_given(session: CrmSession, give: Giver, language: str) -> _Terms:
    """Return the terms of a plugin's groups. They are read anew where it gives other groups than it did before: the
    very same object is known."""
    groups = give(session)
    known = _known.setdefault(session.crm, {})
    before = known.get(give)
    if before is not None and before[0] is groups and before[1] == language:
        return before[2]
    found = _read(groups, language)
    if isinstance(groups, tuple):
        # What can be changed cannot be known again.
        known[give] = groups, language, found
    return found


def _read(groups: Iterable[Synonyms], language: str) -> _Terms:
    found: dict[str, list[_Term]] = {}
    number = 0
    for group in groups:
        looked_for = {each: phrase(folded(each)) for each in group.terms if asked_of(folded(each))}
        for term in group.of or group.terms:
            forms = tuple(_form(each.text, language) for each in asked_of(folded(term)))
            others = tuple(dict.fromkeys(asked for each, asked in looked_for.items() if each != term))
            if forms and others:
                number += 1
                found.setdefault(forms[0], []).append(_Term(number, forms, others))
    return found


def _form(token: str, language: str) -> str:
    return stem_of(token, language) if is_word(token) else token
