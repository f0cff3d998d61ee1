"""What else a search asks for: the words that plugins say mean the same as those that were typed.

Must not know the index, nor where the groups of words are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from crmkit.engines.search.query import Asked, phrase, typed
from crmkit.engines.search.tokens import asked_of, folded, is_word, stem_of
from crmkit.hooks.search import Synonyms

MOST = 30
"""Alternatives of one search that are looked for; what follows is left out."""


@frozen
class Alternative:
    """What is looked for in place of what was asked for at some ``places``, as well as that."""

    places: tuple[int, ...]
    asked: Asked


def alternatives(text: str, asks: Sequence[Asked], groups: Iterable[Synonyms], language: str) -> list[Alternative]:
    """Return what is looked for beside ``asks``, which a text asks for. Words are compared by their stems.

    A term of several words counts where these stand one right after the other; what is in quotation marks is meant as
    it is written.
    """
    runs = [[_form(each, language) for each in run] for run in typed(text)]
    places = {_form(ask.tokens[0], language): at for at, ask in enumerate(asks) if len(ask.tokens) == 1}
    found: dict[Alternative, None] = {}
    for group in groups:
        for term in group.of or group.terms:
            forms = [_form(each.text, language) for each in asked_of(folded(term))]
            if not forms or not any(_within(forms, run) for run in runs):
                continue
            at = tuple(sorted({places[form] for form in forms if form in places}))
            for other in (each for each in group.terms if each != term) if at else ():
                for asked in _asked(other):
                    if asked not in asks:
                        found[Alternative(at, asked)] = None
    return list(found)[:MOST]


def _asked(term: str) -> Iterator[Asked]:
    if asked_of(folded(term)):
        yield phrase(folded(term))


def _form(token: str, language: str) -> str:
    return stem_of(token, language) if is_word(token) else token


def _within(forms: Sequence[str], run: Sequence[str]) -> bool:
    size = len(forms)
    return any(run[at : at + size] == forms for at in range(len(run) - size + 1))
