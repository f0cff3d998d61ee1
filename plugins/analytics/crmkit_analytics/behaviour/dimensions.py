"""How evenly customers buy, as a dimension: the X, Y and Z beside the A, B and C of their value."""

from __future__ import annotations

from crmkit import ByCutPoints, Dimension, DimensionLabel, texts

_ = texts("crmkit_analytics")

DIMENSIONS = [
    Dimension(
        name="analytics.xyz",
        title=_("Regularity"),
        labels=[
            DimensionLabel(name="x", title=_("X: regular")),
            DimensionLabel(name="y", title=_("Y: varying")),
            DimensionLabel(name="z", title=_("Z: irregular")),
        ],
        decider=ByCutPoints(score="analytics.variation", points=("0.5", "1"), margin="0.05"),
        among="analytics.months >= 2",
        doc=_("How evenly somebody buys from month to month: deviation by mean, below 0.5, below 1, or more."),
    ),
]
