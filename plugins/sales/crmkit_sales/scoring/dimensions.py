"""How hot who has points by the usual model is; of everybody else the kernel's dimension says it by when they were last
heard of."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts
from crmkit_sales.scoring.words import LABELS

_ = texts("crmkit_sales")

DIMENSIONS = [
    Dimension(
        name="sales.heat",
        title=_("Temperature"),
        refines="temperature",
        labels=[
            DimensionLabel(name=name, title=title, when=f'sales.temperature == "{name}"')
            for name, title in LABELS.items()
        ],
    )
]
