"""Which themes a text is about by their words. Must not know the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_HAN = re.compile(r"[㐀-鿿]")


class Matcher:
    """Finds themes by words: Latin words as whole words (``pack*`` as a beginning), Chinese ones anywhere."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._patterns = {name: found for name, each in words.items() if (found := _pattern(list(each))) is not None}

    def themes(self, text: str) -> dict[str, int]:
        """Return how many words of each theme a text has, for those that it has some of."""
        plain = normal(text)
        counted = {name: len(pattern.findall(plain)) for name, pattern in self._patterns.items()}
        return {name: count for name, count in counted.items() if count}


def normal(text: str) -> str:
    """Return a text in the form in which words are looked for."""
    return unicodedata.normalize("NFKC", text).casefold()


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    parts = []
    for word in (normal(each.strip()) for each in words if each.strip()):
        if _HAN.search(word):
            parts.append(re.escape(word))
        elif word.endswith("*"):
            parts.append(rf"\b{re.escape(word[:-1])}\w*")
        else:
            parts.append(rf"\b{re.escape(word)}\b")
    return re.compile("|".join(parts)) if parts else None
