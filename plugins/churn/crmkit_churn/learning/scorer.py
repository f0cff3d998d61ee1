"""A model as it is used: features in, probabilities and their reasons out, kept as plain names and numbers.

Scores a batch of customers at a time, so that memory stays the same however many there are. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from crmkit_churn.extras import library
from crmkit_churn.learning.calibration import Calibration, calibration_of
from crmkit_churn.learning.drift import Reference, reference_of
from crmkit_churn.learning.encoding import Columns, Encoder, Value, encoder_of
from crmkit_churn.learning.points import Card, card_of, log_odds_of
from crmkit_churn.learning.trees import Forest, forest_of

Method = Literal["logistic", "boosting", "hazard", "points", "alive", "rate"]


@frozen(kw_only=True)
class Reason:
    """What one feature adds to the log-odds of leaving against an ordinary customer; above 0 it speaks for leaving."""

    feature: str
    value: Value
    log_odds: float


@frozen(kw_only=True)
class Scored:
    """What a model says of one customer: the probability, 0 to 1, and why, the largest effect first."""

    probability: float
    score: float
    reasons: tuple[Reason, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Scorer:
    """A fitted model. ``weights`` and ``start`` are those of a sum (logistic, hazard); ``forest`` and ``card`` those of
    the methods that have them. ``reference`` tells how features, and the probability as "", were spread when it learnt;
    ``cumulated`` is the hazard within the horizon of a customer whose features are all 0."""

    method: Method
    encoder: Encoder
    calibration: Calibration
    start: float = 0.0
    weights: tuple[float, ...] = field(default=(), converter=tuple)
    forest: Forest | None = None
    card: Card | None = None
    cumulated: float = 0.0
    reference: Mapping[str, Reference] = field(factory=dict[str, Reference])

    @property
    def names(self) -> list[str]:
        """Return the names of the features that it needs."""
        if self.card is not None:
            return [line.name for line in self.card.lines]
        return [each.name for each in self.encoder.features]

    def raw(self, columns: Columns) -> list[float]:
        """Return the score of each customer before it is made a probability: log-odds, or log hazard."""
        rows = len(next(iter(columns.values()))) if columns else 0
        if self.method == "rate":
            return [self.start] * rows
        if self.card is not None:
            lines = [(line, columns[line.name]) for line in self.card.lines]
            return [
                self.card.start + log_odds_of(sum(line.of(values[row]) for line, values in lines))
                for row in range(rows)
            ]
        matrix = self.encoder.matrix(columns)
        if self.forest is not None:
            return self.forest.log_odds(matrix).tolist()
        return (self.start + matrix @ library("numpy").array(self.weights)).tolist()

    def probabilities(self, columns: Columns) -> list[float]:
        """Return the probability of leaving of each customer."""
        return [self.calibration.probability(each) for each in self.raw(columns)]

    def score(self, columns: Columns, most: int = 6) -> list[Scored]:
        """Return what the model says of each customer, with at most so many reasons."""
        raw = self.raw(columns)
        names, parts = self._parts(columns)
        found: list[Scored] = []
        slope = self.calibration.slope if self.calibration.way == "platt" else 1.0
        for row, score in enumerate(raw):
            own = sorted(zip(parts[row], names, strict=True), key=lambda pair: (-abs(pair[0]), pair[1]))
            reasons = [
                Reason(feature=name, value=columns[name][row], log_odds=round(float(part) * slope, 4))
                for part, name in own[:most]
                if abs(part * slope) >= 0.0005
            ]
            found.append(Scored(probability=self.calibration.probability(score), score=float(score), reasons=reasons))
        return found

    def contributions(self, columns: Columns) -> tuple[list[str], Sequence[Sequence[float]], float]:
        """Return the features, what each adds to each customer's score, and the score of an ordinary customer: these
        add up to `raw`."""
        names, parts = self._parts(columns)
        return names, parts, self._usual()

    def _usual(self) -> float:
        if self.card is not None:
            return self.card.start + log_odds_of(sum(line.usual for line in self.card.lines))
        if self.forest is not None:
            return self.forest.bias
        return self.start + sum(w * m for w, m in zip(self.weights, self.encoder.usual, strict=True))

    def _parts(self, columns: Columns) -> tuple[list[str], Any]:
        numpy = library("numpy")
        rows = len(next(iter(columns.values()))) if columns else 0
        if self.method == "rate":
            return [], [[] for _row in range(rows)]
        if self.card is not None:
            lines = self.card.lines
            parts = [
                [log_odds_of(line.of(columns[line.name][row]) - line.usual) for line in lines] for row in range(rows)
            ]
            return [line.name for line in lines], parts
        matrix = self.encoder.matrix(columns)
        if self.forest is not None:
            by_column = self.forest.contributions(matrix)
        else:
            by_column = (matrix - numpy.array(self.encoder.usual)) * numpy.array(self.weights)
        owners = numpy.array(self.encoder.owners)
        features = self.encoder.features
        parts = numpy.column_stack([by_column[:, owners == place].sum(axis=1) for place in range(len(features))])
        return [each.name for each in features], parts.tolist()

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "method": self.method,
            "encoder": self.encoder.document(),
            "calibration": self.calibration.document(),
            "start": self.start,
            "weights": list(self.weights),
            "forest": None if self.forest is None else self.forest.document(),
            "card": None if self.card is None else self.card.document(),
            "cumulated": self.cumulated,
            "reference": {name: each.document() for name, each in self.reference.items()},
        }


def scorer_of(document: Mapping[str, Any]) -> Scorer:
    """Return the model that was kept as a document."""
    return Scorer(
        method=document["method"],
        encoder=encoder_of(document["encoder"]),
        calibration=calibration_of(document["calibration"]),
        start=document["start"],
        weights=document["weights"],
        forest=None if document["forest"] is None else forest_of(document["forest"]),
        card=None if document["card"] is None else card_of(document["card"]),
        cumulated=document["cumulated"],
        reference={name: reference_of(each) for name, each in document["reference"].items()},
    )
