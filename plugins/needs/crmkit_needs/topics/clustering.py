"""Which texts are about the same, by the words in them: topics with their terms.

A word is a point in a space in which words that keep the same company stand near each other: positive pointwise mutual
information of words in one text, with smoothed contexts, reduced by a singular value decomposition (Levy, Goldberg &
Dagan, Improving Distributional Similarity with Lessons Learned from Word Embeddings, TACL 3, 2015). A text is the mean
of its words, weighted by TF-IDF, less what all texts have in common; k-means makes topics of them. Everything is drawn
from a fixed seed. Needs ``crmkit[needs]``. Must not know the database or who said what.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from crmkit_needs.alike.wording import is_han, normal, runs_of, stem, words_of
from crmkit_needs.topics.extras import library

SEED = 0
FEWEST = 20
"""From fewer texts no topics are made."""
FEWEST_CUSTOMERS = 3
"""A topic is of so many customers at least, and so is each of its terms: what one alone says is nobody else's to
read."""
DIMENSIONS = 150
SMOOTHING = 0.75
LEAST, MOST_TOPICS = 2, 60
"""The number of topics, where nobody says it, is between these."""
MOST_TERMS = 8
_SPARE = frozenset(("subject", "re", "fw", "fwd", "regards", "best", "dear", "kind", "please", "thank", "thanks"))


@frozen(kw_only=True)
class Place:
    """A text in a topic: its place among the texts, and how near it is to the middle of the topic, from -1 to 1."""

    at: int
    nearness: float


@frozen(kw_only=True)
class Found:
    """A topic: its terms, the most telling first, the texts that it was made of, and earlier ones that belong to it."""

    terms: tuple[str, ...]
    texts: tuple[Place, ...]
    before: tuple[Place, ...]


def usual_number(texts: int) -> int:
    """Return how many topics some texts are divided into where nobody says it: the square root of half of them."""
    return max(LEAST, min(MOST_TOPICS, round(math.sqrt(texts / 2))))


def groups(texts: Sequence[str], number: int, before: Sequence[str] = ()) -> tuple[list[int], list[int], list[float]]:
    """Return for each text the number of its group, or -1 for one without a known word, then the same for the earlier
    texts, and how near each of all is to the middle of its group. Raises MissingExtra."""
    numpy, cluster = library("numpy"), library("sklearn.cluster")
    vectors, earlier = _vectors(texts, before)
    known = numpy.flatnonzero(numpy.linalg.norm(vectors, axis=1) > 0)
    at = [-1] * len(texts)
    if len(known) <= number:
        return at, [-1] * len(before), [0.0] * (len(texts) + len(before))
    # Texts that are the same are one point; there are no more topics than points.
    number = min(number, len(numpy.unique(vectors[known].round(9), axis=0)))
    fitted = cluster.KMeans(number, n_init=3, random_state=SEED).fit(vectors[known])
    for place, label in zip(known.tolist(), fitted.labels_.tolist(), strict=True):
        at[place] = label
    then = [-1] * len(before)
    rows = numpy.flatnonzero(numpy.linalg.norm(earlier, axis=1) > 0)
    if len(rows):
        for place, label in zip(rows.tolist(), fitted.predict(earlier[rows]).tolist(), strict=True):
            then[place] = label
    middles = fitted.cluster_centers_
    middles = middles / numpy.maximum(numpy.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    every = numpy.vstack([vectors, earlier]) if len(before) else vectors
    near = [
        round(float(row @ middles[label]), 6) if label >= 0 else 0.0
        for row, label in zip(every, [*at, *then], strict=True)
    ]
    return at, then, near


def topics_of(
    texts: Sequence[str],
    customers: Sequence[Hashable],
    *,
    number: int | None = None,
    before: Sequence[str] = (),
) -> list[Found]:
    """Return the topics of some texts, the largest first; ``customers`` says who said each, ``before`` are texts of the
    time before, which are given to the topics. No topics are made of fewer than 20 texts. Raises MissingExtra."""
    if len(texts) < FEWEST:
        return []
    wanted = min(number or usual_number(len(texts)), len(texts) // 2)
    at, then, near = groups(texts, wanted, before)
    terms = [_readable(each) for each in texts]
    seen = Counter(term for each in terms for term in each)
    found: list[Found] = []
    for label in range(wanted):
        mine = [place for place, each in enumerate(at) if each == label]
        if len({customers[place] for place in mine}) < FEWEST_CUSTOMERS:
            continue
        told = _terms(mine, terms, customers, seen, len(texts))
        if told:
            found.append(
                Found(
                    terms=told,
                    texts=_nearest((place, near[place]) for place in mine),
                    before=_nearest((p, near[len(texts) + p]) for p, each in enumerate(then) if each == label),
                )
            )
    return sorted(found, key=lambda each: (-len(each.texts), each.terms))


def _vectors(texts: Sequence[str], before: Sequence[str]) -> tuple[Any, Any]:
    """Return the texts, and the earlier ones, as rows of length 1, or 0 where no word is known."""
    numpy, text = library("numpy"), library("sklearn.feature_extraction.text")
    # Without a cap on common words: the weighting makes them small, and topics of one word alone would be lost.
    weigh = text.TfidfVectorizer(analyzer=words_of, sublinear_tf=True, min_df=2)
    try:
        matrix = weigh.fit_transform(texts)
    except ValueError:
        # No word occurs twice.
        return numpy.zeros((len(texts), 1)), numpy.zeros((len(before), 1))
    words = _words(matrix)
    rows = matrix @ words
    middle = _long(rows).mean(axis=0)
    earlier = weigh.transform(before) @ words if len(before) else numpy.zeros((0, words.shape[1]))
    return _centred(rows, middle), _centred(earlier, middle)


def _words(matrix: Any) -> Any:
    """Return the words of a matrix of texts as rows of length 1."""
    numpy, sparse = library("numpy"), library("scipy.sparse")
    occurs = (matrix > 0).astype(numpy.float64)
    together = (occurs.T @ occurs).tocoo()
    often = numpy.asarray(together.tocsr().sum(axis=1)).ravel()
    smoothed = often**SMOOTHING
    told = numpy.log(together.data * smoothed.sum() / (often[together.row] * smoothed[together.col]))
    kept = told > 0
    table = sparse.csr_matrix((told[kept], (together.row[kept], together.col[kept])), shape=together.shape)
    dimensions = min(DIMENSIONS, matrix.shape[1] - 1)
    if dimensions < 2:
        return numpy.eye(matrix.shape[1])
    reduce = library("sklearn.decomposition").TruncatedSVD(dimensions, random_state=SEED)
    found = reduce.fit_transform(table)
    return _long(found / numpy.sqrt(numpy.maximum(reduce.singular_values_, 1e-12)))


def _centred(rows: Any, middle: Any) -> Any:
    numpy = library("numpy")
    known = numpy.linalg.norm(rows, axis=1, keepdims=True) > 1e-12
    return numpy.where(known, _long(_long(rows) - middle), 0.0)


def _long(rows: Any) -> Any:
    """Return rows with length 1 each; a row of nothing stays so."""
    numpy = library("numpy")
    return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _nearest(places: Any) -> tuple[Place, ...]:
    ordered = sorted(places, key=lambda each: (-each[1], each[0]))
    return tuple(Place(at=at, nearness=nearness) for at, nearness in ordered)


def _readable(text: str) -> set[str]:
    """Return the terms of a text that a person can read: words, pairs of words, and two to four characters of Chinese.

    A word is the form that stands in the text; its pairs stand side by side in it.
    """
    found: set[str] = set()
    runs = runs_of(normal(text))
    for run in runs:
        if is_han(run):
            found |= {
                run[at : at + length]
                for length in (2, 3, 4)
                for at in range(len(run) - length + 1)
                if all(words_of(run[at + step : at + step + 2]) for step in range(length - 1))
            }
        elif _tells(run):
            found.add(stem(run))
    return found | {
        f"{stem(one)} {stem(other)}"
        for one, other in pairwise(runs)
        if not is_han(one) and not is_han(other) and _tells(one) and _tells(other) and one != other
    }


def _tells(word: str) -> bool:
    return len(word) > 2 and not word.isdigit() and word not in _SPARE and bool(words_of(word))


def _terms(
    mine: Sequence[int], terms: Sequence[set[str]], customers: Sequence[Hashable], seen: Counter[str], count: int
) -> tuple[str, ...]:
    """Return what the texts of a topic say more often than others do, by at least three customers."""
    here = Counter(term for place in mine for term in terms[place])
    whose: dict[str, set[Hashable]] = defaultdict(set)
    for place in mine:
        for term in terms[place]:
            if len(whose[term]) < FEWEST_CUSTOMERS:
                whose[term].add(customers[place])
    weight = {
        term: number / len(mine) * math.log(1 + count / seen[term]) * (1 + 0.2 * (len(term.split()) > 1 or _han(term)))
        for term, number in here.items()
        if len(whose[term]) >= FEWEST_CUSTOMERS
    }
    kept: list[str] = []
    for term in sorted(weight, key=lambda each: (-weight[each], each)):
        inside = [each for each in kept if _alike(term, each)]
        if not inside:
            kept.append(term)
        elif len(inside) == 1 and _within(inside[0], term) and here[term] >= 0.7 * here[inside[0]]:
            # The longer term says more, and is said nearly as often.
            kept[kept.index(inside[0])] = term
        if len(kept) == MOST_TERMS:
            break
    return tuple(kept)


def _han(term: str) -> int:
    """Return how much longer than two characters a Chinese term is."""
    return len(term) - 2 if is_han(term) else 0


def _alike(first: str, second: str) -> bool:
    """Say whether one term is part of the other, or both are parts of one stretch of Chinese."""
    if is_han(first) and is_han(second):
        return bool({first[at : at + 2] for at in range(len(first) - 1)} & set(words_of(second)))
    return _within(first, second) or _within(second, first)


def _within(short: str, long: str) -> bool:
    """Say whether a term is part of another one."""
    return short in long if is_han(short) else set(short.split()) <= set(long.split())
