"""The rules, the dimension and the segment that the plugin ships; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit import Dimension, Do, Rule, Segment, texts
from crmkit.hooks.contributions import DimensionLabel

_ = texts("crmkit_warranty")

RULES = [
    Rule(
        name="warranty.remind",
        title=_("Remind of a warranty that ends"),
        every="day",
        when="warranty.count > 0 and days_until(warranty.next_expiry) <= 30",
        then=(Do(operation="warranty.remind", arguments={"customer_id": "customer.id"}),),
        once_per="customer, 30 days",
    )
]

DIMENSIONS = [
    Dimension(
        name="warranty.cover",
        title=_("Cover"),
        labels=(
            DimensionLabel(name="covered", title=_("Covered"), when="warranty.count > 0"),
            DimensionLabel(name="bare", title=_("Not covered"), when="true"),
        ),
        doc=_("Whether a customer holds a warranty that runs."),
    )
]

SEGMENTS = [
    Segment(
        name="warranty.ending",
        title=_("Warranty ends soon"),
        where="warranty.count > 0 and days_until(warranty.next_expiry) <= 30",
        doc=_("Customers whose next warranty runs out within thirty days."),
    )
]
