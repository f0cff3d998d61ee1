"""What opportunities say of how far a sale has come: the kernel's dimension says the rest."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts

_ = texts("crmkit_sales")

DIMENSIONS = [
    Dimension(
        name="sales.stage",
        title=_("Sales stage"),
        refines="sales_stage",
        labels=[
            DimensionLabel(name="opportunity", title=_("Opportunity"), when="sales.open_count > 0"),
            DimensionLabel(name="won", title=_("Won"), when="sales.won_count > 0"),
        ],
    )
]
