"""Whether probabilities were to be believed: Brier score and reliability, a model's beside those typed by hand.

Must not know where probabilities come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import asdict, field, frozen

from crmkit.engines.statistics.intervals import wilson
from crmkit_sales.forecasting.learning import Learnt
from crmkit_sales.forecasting.past import Example

BINS = 10


@frozen(kw_only=True)
class Said:
    """A probability that was said (0 to 1), by hand and by a model, and what came of it."""

    stage: str
    typed: float
    model: float
    won: bool
    weight: float = 1.0


@frozen(kw_only=True)
class Reliability:
    """Opportunities of one stage, or of one band of probabilities: how many were won, and what had been said.

    ``n`` counts opportunities by weight; ``low`` and ``high`` bound the share that was won at 95% (Wilson 1927).
    """

    name: str
    n: float
    won: float
    low: float
    high: float
    typed: float
    model: float
    brier_typed: float
    brier_model: float


@frozen(kw_only=True)
class Evaluation:
    """How good probabilities were on history that the model had not seen: the mean squared error (Brier 1950), 0 is
    perfect, and the share that was won at each stage and in each band of what the model said."""

    n: float
    since: str
    brier_typed: float
    brier_model: float
    stages: tuple[Reliability, ...] = field(converter=tuple)
    bands: tuple[Reliability, ...] = field(converter=tuple)

    @property
    def gain(self) -> float:
        """Return by which part the model's error is less than that of what was typed; below 0 it is worse."""
        return 1 - self.brier_model / self.brier_typed if self.brier_typed > 0 else 0.0

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers, to be kept."""
        return asdict(self)


def evaluation_of(document: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation that was kept as a document."""
    rows = {name: [Reliability(**row) for row in document[name]] for name in ("stages", "bands")}
    return Evaluation(**{**document, **rows})


def brier(pairs: Sequence[tuple[float, bool, float]]) -> float:
    """Return the weighted mean of (probability − outcome)²; each comes with its weight."""
    total = sum(weight for _said, _won, weight in pairs)
    return sum(weight * (said - won) ** 2 for said, won, weight in pairs) / total if total else 0.0


def split_in_time(examples: Sequence[Example], share: float = 0.25) -> tuple[list[Example], list[Example], datetime]:
    """Return the examples to learn from, those to judge by, and the instant between them.

    What is learnt from had ended before it; what is judged by was looked at from then on: the model could have been
    asked then, and knew nothing of what came.
    """
    ends = sorted({each.opportunity_id: each.closed_at for each in examples}.values())
    cut = ends[int(len(ends) * (1 - share))]
    return [e for e in examples if e.closed_at < cut], [e for e in examples if e.cut_off >= cut], cut


def evaluate(model: Learnt, examples: Iterable[Example], since: str = "") -> Evaluation:
    """Return how good a model, and what was typed by hand, was on examples that it had not seen."""
    said = [
        Said(stage=e.stage, typed=e.typed, model=model.probability(e.features), won=e.won, weight=e.weight)
        for e in examples
    ]
    by_stage: dict[str, list[Said]] = defaultdict(list)
    by_band: dict[int, list[Said]] = defaultdict(list)
    for each in said:
        by_stage[each.stage].append(each)
        by_band[min(int(each.model * BINS), BINS - 1)].append(each)
    return Evaluation(
        n=sum(each.weight for each in said),
        since=since,
        brier_typed=brier([(each.typed, each.won, each.weight) for each in said]),
        brier_model=brier([(each.model, each.won, each.weight) for each in said]),
        stages=[reliability(stage, by_stage[stage]) for stage in sorted(by_stage)],
        bands=[
            reliability(f"{band * 100 // BINS}-{(band + 1) * 100 // BINS}", by_band[band]) for band in sorted(by_band)
        ],
    )


def reliability(name: str, said: Sequence[Said]) -> Reliability:
    """Return what was said of some opportunities, and how many were won."""
    n = sum(each.weight for each in said)
    won = sum(each.weight for each in said if each.won)
    # An interval is for whole opportunities; the weights of one add up to at most 1.
    whole = max(round(n), 1)
    interval = wilson(min(won / n * whole, whole), whole)
    return Reliability(
        name=name,
        n=n,
        won=won / n,
        low=interval.low or 0.0,
        high=1.0 if interval.high is None else interval.high,
        typed=sum(each.weight * each.typed for each in said) / n,
        model=sum(each.weight * each.model for each in said) / n,
        brier_typed=brier([(each.typed, each.won, each.weight) for each in said]),
        brier_model=brier([(each.model, each.won, each.weight) for each in said]),
    )
