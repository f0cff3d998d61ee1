"""What leads say of intent, ability and time: the kernel's dimensions of these are a person's to pin otherwise."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts

_ = texts("crmkit_sales")

DIMENSIONS = [
    Dimension(
        name="sales.intent",
        title=_("Intent"),
        refines="buying_intent",
        labels=[
            DimensionLabel(name="low", title=_("Little intent"), when='sales.intent == "low"'),
            DimensionLabel(name="medium", title=_("Some intent"), when='sales.intent == "medium"'),
            DimensionLabel(name="high", title=_("Firm intent"), when='sales.intent == "high"'),
        ],
    ),
    Dimension(
        name="sales.ability",
        title=_("Ability to pay"),
        refines="buying_ability",
        labels=[
            DimensionLabel(name="low", title=_("No budget"), when='sales.ability == "none"'),
            DimensionLabel(name="medium", title=_("Part of the budget"), when='sales.ability == "partly"'),
            DimensionLabel(name="high", title=_("Budget is there"), when='sales.ability == "yes"'),
        ],
    ),
    Dimension(
        name="sales.timing",
        title=_("Timing"),
        refines="buying_timing",
        labels=[
            DimensionLabel(name="later", title=_("Later"), when='sales.timing in ["year", "later"]'),
            DimensionLabel(name="soon", title=_("This quarter"), when='sales.timing == "quarter"'),
            DimensionLabel(name="now", title=_("Now"), when='sales.timing == "now"'),
        ],
    ),
]
