"""What a text is made of for a model: its words, pairs of words and parts of words, in any script.

Pure; must not know models or databases. What points at a person or a thing is left out before anything is counted:
addresses, links and long numbers become one mark each, so that no model keeps any of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

SHORTEST, LONGEST = 3, 5
"""Of so many characters are the parts of words."""
MOST_CHARACTERS = 4_000
"""What comes after so many of a text tells nothing more of what it is about."""
_MARKED = re.compile(r"(?P<mail>\S+@\S+\.\S+)|(?P<link>(?:https?://|www\.)\S+)|(?P<number>\d[\d\s.,/-]{2,}\d|\d{4,})")
_WORD = re.compile(r"[㐀-鿿]|[^\W_]+")


def cleaned(text: str) -> str:
    """Return a text in one form and lower case, with marks in place of addresses, links and long numbers."""
    plain = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    return _MARKED.sub(lambda found: f" {found.lastgroup}mark ", plain)


def terms_of(text: str) -> list[str]:
    """Return the terms of a text, as often as they occur: words, pairs of words, and parts of words within their ends.

    Characters of Chinese count as words, so that pairs of them are.
    """
    words = _WORD.findall(cleaned(text))
    found = [f"w {word}" for word in words]
    found.extend(f"w {first} {second}" for first, second in pairwise(words))
    for word in words:
        found.extend(_parts(f" {word} "))
    return found


def _parts(word: str) -> Iterator[str]:
    """Yield the parts of a word that stands between two spaces."""
    for length in range(SHORTEST, LONGEST + 1):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def words_of(terms: list[str]) -> list[str]:
    """Return those of some terms that a person can read: words and pairs of words, without their mark."""
    return [term[2:] for term in terms if term.startswith("w ")]
