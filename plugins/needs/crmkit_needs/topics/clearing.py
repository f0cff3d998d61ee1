"""What is taken out of a text before topics are looked for: names of persons and companies, whoever is addressed,
addresses, links, long numbers, and what was quoted. Must not know the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from crmkit_needs.alike.wording import POINTING, is_han, runs_of

LONGEST = 4000
"""Of a longer text the beginning counts."""
_QUOTED = re.compile(r"^\s*>[^\n]*$|^On [^\n]{0,200}wrote:\s*$|^[^\n]{0,60}写道[:：]\s*$", re.MULTILINE)
_ADDRESSED = re.compile(
    r"\b(?i:mr|mrs|ms|miss|dr|prof|herr|frau|dear)\b\.?[ \t]+[A-Z][^\W\d_]+(?:[ \t]+[A-Z][^\W\d_]+)?"
    r"|[㐀-鿿](?:先生|女士|小姐|太太|老师|经理|总监)"
)
"""Whoever is addressed: theirs may be no customer's name, yet it is somebody's."""
_WORD = re.compile(r"[^\W_]+")


class Names:
    """Names that are taken out of texts: of a person every word, a company's and a Chinese one as a whole."""

    def __init__(self, persons: Iterable[str], companies: Iterable[str] = ()) -> None:
        self._words: set[str] = set()
        whole: set[str] = set()
        for name in map(_plain, persons):
            for run in runs_of(name):
                if is_han(run):
                    whole |= {run} if len(run) > 1 else set()
                elif len(run) > 1:
                    self._words.add(run)
        whole |= {name for name in map(_plain, companies) if len(name) > 1}
        self._by_start: dict[str, list[str]] = defaultdict(list)
        # The longest first: a name may begin with another one.
        for name in sorted(whole, key=lambda each: (-len(each), each)):
            self._by_start[name[:2]].append(name)

    def without(self, text: str) -> str:
        """Return a text in small letters without the names."""
        plain = _plain(text)
        kept: list[str] = []
        at = 0
        while at < len(plain):
            length = next(
                (len(name) for name in self._by_start.get(plain[at : at + 2], ()) if _stands(name, plain, at)), 0
            )
            kept.append(" " if length else plain[at])
            at += length or 1
        return _WORD.sub(lambda found: " " if found[0] in self._words else found[0], "".join(kept))


def cleared(text: str, names: Names) -> str:
    """Return what a customer says in a text, without what was quoted and what points at a person."""
    said = _QUOTED.sub(" ", text[:LONGEST])
    # Addresses first: of one without the name in it the rest would look like words.
    return names.without(_ADDRESSED.sub(" ", POINTING.sub(" ", said)))


def _stands(name: str, text: str, at: int) -> bool:
    """Say whether a name stands at a place; one in letters not as a part of a word."""
    if not text.startswith(name, at):
        return False
    end = at + len(name)
    left = at > 0 and text[at - 1].isalnum() and not is_han(text[at - 1])
    right = end < len(text) and text[end].isalnum() and not is_han(text[end])
    return (is_han(name[0]) or not left) and (is_han(name[-1]) or not right)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
