"""What needs say in the kernel's dimensions: how standard, urgent and complex the need is that matters most."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts
from crmkit_needs.catalogue.words import COMPLEXITIES, SCOPES, URGENCIES

_ = texts("crmkit_needs")

DIMENSIONS = [
    Dimension(
        name="needs.need",
        title=_("Need"),
        refines="need",
        labels=[
            DimensionLabel(name=name, title=title, when=f'needs.main_scope == "{name}"')
            for name, title in SCOPES.items()
        ],
    ),
    Dimension(
        name="needs.urgency",
        title=_("Urgency"),
        refines="need_urgency",
        labels=[
            DimensionLabel(name="low", title=URGENCIES["low"], when='needs.main_urgency == "low"'),
            DimensionLabel(name="medium", title=URGENCIES["normal"], when='needs.main_urgency == "normal"'),
            DimensionLabel(
                name="high",
                title=URGENCIES["high"],
                when='needs.main_urgency == "high" or needs.main_urgency == "critical"',
            ),
        ],
    ),
    Dimension(
        name="needs.complexity",
        title=_("Complexity"),
        refines="need_complexity",
        labels=[
            DimensionLabel(name="low", title=COMPLEXITIES["small"], when='needs.main_complexity == "small"'),
            DimensionLabel(name="medium", title=COMPLEXITIES["medium"], when='needs.main_complexity == "medium"'),
            DimensionLabel(name="high", title=COMPLEXITIES["large"], when='needs.main_complexity == "large"'),
        ],
    ),
]
