"""Articles for measuring: lengths and words as people write them, half of them English and half Chinese.

How often a word comes follows Zipf's law (G. K. Zipf: Human Behavior and the Principle of Least Effort, 1949), in the
form of B. Mandelbrot, which has fewer of the commonest words. Must not know what is measured.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

WORDS, CHARACTERS = 30_000, 3_500
"""Different English words, and different Chinese characters."""
CHINESE_WORDS = 20_000
SHORTEST, LONGEST = 50, 300
"""Words of a text."""
_ONSETS = ("b", "br", "c", "ch", "cl", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "qu", "r",
           "s", "sh", "st", "t", "th", "tr", "v", "w")  # fmt: skip
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "oo")
_CODAS = ("", "l", "m", "n", "nd", "r", "s", "st", "t", "x")


class Writer:
    """Writes articles and searches from one seed; the same ones each time."""

    def __init__(self, seed: int = 14) -> None:
        self.draw = random.Random(seed)
        made: dict[str, None] = {}
        while len(made) < WORDS:
            many = self.draw.choices((1, 2, 3), (1, 4, 3))[0]
            made["".join(self._syllable() for _each in range(many))] = None
        # What is said often is short.
        self.english = sorted(made, key=lambda word: len(word) * self.draw.uniform(0.5, 1.5))
        characters = [chr(0x4E00 + number) for number in range(CHARACTERS)]
        weights = _weights(CHARACTERS)
        found: dict[str, None] = {}
        while len(found) < CHINESE_WORDS:
            found["".join(self.draw.choices(characters, cum_weights=weights, k=self.draw.choice((1, 2, 2, 2, 3))))] = (
                None
            )
        self.chinese = list(found)
        self._weights = {"en": _weights(WORDS), "zh_CN": _weights(CHINESE_WORDS)}

    def _syllable(self) -> str:
        return self.draw.choice(_ONSETS) + self.draw.choice(_NUCLEI) + self.draw.choice(_CODAS)

    def words(self, language: str, number: int) -> list[str]:
        """Return words of a language, common ones more often."""
        known = self.english if language == "en" else self.chinese
        return self.draw.choices(known, cum_weights=self._weights[language], k=number)

    def articles(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield articles, as their rows in a file of JSON lines."""
        for place in range(number):
            language = "zh_CN" if place % 2 else "en"
            yield {
                "id": f"kb-{place}",
                "title": self._sentence(language, self.draw.randint(4, 9)).rstrip(".。"),
                "body": self._body(language, self.draw.randint(SHORTEST, LONGEST)),
                "language": language,
            }

    def searches(self, number: int) -> Iterator[str]:
        """Yield searches of one to six words, as people type them: in one English one of five a word is misspelt."""
        for place in range(number):
            language = "zh_CN" if place % 2 else "en"
            words = self.words(language, place // 2 % 6 + 1)
            if place % 10 == 0:
                longest = max(words, key=len)
                words[words.index(longest)] = longest[:2] + longest[3:]
            yield (" " if language == "en" else "").join(words)

    def _sentence(self, language: str, length: int) -> str:
        words = self.words(language, length)
        if language != "en":
            return "".join(words) + "。"
        return " ".join(words).capitalize() + "."

    def _body(self, language: str, length: int) -> str:
        parts: list[str] = []
        while length > 0:
            part = min(length, self.draw.randint(6, 18))
            length -= part
            kind = self.draw.random()
            text = self._sentence(language, part)
            parts.append(f"\n\n## {text}\n\n" if kind < 0.08 else f"\n- {text}" if kind < 0.2 else text + " ")
        return "".join(parts).strip()


def write(path: Path, number: int) -> None:
    """Write articles to a file of JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for each in Writer().articles(number):
            file.write(json.dumps(each, ensure_ascii=False) + "\n")


def _weights(number: int) -> list[float]:
    return list(accumulate(1 / (rank + 2.7) for rank in range(number)))
