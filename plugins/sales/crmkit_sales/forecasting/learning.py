"""Learning how probable it is that an opportunity is won: naive Bayes and logistic regression, both kept as log-odds.

A model is a sum of one weight for each feature, so it is kept as names and numbers, explains itself by its parts, and
needs no library to be used; the extra ``crmkit[sales]`` is needed to learn. Must not know the database.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from attrs import evolve, field, frozen

from crmkit_sales.forecasting.extras import library
from crmkit_sales.forecasting.past import Example

Method = Literal["bayes", "logistic"]

SMOOTHING = 1.0
"""Added to every count (Laplace): what was never seen with an outcome is improbable, not impossible."""
SEED = 0
FEWEST_TO_CALIBRATE = 30
"""By fewer opportunities of the newest quarter nothing is calibrated: chance would decide."""


@frozen(kw_only=True)
class Share:
    """What one feature of an opportunity adds to its log-odds; below 0 it makes winning less probable."""

    feature: str
    value: str
    log_odds: float


@frozen(kw_only=True)
class Learnt:
    """A model: log-odds of winning before anything is known, and what each value of each feature adds.

    ``slope`` and ``shift`` calibrate the sum (Platt 1999): what is kept is already a probability to be believed.
    """

    method: Method
    intercept: float
    weights: Mapping[str, Mapping[str, float]]
    slope: float = 1.0
    shift: float = 0.0
    usual: Mapping[str, float] = field(factory=dict[str, float])
    """The mean weight of each feature among the examples: parts are told against it."""

    def log_odds(self, features: Mapping[str, str]) -> float:
        """Return the log-odds of winning for some features; a value that was never seen adds nothing."""
        raw = self.intercept + sum(self.weights.get(name, {}).get(value, 0.0) for name, value in features.items())
        return self.slope * raw + self.shift

    def probability(self, features: Mapping[str, str]) -> float:
        """Return the probability of winning, 0 to 1."""
        return logistic(self.log_odds(features))

    def shares(self, features: Mapping[str, str]) -> list[Share]:
        """Return what each feature adds against an ordinary opportunity, the largest effect first."""
        found = [
            Share(
                feature=name,
                value=value,
                log_odds=self.slope * (self.weights.get(name, {}).get(value, 0.0) - self.usual.get(name, 0.0)),
            )
            for name, value in features.items()
        ]
        return sorted(found, key=lambda share: (-abs(share.log_odds), share.feature))

    def document(self) -> dict[str, Any]:
        """Return the model as plain names and numbers, to be kept."""
        return {
            "method": self.method,
            "intercept": self.intercept,
            "weights": {name: dict(values) for name, values in self.weights.items()},
            "slope": self.slope,
            "shift": self.shift,
            "usual": dict(self.usual),
        }


def learnt_of(document: Mapping[str, Any]) -> Learnt:
    """Return the model that was kept as a document."""
    return Learnt(**document)


def logistic(log_odds: float) -> float:
    """Return the probability of some log-odds, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    power = math.exp(log_odds)
    return power / (1 + power)


def learn(examples: Sequence[Example], method: Method) -> Learnt:
    """Return the model that some examples teach, calibrated on the newest quarter of them.

    The same examples give the same model. Raises MissingExtra.
    """
    ordered = sorted(examples, key=lambda each: (each.closed_at, each.opportunity_id.int, each.cut_off))
    cut = ordered[len(ordered) * 3 // 4].closed_at
    older = [each for each in ordered if each.closed_at < cut]
    newer = [each for each in ordered if each.closed_at >= cut]
    whole = _fit(ordered, method)
    if len({each.won for each in older}) < 2 or len({each.opportunity_id for each in newer}) < FEWEST_TO_CALIBRATE:
        return whole
    slope, shift = _calibrate(_fit(older, method), newer)
    return evolve(whole, slope=slope, shift=shift)


def bayes(examples: Iterable[Example], smoothing: float = SMOOTHING) -> Learnt:
    """Return a naive Bayes model: P(value | won) ÷ P(value | lost) for each feature, with added counts.

    ``intercept`` is the logarithm of (won + s) ÷ (lost + s); a weight that of ((nᵥ + s) ÷ (n + s·k)) for won over the
    same for lost, where k counts the values of the feature.
    """
    totals = {True: 0.0, False: 0.0}
    counts: dict[str, dict[str, dict[bool, float]]] = defaultdict(lambda: defaultdict(lambda: {True: 0.0, False: 0.0}))
    for each in examples:
        totals[each.won] += each.weight
        for name, value in each.features.items():
            counts[name][value][each.won] += each.weight
    weights: dict[str, dict[str, float]] = {}
    usual: dict[str, float] = {}
    for name, values in counts.items():
        among = {won: totals[won] + smoothing * len(values) for won in (True, False)}
        weights[name] = {
            value: math.log((of[True] + smoothing) / among[True]) - math.log((of[False] + smoothing) / among[False])
            for value, of in sorted(values.items())
        }
        seen = sum(sum(of.values()) for of in values.values())
        usual[name] = sum(weights[name][value] * sum(of.values()) for value, of in values.items()) / seen
    return Learnt(
        method="bayes",
        intercept=math.log((totals[True] + smoothing) / (totals[False] + smoothing)),
        weights=weights,
        usual=usual,
    )


def regression(examples: Sequence[Example]) -> Learnt:
    """Return a logistic regression over the same features, one indicator for each value. Raises MissingExtra."""
    linear_model, numpy = library("sklearn.linear_model"), library("numpy")
    names = sorted({(name, value) for each in examples for name, value in each.features.items()})
    place = {pair: number for number, pair in enumerate(names)}
    matrix = numpy.zeros((len(examples), len(names)))
    for row, each in enumerate(examples):
        for pair in each.features.items():
            matrix[row, place[pair]] = 1.0
    weight = numpy.array([each.weight for each in examples])
    won = numpy.array([each.won for each in examples])
    # The penalty keeps a value that was seen once from deciding alone.
    fitted = linear_model.LogisticRegression(C=1.0, max_iter=2000, random_state=SEED).fit(matrix, won, weight)
    found = [float(each) for each in fitted.coef_[0]]
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    usual: dict[str, float] = defaultdict(float)
    parts = matrix.T @ weight / weight.sum()
    for (name, value), number in place.items():
        weights[name][value] = found[number]
        usual[name] += found[number] * float(parts[number])
    return Learnt(method="logistic", intercept=float(fitted.intercept_[0]), weights=dict(weights), usual=dict(usual))


def _fit(examples: Sequence[Example], method: Method) -> Learnt:
    return bayes(examples) if method == "bayes" else regression(examples)


def _calibrate(model: Learnt, examples: Sequence[Example]) -> tuple[float, float]:
    """Return by what the log-odds of a model are to be multiplied, and what is to be added.

    As Platt did, outcomes are taken for a little less than sure: (n + 1) ÷ (n + 2) in place of 1, 1 ÷ (n + 2) of 0.
    """
    linear_model, numpy = library("sklearn.linear_model"), library("numpy")
    scores = numpy.array([[model.log_odds(each.features)] for each in examples])
    won = numpy.array([each.won for each in examples])
    weight = numpy.array([each.weight for each in examples])
    many, few = float(weight[won].sum()), float(weight[~won].sum())
    sure = numpy.where(won, (many + 1) / (many + 2), 1 / (few + 2))
    fitted = linear_model.LogisticRegression(C=1000.0, max_iter=2000, random_state=SEED).fit(
        numpy.concatenate([scores, scores]),
        numpy.repeat([True, False], len(scores)),
        numpy.concatenate([weight * sure, weight * (1 - sure)]),
    )
    slope = float(fitted.coef_[0][0])
    # A model that is right the wrong way round on the newest history knows nothing: then the rate alone counts.
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (0.0, float(fitted.intercept_[0]))
