"""The table of the policy: by what values, scores and grades are computed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, field, json_type, texts

_ = texts("crmkit_value")

TIES = {
    "half_open": _("A value that equals a boundary is in the upper part"),
    "strictly_below": _("A value that equals a boundary is in the lower part"),
}
"""What becomes of a value that equals a boundary, with titles."""
MEASURES = {"net": _("Amount less refunds"), "margin": _("Margin")}
GRADINGS = {
    "abc": _("By cumulative share of the whole"),
    "quantile": _("By parts of the customers"),
    "absolute": _("By amounts"),
}
GRADE_MEASURES = {
    "purchase.net_amount": _("Bought so far, less refunds"),
    "value.revenue_365": _("Bought in 365 days, less refunds"),
    "value.contribution_365": _("Contribution of 365 days"),
    "value.clv": _("Expected lifetime value"),
}
"""The facts that customers can be graded by, with titles."""

CONSENTS = {
    "not_withdrawn": _("To all but those who have withdrawn it"),
    "granted": _("To those alone who have allowed it"),
}
"""To whom something is offered, with titles."""


class ValuePolicy(Record):
    """By what value is computed; there is one row at most.

    ``horizon_months`` and ``annual_rate`` (percent) discount expected purchases, of which ``margin_percent`` stays
    unless a product category says otherwise. ``rfm_bins`` parts are made by quantiles unless ``rfm_cuts`` has own
    boundaries by score; ``rfm_segments`` is the map of names, the first that matches counts. Grades are made by
    ``grade_cuts``: percent of the whole or of the customers, or amounts in minor units, the best grade first;
    ``grade_margin`` (percent of a boundary) is how far a value has to go beyond it before a customer changes.

    Offers go by purchases of ``offer_days``, and pairs of products that ``offer_together`` customers bought and whose
    lift is ``offer_lift`` at least; what a customer bought within the usual gap of the product (``offer_gap_days``
    where too few bought it again) is left out. ``offer_consent`` to ``offer_purpose`` says to whom it is offered.
    """

    __tablename__ = "value_policy"
    __access__ = Access.open(resource="value.policy")

    horizon_months: Mapped[int] = field(Integer, title=_("Months looked ahead"), classified="internal", default=12)
    annual_rate: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Interest a year (percent)"), classified="internal", default=Decimal(10)
    )
    margin_percent: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Margin (percent of the amount)"), classified="internal", default=Decimal(100)
    )
    rfm_bins: Mapped[int] = field(Integer, title=_("Parts of a score"), classified="internal", default=5)
    rfm_cuts: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Own boundaries"), classified="internal", default=dict
    )
    rfm_ties: Mapped[str] = field(
        String(14), title=_("Values at a boundary"), classified="internal", choices=TIES, default="half_open"
    )
    rfm_measure: Mapped[str] = field(
        String(6), title=_("Value that is scored"), classified="internal", choices=MEASURES, default="net"
    )
    rfm_segments: Mapped[list[Any]] = field(
        json_type(), title=_("Names of segments"), classified="internal", default=list
    )
    grade_by: Mapped[str] = field(
        String(30), title=_("Graded by"), classified="internal", choices=GRADE_MEASURES, default="purchase.net_amount"
    )
    grading: Mapped[str] = field(
        String(8), title=_("How grades are made"), classified="internal", choices=GRADINGS, default="abc"
    )
    grade_cuts: Mapped[list[Any]] = field(
        json_type(), title=_("Boundaries of grades"), classified="internal", default=list
    )
    grade_margin: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Margin around boundaries (percent)"), classified="internal", default=Decimal(5)
    )
    offer_days: Mapped[int] = field(
        Integer, title=_("Days of purchases that offers go by"), classified="internal", default=730
    )
    offer_together: Mapped[int] = field(
        Integer, title=_("Customers who bought both, at least"), classified="internal", default=5
    )
    offer_lift: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Least lift"), classified="internal", default=Decimal("1.2")
    )
    offer_gap_days: Mapped[int] = field(
        Integer, title=_("Usual gap where it is not known (days)"), classified="internal", default=180
    )
    offers_each: Mapped[int] = field(Integer, title=_("Offers for each customer"), classified="internal", default=3)
    offer_consent: Mapped[str] = field(
        String(13), title=_("To whom is offered"), classified="internal", choices=CONSENTS, default="not_withdrawn"
    )
    offer_purpose: Mapped[str] = field(
        String(60), title=_("Purpose of consent"), classified="internal", default="marketing"
    )


MODELS: list[type[Any]] = [ValuePolicy]
