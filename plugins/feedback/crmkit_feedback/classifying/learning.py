"""Learning what feedback is about from what people say of it: one classifier for each theme, so that a text may have
several, judged on texts that it has not seen.

A text is held out where the first four bytes of its SHA-256, as a whole number, leave the remainder 0 when divided by
five. A model is plain numbers: an idf for each term, weights for each theme. Needs ``crmkit[feedback]`` to learn, and
nothing to be applied. Must not know databases.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from crmkit_feedback.extras import library

FEWEST = 30
"""From fewer texts nothing is learnt."""
FEWEST_EACH = 8
"""A theme with fewer texts is left to its words."""
MOST_TERMS = 8000
MOST_WEIGHTS = 400
"""So many terms of a theme are kept, those that tell most."""
PENALTY = 4.0
SURE = 0.5
_POINTING = re.compile(r"\S+@\S+\.\S+|(?:https?://|www\.)\S+|\d[\d\s.,/-]{2,}\d|\d{4,}")
"""What points at a person or a thing is in no model: addresses, links, long numbers."""
_WORD = re.compile(r"[㐀-鿿]|[^\W_]+")


@frozen(kw_only=True)
class Example:
    """A text with the themes that a person gave it."""

    text: str
    themes: frozenset[str]


@frozen(kw_only=True)
class Agreement:
    """How often the themes that were found are right (``precision``), how many of the right ones were found
    (``recall``), both over all texts and themes, and their harmonic mean."""

    precision: float
    recall: float
    f1: float


@frozen(kw_only=True)
class ThemeClassifier:
    """The weights of terms by theme, the idf of each term, and what is added for each theme."""

    idf: Mapping[str, float]
    weights: Mapping[str, Mapping[str, float]]
    bias: Mapping[str, float]

    def chances(self, text: str) -> dict[str, float]:
        """Return for each theme that was learnt the probability that a text is about it."""
        vector = self._vector(text)
        found = {}
        for theme, weights in self.weights.items():
            total = sum(weights.get(term, 0.0) * value for term, value in vector.items()) + self.bias[theme]
            found[theme] = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        return found

    def _vector(self, text: str) -> dict[str, float]:
        counted = {term: count for term, count in Counter(terms_of(text)).items() if term in self.idf}
        values = {term: (1 + math.log(count)) * self.idf[term] for term, count in counted.items()}
        length = math.sqrt(sum(value * value for value in values.values()))
        return {term: value / length for term, value in values.items()} if length else {}

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers, to be kept."""
        return {
            "idf": dict(self.idf),
            "weights": {k: dict(v) for k, v in self.weights.items()},
            "bias": dict(self.bias),
        }


@frozen(kw_only=True)
class Lesson:
    """A model of all texts, and how its like and the words did on the texts that were held out."""

    model: ThemeClassifier
    examples: int
    held_out: int
    learnt: Agreement
    words: Agreement

    @property
    def better(self) -> bool:
        """Say whether what was learnt tells more than the words of the themes do."""
        return self.learnt.f1 > self.words.f1


def classifier_of(document: Mapping[str, Any]) -> ThemeClassifier:
    """Return the classifier that was kept as a document."""
    return ThemeClassifier(idf=document["idf"], weights=document["weights"], bias=document["bias"])


def terms_of(text: str) -> list[str]:
    """Return the terms of a text: words and pairs of words; each character of Chinese is a word. Addresses, links and
    long numbers are left out."""
    words = _WORD.findall(_POINTING.sub(" ", unicodedata.normalize("NFKC", text[:4000]).casefold()))
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def is_held_out(text: str) -> bool:
    """Say whether a text is one of those by which a model is judged."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 5 == 0


def learn(examples: Sequence[Example], by_words: Sequence[Collection[str]]) -> Lesson | None:
    """Return what can be learnt from examples, None from too few; ``by_words`` has the themes that their words tell,
    for comparison."""
    if len(examples) < FEWEST:
        return None
    apart = [is_held_out(each.text) for each in examples]
    seen = [each for each, held in zip(examples, apart, strict=True) if not held]
    judged = [(each, words) for each, words, held in zip(examples, by_words, apart, strict=True) if held]
    trial, model = _fit(seen), _fit(examples)
    if trial is None or model is None or not judged:
        return None
    themes = set(trial.weights)
    told = [{name for name, chance in trial.chances(each.text).items() if chance >= SURE} for each, _words in judged]
    # A theme that was not learnt goes by its words in both.
    both = [
        found | {name for name in words if name not in themes} for found, (_e, words) in zip(told, judged, strict=True)
    ]
    truth = [each.themes for each, _words in judged]
    return Lesson(
        model=model,
        examples=len(examples),
        held_out=len(judged),
        learnt=agreement(truth, both),
        words=agreement(truth, [set(words) for _e, words in judged]),
    )


def agreement(truth: Sequence[Collection[str]], found: Sequence[Collection[str]]) -> Agreement:
    """Return precision, recall and F1 over all texts and themes (micro-averaged)."""
    right = sum(len(set(true) & set(told)) for true, told in zip(truth, found, strict=True))
    told, true = sum(map(len, found)), sum(map(len, truth))
    precision, recall = right / told if told else 0.0, right / true if true else 0.0
    both = precision + recall
    return Agreement(precision=precision, recall=recall, f1=2 * precision * recall / both if both else 0.0)


def kappa(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float, float] | None:
    """Return how far two raters agree beyond chance, with the ends of its 95% interval, None where there is no more
    than chance could tell (Cohen 1960; standard error of Fleiss, Cohen & Everitt 1969)."""
    n = len(pairs)
    if not n:
        return None
    both = sum(a and b for a, b in pairs) / n
    neither = sum(not a and not b for a, b in pairs) / n
    first, second = sum(a for a, _b in pairs) / n, sum(b for _a, b in pairs) / n
    seen = both + neither
    chance = first * second + (1 - first) * (1 - second)
    if chance >= 1:
        return None
    value = (seen - chance) / (1 - chance)
    cells = {(True, True): both, (False, False): neither, (True, False): first - both, (False, True): second - both}
    rows, columns = {True: first, False: 1 - first}, {True: second, False: 1 - second}
    on = sum(cells[each, each] * (1 - (rows[each] + columns[each]) * (1 - value)) ** 2 for each in (True, False))
    off = (1 - value) ** 2 * sum(cells[a, b] * (columns[a] + rows[b]) ** 2 for a, b in ((True, False), (False, True)))
    variance = (on + off - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    reach = 1.959964 * math.sqrt(max(variance, 0.0))
    return value, max(-1.0, value - reach), min(1.0, value + reach)


def _fit(examples: Sequence[Example]) -> ThemeClassifier | None:
    np, sparse = library("numpy"), library("scipy.sparse")
    regression = library("sklearn.linear_model").LogisticRegression
    counted = Counter(theme for each in examples for theme in each.themes)
    themes = sorted(name for name, count in counted.items() if FEWEST_EACH <= count < len(examples))
    if not themes:
        return None
    texts = [Counter(terms_of(each.text)) for each in examples]
    seen = Counter(term for each in texts for term in each)
    terms = sorted(sorted(each for each in seen if seen[each] > 1), key=lambda each: -seen[each])[:MOST_TERMS]
    place = {term: number for number, term in enumerate(terms)}
    idf = {term: math.log((1 + len(texts)) / (1 + seen[term])) + 1 for term in terms}
    rows, columns, values = [], [], []
    for row, counts in enumerate(texts):
        known = {term: (1 + math.log(count)) * idf[term] for term, count in counts.items() if term in place}
        length = math.sqrt(sum(value * value for value in known.values())) or 1.0
        rows += [row] * len(known)
        columns += [place[term] for term in known]
        values += [value / length for value in known.values()]
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(terms)))
    weights, bias = {}, {}
    for theme in themes:
        wanted = [theme in each.themes for each in examples]
        fitted = regression(C=PENALTY, solver="liblinear", class_weight="balanced", random_state=0).fit(matrix, wanted)
        strongest = np.argsort(-np.abs(fitted.coef_[0]))[:MOST_WEIGHTS]
        weights[theme] = {terms[at]: round(float(fitted.coef_[0][at]), 4) for at in sorted(strongest.tolist())}
        bias[theme] = round(float(fitted.intercept_[0]), 4)
    used = {term for each in weights.values() for term in each}
    # Terms without a weight still make a text longer: their idf is kept, rounded.
    return ThemeClassifier(
        idf={term: round(value, 4) for term, value in idf.items() if term in used or seen[term] > 2},
        weights=weights,
        bias=bias,
    )
