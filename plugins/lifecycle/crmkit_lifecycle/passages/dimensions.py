"""What lifecycle says in the kernel's dimensions: the usual model in *lifecycle*, the own gap in *activity*."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts

_ = texts("crmkit_lifecycle")

_SILENT = 'lifecycle.activity == "lost"'

DIMENSIONS = [
    Dimension(
        name="lifecycle.stage",
        title=_("Stage of the lifecycle"),
        refines="lifecycle",
        labels=[
            DimensionLabel(name="potential", title=_("Potential"), when='lifecycle.label == "potential"'),
            DimensionLabel(name="new", title=_("New"), when='lifecycle.label == "new"'),
            DimensionLabel(name="mature", title=_("Mature"), when=f'lifecycle.label == "mature" and not ({_SILENT})'),
            DimensionLabel(
                name="lost",
                title=_("Lost"),
                when=f'lifecycle.label == "lost" or lifecycle.label == "mature" and {_SILENT}',
            ),
        ],
    ),
    Dimension(
        name="lifecycle.activity",
        title=_("Activity by the own gap"),
        refines="activity",
        labels=[
            DimensionLabel(name="lost", title=_("Lost"), when='lifecycle.activity == "lost"'),
            DimensionLabel(name="silent", title=_("Silent"), when='lifecycle.activity == "silent"'),
            DimensionLabel(name="active", title=_("Active"), when='lifecycle.activity == "active"'),
        ],
    ),
]
