"""What somebody types into a search, as the tokens, words and phrases that it asks for. Must not know the index."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen

from crmkit.engines.search.tokens import Token, asked_of, folded, is_word, tokens_of

MOST = 40
"""Tokens of a search that are looked for; what follows is left out."""
_QUOTED = re.compile(r'"([^"]*)"|\u201c([^\u201d]*)\u201d|\u300c([^\u300d]*)\u300d')


@frozen
class Asked:
    """One thing that is asked for: a token, or several that stand one right after the other. ``prefix`` says that the
    last one may be the beginning of a longer one."""

    tokens: tuple[str, ...] = field(converter=tuple)
    prefix: bool = False

    @property
    def word(self) -> str | None:
        """Return the word in an alphabetic script that is asked for, if it is one."""
        return self.tokens[0] if len(self.tokens) == 1 and is_word(self.tokens[0]) else None


def asked(text: str) -> list[Asked]:
    """Return what a text asks for, each once: its tokens, and as phrases what stands in quotation marks.

    The last word may be the beginning of a longer one, as it may not have been typed to its end; a single character of
    a script without spaces may be so everywhere, since it stands in longer tokens.
    """
    found: dict[Asked, None] = {}
    for part, quoted in _parts(folded(text)):
        tokens = asked_of(part)
        if quoted and tokens:
            found[phrase(part)] = None
        elif not quoted:
            for token in tokens:
                last = token.end == len(part) and len(token.text) > 1
                found[Asked((token.text,), prefix=_single(token) or (last and not token.dense))] = None
    return list(found)[:MOST]


def typed(text: str) -> list[list[str]]:
    """Return the tokens of a text that stand in no quotation marks, one list for each part between these."""
    return [[token.text for token in asked_of(part)] for part, quoted in _parts(folded(text)) if not quoted]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    place = 0
    for quoted in _QUOTED.finditer(text):
        # The space keeps what stands before quotation marks from being taken for the end of the search.
        yield text[place : quoted.start()] + " ", False
        yield next(group for group in quoted.groups() if group is not None), True
        place = quoted.end()
    yield text[place:], False


def phrase(part: str) -> Asked:
    """Return what asks for the tokens of a folded text, one right after the other."""
    tokens = list(tokens_of(part))[:MOST]
    if len(tokens) > 1 and tokens[-1].dense and tokens[-2].dense and tokens[-2].end == tokens[-1].end:
        # In a text that goes on, the last character of the run is not alone.
        del tokens[-1]
    return Asked([token.text for token in tokens], prefix=_single(tokens[-1]))


def _single(token: Token) -> bool:
    return token.dense and len(token.text) == 1
