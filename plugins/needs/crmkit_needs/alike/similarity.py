"""How alike texts are: the cosine of their words and of parts of their words, weighted by how rare these are.

TF-IDF with a logarithm of the count and a smoothed idf (Manning, Raghavan & Schütze, Introduction to Information
Retrieval, 2008, chapter 6), in the standard library alone. Must not know needs or the database.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from crmkit_needs.alike.wording import parts_of, words_of

COMMON = 60
"""A term of more texts than this brings no two of them together: it is rare terms that tell."""
RAREST = 16
"""So many of a text's rarest terms bring it together with others."""
MOST_EACH = 10
"""So many partners of a text are looked at closely."""


class Weights:
    """How much the terms of texts tell: the rarer they are among all of them, the more."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        self.seen: Counter[str] = Counter()
        self.count = 0
        self._idf: dict[str, float] = {}
        for terms in texts:
            self.seen.update(set(terms))
            self.count += 1

    def idf(self, term: str) -> float:
        """Return the weight of a term, at least 1."""
        known = self._idf.get(term)
        if known is None:
            known = self._idf[term] = math.log((1 + self.count) / (1 + self.seen[term])) + 1
        return known

    def vector(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the terms of a text with their weights, of length 1 together; nothing for a text without terms."""
        values = {term: (1 + math.log(count)) * self.idf(term) for term, count in Counter(terms).items()}
        length = math.sqrt(sum(value * value for value in values.values()))
        return {term: value / length for term, value in values.items()}


def cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the cosine of two vectors of length 1, from 0 to 1."""
    small, large = (first, second) if len(first) <= len(second) else (second, first)
    return min(1.0, sum(value * large.get(term, 0.0) for term, value in small.items()))


class Comparing:
    """Compares texts, each by its words and by parts of its words: half of the score is of each."""

    def __init__(self, words: Weights, parts: Weights) -> None:
        self._words, self._parts = words, parts
        self._known: dict[str, dict[str, float]] = {}
        self._known_parts: dict[str, dict[str, float]] = {}

    def with_parts(self, parts: Weights) -> Comparing:
        """Return the same with other weights for parts of words."""
        found = Comparing(self._words, parts)
        found._known = self._known
        return found

    def by_words(self, first: str, second: str) -> float:
        """Return how alike the words of two texts are, from 0 to 1: quick, to be asked first."""
        return cosine(self._word_vector(first), self._word_vector(second))

    def score(self, first: str, second: str) -> float:
        """Return how alike two texts are, from 0 to 1; the same in either order."""
        return (self.by_words(first, second) + cosine(self._part_vector(first), self._part_vector(second))) / 2

    def _word_vector(self, text: str) -> dict[str, float]:
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._words.vector(words_of(text))
        return known

    def _part_vector(self, text: str) -> dict[str, float]:
        known = self._known_parts.get(text)
        if known is None:
            known = self._known_parts[text] = self._parts.vector(parts_of(text))
        return known


def candidates(texts: Sequence[str], only: int | None = None) -> list[tuple[int, int]]:
    """Return the pairs of places of texts that share rare words or rare pairs of words, the first place the lower one,
    those that share the most for their length first; with ``only``, the pairs of that text. The work grows with the
    number of texts, not with its square."""
    terms = [_telling(each) for each in texts]
    seen = Counter(term for each in terms for term in each)
    where: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(terms):
        rare = sorted((term for term in each if 1 < seen[term] <= COMMON), key=lambda term: (seen[term], term))
        # The text itself may use all it has: it is compared with others' rarest.
        for term in rare if place == only else rare[:RAREST]:
            where[term].append(place)
    # A pair is one number: many of them are made, and few are kept.
    count = len(texts)
    together: dict[int, float] = defaultdict(float)
    for term, places in where.items():
        weight = 1 / seen[term]
        for first, second in combinations(places, 2) if only is None else _with(only, places):
            together[first * count + second] += weight
    root = [math.sqrt(len(each)) for each in terms]
    nearest: list[list[tuple[float, int]]] = [[] for _text in texts]
    for pair, weight in together.items():
        first, second = divmod(pair, count)
        ranked = (-weight / (root[first] * root[second]), pair)
        nearest[first].append(ranked)
        nearest[second].append(ranked)
    if only is not None:
        return [divmod(pair, count) for _weight, pair in sorted(nearest[only])[: MOST_EACH * 3]]
    kept = {each for mine in nearest for each in (sorted(mine)[:MOST_EACH] if len(mine) > MOST_EACH else mine)}
    return [divmod(pair, count) for _weight, pair in sorted(kept)]


def _with(only: int, places: Sequence[int]) -> list[tuple[int, int]]:
    return [(min(only, each), max(only, each)) for each in places if each != only] if only in places else []


def _telling(text: str) -> set[str]:
    words = words_of(text)
    return {*words, *(f"{first} {second}" for first, second in pairwise(words))}
