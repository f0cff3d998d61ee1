"""The definitions of the figures that analytics shows itself."""

from __future__ import annotations

from crmkit import texts
from crmkit_analytics.metrics.values import Metric

_ = texts("crmkit_analytics")

_COUNTED = _("Reversed interactions and reversals are left out.")

METRICS = [
    Metric(
        name="analytics.active_customers",
        title=_("Active customers"),
        formula=_("Different customers with at least one interaction of the kinds asked for in the time."),
        grain=_("a day, week, month, quarter or year"),
        filters=_COUNTED,
        owner="analytics",
        shown=[("analytics.activity", "active"), ("analytics.activity", "wau"), ("analytics.activity", "mau")],
    ),
    Metric(
        name="analytics.stickiness",
        title=_("Stickiness"),
        formula=_("Active customers a day on average over 30 days, divided by those of the 30 days (DAU ÷ MAU)."),
        grain=_("a day, week, month, quarter or year"),
        unit="share",
        filters=_COUNTED,
        owner="analytics",
        shown=[("analytics.activity", "stickiness")],
    ),
    Metric(
        name="analytics.logo_retention",
        title=_("Customers kept"),
        formula=_("Of those who spent something in the time before, the part that spends something now."),
        grain=_("a month, quarter or year"),
        unit="share",
        filters=_COUNTED,
        owner="analytics",
        shown=[("analytics.kept_revenue", "rate"), ("analytics.retention", "rate1")],
    ),
    Metric(
        name="analytics.grr",
        title=_("Gross revenue retention"),
        formula=_("(Opening − contraction − churn) ÷ opening, over those who spent something in the time before."),
        grain=_("a month, quarter or year"),
        unit="share",
        filters=_("Refunds are subtracted; what cannot be converted is in no amount."),
        owner="analytics",
        shown=[("analytics.kept_revenue", "grr")],
    ),
    Metric(
        name="analytics.nrr",
        title=_("Net revenue retention"),
        formula=_("What those who spent something in the time before spend now, divided by what they spent then."),
        grain=_("a month, quarter or year"),
        unit="share",
        filters=_("Refunds are subtracted; what cannot be converted is in no amount."),
        owner="analytics",
        shown=[("analytics.kept_revenue", "nrr")],
    ),
    Metric(
        name="analytics.conversion",
        title=_("Conversion"),
        formula=_("Of those who took a step, the part that took the next one within the funnel's window."),
        grain=_("a step of a funnel"),
        unit="share",
        filters=_("Who met with an excluded interaction is taken out."),
        owner="analytics",
        shown=[("analytics.funnel", "conversion"), ("analytics.funnel_by_label", "rate")],
    ),
    Metric(
        name="analytics.lift",
        title=_("Lift"),
        formula=_("Baskets with both × all baskets ÷ (baskets with the one × baskets with the other)."),
        grain=_("a pair of products or categories"),
        unit="number",
        filters=_COUNTED,
        owner="analytics",
        shown=[("analytics.baskets", "lift")],
    ),
    Metric(
        name="analytics.survival",
        title=_("Part that is left"),
        formula=_("Kaplan and Meier's estimate of the part of customers that stays longer than so many days."),
        grain=_("days of tenure, by label"),
        unit="share",
        owner="analytics",
        shown=[("analytics.survival", "s0"), ("analytics.hazard", "hazard")],
    ),
]
