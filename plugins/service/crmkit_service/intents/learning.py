"""Learning a model of intents from texts that people have labelled, and judging it on texts that it has not seen.

Which texts are held out follows from the texts themselves, so that everybody who has the same texts has the same split,
and no text is on both sides: those are held out of which the first four bytes of the SHA-256 of the text in UTF-8, as
a whole number, leave the remainder 0 when divided by five. The temperature is fitted on another fifth, with the
remainder 1.
Needs the extra ``crmkit[service]``. Must not know databases.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from attrs import asdict, evolve, field, frozen

from crmkit import texts
from crmkit.engines.statistics.intervals import wilson
from crmkit_service.intents.errors import TooFewExamples
from crmkit_service.intents.extras import library
from crmkit_service.intents.text_model import TextModel, softmax
from crmkit_service.intents.wording import terms_of

_ = texts("crmkit_service")

FIFTHS = 5
FEWEST = 40
"""From fewer texts nothing is learnt."""
FEWEST_EACH = 5
"""An intent with fewer texts is left out; two have to remain."""
MOST_TERMS = 30_000
PENALTY = 1.0
SEED = 0
SURE = 0.8
"""From this probability on a suggestion counts as sure."""
BINS = 10


@frozen(kw_only=True)
class Example:
    """A text with the intent that a person gave it."""

    text: str
    intent: str


@frozen(kw_only=True)
class Band:
    """Suggestions whose probability was within a band: how many, what was said on average, and how often it was right;
    ``low`` and ``high`` bound that at 95% (Wilson 1927)."""

    name: str
    n: int
    said: float
    right: float
    low: float
    high: float


@frozen(kw_only=True)
class PerIntent:
    """How an intent did on the held-out texts: how many have it, of which part it was found, and how often it was right
    where it was suggested."""

    intent: str
    n: int
    recall: float
    precision: float


@frozen(kw_only=True)
class Evaluation:
    """How good a model was on held-out texts.

    ``accuracy`` is the part in which the first suggestion was right, with its 95% interval; ``top3`` that in which one
    of three was; ``calibration_error`` the mean distance between what was said and what was so, by bands (Guo et al.
    2017); ``sure`` the part of texts with a suggestion of at least 80%, of which ``sure_accuracy`` was right.
    ``seconds`` is the time that learning took, all in all.
    """

    learnt_from: int
    held_out: int
    intents: int
    accuracy: float
    low: float
    high: float
    top3: float
    calibration_error: float
    sure: float
    sure_accuracy: float
    seconds: float
    bands: tuple[Band, ...] = field(converter=tuple)
    per_intent: tuple[PerIntent, ...] = field(converter=tuple)

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers, to be kept."""
        return asdict(self)


@frozen(kw_only=True)
class Lesson:
    """A model that was learnt from all texts, and how good its like was on those that were held out."""

    model: TextModel
    evaluation: Evaluation


def evaluation_of(document: dict[str, Any]) -> Evaluation:
    """Return the evaluation that was kept as a document."""
    return Evaluation(
        **{
            **document,
            "bands": [Band(**row) for row in document["bands"]],
            "per_intent": [PerIntent(**row) for row in document["per_intent"]],
        }
    )


def fifth_of(text: str) -> int:
    """Return in which fifth a text is, 0 to 4; fifth 0 is held out, fifth 1 fits the temperature."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % FIFTHS


def learn(examples: Sequence[Example]) -> Lesson:
    """Return the model that some texts teach, judged by one learnt without the fifth that is held out.

    The same texts give the same model. Raises TooFewExamples, MissingExtra.
    """
    begun = time.perf_counter()
    known = _enough(examples)
    held = [each for each in known if fifth_of(each.text) == 0]
    others = [each for each in known if fifth_of(each.text) != 0]
    fitting = [each for each in others if fifth_of(each.text) == 1]
    rest = [each for each in others if fifth_of(each.text) != 1]
    if any(len({each.intent for each in part}) < 2 for part in (held, fitting, rest)):
        raise _too_few(len(known))
    temperature = _temperature(_fit(rest), fitting)
    judged = evolve(_fit(others), temperature=temperature)
    whole = evolve(_fit(known), temperature=temperature)
    evaluation = _judge(judged, held, len(others))
    return Lesson(model=whole, evaluation=evolve(evaluation, seconds=round(time.perf_counter() - begun, 2)))


def _enough(examples: Sequence[Example]) -> list[Example]:
    """Return the examples of the intents that have enough of them. Raises TooFewExamples."""
    counts = Counter(each.intent for each in examples)
    known = [each for each in examples if counts[each.intent] >= FEWEST_EACH and each.text.strip()]
    if len(known) < FEWEST or len({each.intent for each in known}) < 2:
        raise _too_few(len(known))
    return known


def _too_few(found: int) -> TooFewExamples:
    return TooFewExamples(
        _("There are {found} texts with an intent that {each} or more have; {needed} of two intents are needed."),
        fix=_("Confirm intents of more cases, or learn from a file."),
        found=found,
        each=FEWEST_EACH,
        needed=FEWEST,
    )


def _fit(examples: Sequence[Example]) -> TextModel:
    """Return a model with temperature 1, learnt from all of some examples."""
    feature_text = library("sklearn.feature_extraction.text")
    svm, numpy = library("sklearn.svm"), library("numpy")
    # A term of one text alone says nothing of others, and may say who wrote it.
    vectors = feature_text.TfidfVectorizer(analyzer=terms_of, min_df=2, max_features=MOST_TERMS, sublinear_tf=True)
    try:
        matrix = vectors.fit_transform([each.text for each in examples])
    except ValueError as error:
        raise _too_few(len(examples)) from error
    labels = numpy.array([each.intent for each in examples])
    fitted = svm.LinearSVC(C=PENALTY, random_state=SEED).fit(matrix, labels)
    weights, biases = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights, biases = numpy.vstack([-weights[0], weights[0]]), numpy.array([-biases[0], biases[0]])
    return TextModel(
        intents=tuple(str(name) for name in fitted.classes_),
        terms=tuple(str(term) for term in vectors.get_feature_names_out()),
        idf=vectors.idf_.astype(numpy.float32),
        weights=weights.astype(numpy.float16).astype(numpy.float32),
        biases=biases.astype(numpy.float32),
        temperature=1.0,
    )


def _scores(model: TextModel, examples: Sequence[Example]) -> tuple[Any, list[int]]:
    """Return the scores of some examples, a row each, and the places of their intents; of intents that the model lacks
    the place is −1."""
    sparse, feature_text = library("scipy.sparse"), library("sklearn.feature_extraction.text")
    counted = feature_text.CountVectorizer(analyzer=terms_of, vocabulary=model.places)
    matrix = counted.transform([each.text for each in examples]).astype("float32")
    matrix.data = 1 + library("numpy").log(matrix.data)
    scaled = library("sklearn.preprocessing").normalize(matrix @ sparse.diags(model.idf))
    places = {name: place for place, name in enumerate(model.intents)}
    return scaled @ model.weights.T + model.biases, [places.get(each.intent, -1) for each in examples]


def _temperature(model: TextModel, examples: Sequence[Example]) -> float:
    """Return the temperature at which the probabilities of some examples' intents are highest (Guo et al. 2017), by
    golden section over its logarithm."""
    numpy = library("numpy")
    scores, truth = _scores(model, examples)
    rows = numpy.array([row for row, place in enumerate(truth) if place >= 0])
    places = numpy.array([place for place in truth if place >= 0])

    def loss(logarithm: float) -> float:
        chances = softmax(scores[rows], math.exp(logarithm))[numpy.arange(len(rows)), places]
        return float(-numpy.log(numpy.maximum(chances, 1e-12)).mean())

    low, high, part = math.log(0.02), math.log(5.0), (math.sqrt(5) - 1) / 2
    for _round in range(40):
        left, right = high - part * (high - low), low + part * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return math.exp((low + high) / 2)


def _judge(model: TextModel, held: Sequence[Example], learnt_from: int) -> Evaluation:
    numpy = library("numpy")
    scores, truth = _scores(model, held)
    chances = softmax(scores, model.temperature)
    order = numpy.argsort(-chances, axis=1, kind="stable")
    first = [int(place) for place in order[:, 0]]
    said = [float(row[place]) for row, place in zip(chances, first, strict=True)]
    right = [place == true for place, true in zip(first, truth, strict=True)]
    interval = wilson(sum(right), len(held))
    bands = _bands(said, right)
    sure = [hit for chance, hit in zip(said, right, strict=True) if chance >= SURE]
    return Evaluation(
        learnt_from=learnt_from,
        held_out=len(held),
        intents=len(model.intents),
        accuracy=sum(right) / len(held),
        low=interval.low or 0.0,
        high=1.0 if interval.high is None else interval.high,
        top3=sum(true in row[:3].tolist() for row, true in zip(order, truth, strict=True)) / len(held),
        calibration_error=sum(band.n * abs(band.said - band.right) for band in bands) / len(held),
        sure=len(sure) / len(held),
        sure_accuracy=sum(sure) / len(sure) if sure else 0.0,
        seconds=0.0,
        bands=bands,
        per_intent=_per_intent(model.intents, first, held),
    )


def _bands(said: Sequence[float], right: Sequence[bool]) -> list[Band]:
    among: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, hit in zip(said, right, strict=True):
        among[min(int(chance * BINS), BINS - 1)].append((chance, hit))
    found = []
    for number, pairs in sorted(among.items()):
        hits = sum(hit for _chance, hit in pairs)
        interval = wilson(hits, len(pairs))
        found.append(
            Band(
                name=f"{number * 100 // BINS}-{(number + 1) * 100 // BINS}",
                n=len(pairs),
                said=sum(chance for chance, _hit in pairs) / len(pairs),
                right=hits / len(pairs),
                low=interval.low or 0.0,
                high=1.0 if interval.high is None else interval.high,
            )
        )
    return found


def _per_intent(names: Sequence[str], first: Sequence[int], held: Sequence[Example]) -> list[PerIntent]:
    there, told, both = Counter[str](), Counter[str](), Counter[str]()
    for place, each in zip(first, held, strict=True):
        there[each.intent] += 1
        told[names[place]] += 1
        both[each.intent] += names[place] == each.intent
    return [
        PerIntent(
            intent=name,
            n=there[name],
            recall=both[name] / there[name] if there[name] else 0.0,
            precision=both[name] / told[name] if told[name] else 0.0,
        )
        for name in sorted({*names, *there})
    ]
