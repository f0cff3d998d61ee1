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
    """A text with the themes that a person gave it. Of those in ``unknown`` no person has said anything, only a
    machine: they are neither right nor wrong."""

    text: str
    themes: frozenset[str]
    unknown: frozenset[str] = frozenset()


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
    """A model of all texts, and how its like (``trial``, which has not seen the texts that were held out), the words
    and the model in use did on those. ``gain`` is what F1 gains over what is in use, with the ends of its 95%
    interval."""

    model: ThemeClassifier
    trial: ThemeClassifier
    examples: int
    held_out: int
    learnt: Agreement
    words: Agreement
    used: Agreement | None
    gain: tuple[float, float, float]

    @property
    def better(self) -> bool:
        """Say whether the texts that were held out support that what was learnt tells more than what is in use."""
        return self.gain[1] > 0


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


def learn(
    examples: Sequence[Example], by_words: Sequence[Collection[str]], used: ThemeClassifier | None = None
) -> Lesson | None:
    """Return what can be learnt from examples, None from too few; ``by_words`` has the themes that their words tell,
    ``used`` is the trial of the model in use, for comparison."""
    if len(examples) < FEWEST:
        return None
    apart = [is_held_out(each.text) for each in examples]
    seen = [each for each, held in zip(examples, apart, strict=True) if not held]
    judged = [(each, words) for each, words, held in zip(examples, by_words, apart, strict=True) if held]
    trial, model = _fit(seen), _fit(examples)
    if trial is None or model is None or not judged:
        return None
    truth = [each.themes for each, _words in judged]
    by_word = [set(words) - each.unknown for each, words in judged]
    learnt = _told(trial, judged)
    before = by_word if used is None else _told(used, judged)
    return Lesson(
        model=model,
        trial=trial,
        examples=len(examples),
        held_out=len(judged),
        learnt=agreement(truth, learnt),
        words=agreement(truth, by_word),
        used=None if used is None else agreement(truth, before),
        gain=gain(truth, learnt, before),
    )


def _told(model: ThemeClassifier, judged: Sequence[tuple[Example, Collection[str]]]) -> list[set[str]]:
    """Return the themes that a model tells of texts; one that it has not learnt goes by its words."""
    return [
        (
            {name for name, chance in model.chances(each.text).items() if chance >= SURE}
            | {name for name in words if name not in model.weights}
        )
        - each.unknown
        for each, words in judged
    ]


def gain(
    truth: Sequence[Collection[str]], found: Sequence[Collection[str]], before: Sequence[Collection[str]]
) -> tuple[float, float, float]:
    """Return by how much the F1 of what was found is above that of what was found before, on the same texts, with the
    ends of its 95% interval: texts are drawn again 2,000 times, always the same ones, each with both of its findings
    (paired percentile bootstrap, Efron & Tibshirani 1993)."""
    np = library("numpy")
    count = len(truth)
    if not count:
        return 0.0, 0.0, 0.0

    def parts(told: Sequence[Collection[str]]) -> Any:
        both = [(set(a), set(b)) for a, b in zip(truth, told, strict=True)]
        return np.array([(2 * len(a & b), len(a) + len(b)) for a, b in both], dtype=float)

    pairs = np.hstack([parts(found), parts(before)])
    draws = np.random.default_rng(0)
    differences = []
    for _turn in range(20):
        drawn = draws.multinomial(count, np.full(count, 1 / count), size=100) @ pairs
        differences.append(_ratio(np, drawn[:, 0], drawn[:, 1]) - _ratio(np, drawn[:, 2], drawn[:, 3]))
    low, high = np.quantile(np.concatenate(differences), (0.025, 0.975))
    return agreement(truth, found).f1 - agreement(truth, before).f1, float(low), float(high)


def _ratio(np: Any, above: Any, below: Any) -> Any:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


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
    unsaid = Counter(theme for each in examples for theme in each.unknown)
    themes = sorted(name for name, count in counted.items() if FEWEST_EACH <= count < len(examples) - unsaid[name])
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
        said = [at for at, each in enumerate(examples) if theme not in each.unknown]
        wanted = [theme in examples[at].themes for at in said]
        fitted = regression(C=PENALTY, solver="liblinear", class_weight="balanced", random_state=0).fit(
            matrix[said], wanted
        )
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
