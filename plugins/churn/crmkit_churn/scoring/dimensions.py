"""How great the risk is, as a dimension: cut points that an admin may move, with a margin so that nobody flaps."""

from __future__ import annotations

from crmkit import ByCutPoints, Dimension, DimensionLabel, texts
from crmkit_churn.scoring.words import RISKS

_ = texts("crmkit_churn")

DIMENSIONS = [
    Dimension(
        name="churn_risk",
        title=_("Risk of leaving"),
        labels=[DimensionLabel(name=name, title=title) for name, title in RISKS.items()],
        decider=ByCutPoints(score="churn.probability", points=("0.3", "0.6"), margin="0.05"),
        among="churn.scored and not churn.gone",
        doc=_("By the probability of leaving: low below 0.3, high from 0.6, each with a margin of 0.05."),
    )
]
