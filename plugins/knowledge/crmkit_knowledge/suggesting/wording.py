"""What a text is made of when it is compared with others, and which of its words tell what it is about.

English words lose the ending of their plural; Chinese is taken by pairs of its characters. Must not know the database.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from attrs import frozen

_RUN = re.compile(r"[㐀-鿿]+|[^\W_㐀-鿿]+(?:['’][^\W_]+)?")
_HAN = re.compile(r"[㐀-鿿]")
_SMALL = """
a about after all also always am an and any are aren as at be because been before being but by can cannot could did
didn do does doesn doing don done each else ever every few for from get give go going got had has hasn have haven having
he hello help her here hi him his how however i if in into is isn it its just know last let like ll made make many may
me mine more most much my need never new no not now of off often on once one only or other our out over own please put
re really regards same see seem she should since so some still such sure take tell than thank thanks that the their them
then there these they thing think this those though through time to too tried try trying two under until up us use very
want was way we well were what when where which while who why will with without won would yes yet you your yours ve dear
kind best team sir madam today yesterday tomorrow week month day
"""
SMALL = frozenset(_SMALL.split())
"""English words that tell nothing of what a text is about."""
_ASKING = re.compile(
    "希望|能不能|可不可以|可以|能够|能否|需要|建议|是否|麻烦|谢谢|请问|你好|您好|怎么办|一直|现在|已经|但是|因为|所以"
)
_SMALL_HAN = frozenset("的了是在吗呢吧啊呀哦么我你您他她它们这那就都也很还和与请")
CANDIDATES = 120
"""Words of a long text of which it is looked up how rare they are."""
LONG = 24
"""A text of at most so many words is searched for as it is."""
_LONGEST = 20_000


def words_of(text: str) -> list[str]:
    """Return the words of a text that tell something, as often as they occur."""
    plain = _ASKING.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())
    found: list[str] = []
    for run in _RUN.findall(plain):
        if _HAN.match(run):
            found += [one + two for one, two in pairwise(run) if not {one, two} <= _SMALL_HAN] or [run] * (
                len(run) == 1
            )
        elif len(run) > 1 and run.partition("'")[0] not in SMALL and not run.isdigit():
            found.append(stem(run))
    return found


def stem(word: str) -> str:
    """Return an English word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@frozen(kw_only=True)
class Word:
    """A word of a long text: as it was written, and how much it tells by where and how often it stands."""

    text: str
    weight: float


def is_long(text: str) -> bool:
    """Say whether a text has so many words that some have to be chosen for a search."""
    # Two characters of Chinese say about as much as a word.
    return sum(max(1, len(run) // 2) if _HAN.match(run) else 1 for run in _runs(text)) > LONG


def candidates(text: str, title: str = "", most: int = CANDIDATES) -> tuple[Word, ...]:
    """Return the words of a title and a text that tell something, the most telling first: those that stand in the
    title and are said again count more, as much as others those that come first."""
    runs = _runs(f"{title}\n{text}")
    first: dict[str, tuple[int, str]] = {}
    counts: Counter[str] = Counter()
    for place, run in enumerate(runs):
        for piece in _pieces(run):
            for word in words_of(piece)[:1]:
                counts[word] += 1
                first.setdefault(word, (place, piece))
    own = set(words_of(title))
    found = {word: (1 + math.log(counts[word])) * (2.0 if word in own else 1.0) for word in first}
    best = sorted(found, key=lambda word: (-found[word], first[word][0], word))[:most]
    return tuple(Word(text=first[word][1], weight=found[word]) for word in best)


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())


def _pieces(run: str) -> Iterable[str]:
    """Return a word as it is, and a stretch of Chinese in pairs of characters."""
    if not _HAN.match(run) or len(run) < 3:
        return [run]
    return [one + two for one, two in pairwise(run)]


def vectors(texts: Sequence[Sequence[str]]) -> list[Mapping[str, float]]:
    """Return texts, each given by its words, as vectors of length 1: (1 + log count) × idf (Salton & Buckley 1988,
    Information Processing & Management 24, 513-523)."""
    seen: Counter[str] = Counter()
    for words in texts:
        seen.update(set(words))
    idf = {word: math.log(1 + len(texts) / count) for word, count in seen.items()}
    return [
        _unit({word: (1 + math.log(count)) * idf[word] for word, count in Counter(words).items()}) for words in texts
    ]


def cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return how alike two vectors of length 1 are, from 0 to 1."""
    if len(second) < len(first):
        first, second = second, first
    return min(1.0, sum(value * second[word] for word, value in first.items() if word in second))


def likeness(first: str, second: str) -> float:
    """Return how alike two texts are by their words alone, from 0 to 1."""
    one, two = (
        _unit({word: 1 + math.log(count) for word, count in Counter(words_of(text)).items()})
        for text in (first, second)
    )
    return cosine(one, two)


def _unit(vector: Mapping[str, float]) -> Mapping[str, float]:
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}
