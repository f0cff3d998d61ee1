"""What the figures of churn mean, for the register of analytics. Must not compute any."""

from __future__ import annotations

from crmkit_analytics.api import Metric

from crmkit import texts

_ = texts("crmkit_churn")

METRICS = [
    Metric(
        name="churn.logo_churn",
        title=_("Logo churn"),
        formula=_("Customers who left in a month ÷ those who were there at its beginning"),
        grain=_("Month"),
        unit="share",
        owner="churn",
        shown=(("churn.retention", "churn"),),
    ),
    Metric(
        name="churn.grr",
        title=_("Gross retention"),
        formula=_("What last month's buyers spent again, each at most as much as then, ÷ what they spent then"),
        grain=_("Month"),
        unit="share",
        owner="churn",
        shown=(("churn.retention", "grr"),),
    ),
    Metric(
        name="churn.nrr",
        title=_("Net retention"),
        formula=_("What last month's buyers spent this month ÷ what they spent then"),
        grain=_("Month"),
        unit="number",
        owner="churn",
        shown=(("churn.retention", "nrr"),),
    ),
    Metric(
        name="churn.warning_precision",
        title=_("Precision of warnings"),
        formula=_("Warnings whose customers left within the rule's days ÷ warnings whose days are over"),
        grain=_("Month"),
        unit="share",
        owner="churn",
        shown=(("churn.warnings", "precision"),),
    ),
    Metric(
        name="churn.uplift",
        title=_("Retention effect"),
        formula=_("Share of the treated who stayed − share of those held out who stayed"),
        grain=_("Playbook"),
        unit="number",
        owner="churn",
        shown=(("churn.effect", "uplift"),),
    ),
]
