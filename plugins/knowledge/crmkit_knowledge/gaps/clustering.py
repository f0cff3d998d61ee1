"""Which texts ask the same, by their words: clusters with their label, and pairs of texts that are alike.

Texts are TF-IDF vectors (Salton & Buckley 1988, Information Processing & Management 24, 513-523). Each joins the
nearest cluster that is near enough, else it begins one; then all are dealt out anew to the middles of the clusters, a
few times (spherical k-means without a number said before: Dhillon & Modha 2001, Machine Learning 42, 143-175, with a
threshold). The same texts in the same order give the same clusters. Must not know the database or who said what.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from attrs import frozen

from crmkit_knowledge.suggesting.wording import cosine, vectors, words_of

NEAR = 0.22
"""A text that is so near to the middle of a cluster belongs to it."""
ROUNDS = 3
FEWEST_CUSTOMERS = 3
"""Of so many customers is a cluster at least, and each word of its label: what one alone says is nobody else's."""
MOST_WORDS = 6
COMMON = 0.4
"""A word that more of the texts have tells no two of them apart when pairs are looked for."""
Vector = Mapping[str, float]


@frozen(kw_only=True)
class Cluster:
    """Texts that ask the same: the words that tell them from others, and places of the texts with their nearness to the
    middle, from 0 to 1, the nearest first."""

    label: tuple[str, ...]
    texts: tuple[tuple[int, float], ...]


def clusters_of(texts: Sequence[str], customers: Sequence[Hashable], near: float = NEAR) -> tuple[Cluster, ...]:
    """Return the clusters of texts that at least three customers have written, the largest first."""
    words = [words_of(each) for each in texts]
    points = vectors(words)
    at: list[int | None] = [None] * len(points)
    middles: list[dict[str, float]] = []
    for round_ in range(ROUNDS + 1):
        index = _index(middles)
        for place, point in enumerate(points):
            found = _nearest(point, middles, index, near) if point else None
            if found is None and point and round_ == 0:
                found = len(middles)
                middles.append({})
            at[place] = found
            if found is not None and round_ == 0:
                _add(middles, index, found, point)
        middles = _middles(points, at)
    return _shown(words, points, at, middles, customers)


def pairs_of(texts: Sequence[str], least: float) -> list[tuple[int, int, float]]:
    """Return the pairs of texts whose likeness is at least so much, the most alike first."""
    points = vectors([words_of(each) for each in texts])
    seen = Counter(word for point in points for word in point)
    index: dict[str, list[int]] = defaultdict(list)
    found: list[tuple[int, int, float]] = []
    for place, point in enumerate(points):
        near: set[int] = set()
        for word in point:
            if seen[word] <= max(2, COMMON * len(points)):
                near.update(index[word])
                index[word].append(place)
        found += [(other, place, value) for other in near if (value := cosine(points[other], point)) >= least]
    return sorted(found, key=lambda each: (-each[2], each[0], each[1]))


def _add(middles: list[dict[str, float]], index: dict[str, set[int]], number: int, point: Vector) -> None:
    middle = middles[number]
    for word, value in point.items():
        middle[word] = middle.get(word, 0.0) + value
        index.setdefault(word, set()).add(number)


def _index(middles: Sequence[Vector]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for number, middle in enumerate(middles):
        for word in middle:
            index.setdefault(word, set()).add(number)
    return index


def _nearest(point: Vector, middles: Sequence[Vector], index: Mapping[str, set[int]], near: float) -> int | None:
    sums: dict[int, float] = {}
    for word, value in point.items():
        for number in index.get(word, ()):
            sums[number] = sums.get(number, 0.0) + value * middles[number][word]
    best = max(((value / _length(middles[number]), -number) for number, value in sums.items()), default=(0.0, 0))
    return -best[1] if sums and best[0] >= near else None


def _length(vector: Vector) -> float:
    return math.sqrt(sum(value * value for value in vector.values())) or 1.0


def _middles(points: Sequence[Vector], at: Sequence[int | None]) -> list[dict[str, float]]:
    number = max((each for each in at if each is not None), default=-1) + 1
    found: list[dict[str, float]] = [{} for _each in range(number)]
    for point, place in zip(points, at, strict=True):
        if place is not None:
            for word, value in point.items():
                found[place][word] = found[place].get(word, 0.0) + value
    return found


def _shown(
    words: Sequence[Sequence[str]],
    points: Sequence[Vector],
    at: Sequence[int | None],
    middles: Sequence[Vector],
    customers: Sequence[Hashable],
) -> tuple[Cluster, ...]:
    mine: dict[int, list[int]] = defaultdict(list)
    for place, number in enumerate(at):
        if number is not None:
            mine[number].append(place)
    found: list[Cluster] = []
    for number, places in mine.items():
        if len({customers[place] for place in places}) < FEWEST_CUSTOMERS:
            continue
        length = _length(middles[number])
        near = [
            (
                place,
                min(1.0, sum(value * middles[number].get(word, 0.0) for word, value in points[place].items()) / length),
            )
            for place in places
        ]
        label = _label(words, places, middles[number], customers)
        if label:
            found.append(Cluster(label=label, texts=tuple(sorted(near, key=lambda each: (-each[1], each[0])))))
    return tuple(sorted(found, key=lambda each: (-len(each.texts), each.label)))


def _label(
    words: Sequence[Sequence[str]], places: Iterable[int], middle: Vector, customers: Sequence[Hashable]
) -> tuple[str, ...]:
    whose: dict[str, set[Hashable]] = defaultdict(set)
    for place in places:
        for word in words[place]:
            whose[word].add(customers[place])
    known = [word for word in middle if len(whose[word]) >= FEWEST_CUSTOMERS]
    return tuple(sorted(known, key=lambda word: (-middle[word], word))[:MOST_WORDS])
