"""The words of definitions. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_churn")

KINDS = {
    "gap": _("Silent for longer than usual"),
    "alive": _("Probably gone (P(alive))"),
    "contractual": _("Contract ended or cancelled"),
    "partial": _("Buys or uses much less"),
    "expression": _("A condition"),
}

USUAL_FEATURES = (
    "days_since(purchase.last_at)",
    "days_since(purchase.first_at)",
    "purchase.count",
    "purchase.average_amount",
    "purchase.average_gap_days",
    "purchase.gap_p90_days",
    "purchase.refunds",
    "purchase.count@90d",
    "purchase.amount@90d",
    "interaction.count@90d",
    "days_since(interaction.last_inbound_at)",
    "usage.count@90d",
    "usage.days",
    "days_since(usage.last_at)",
    "service.open_cases",
    "service.cases@90d",
    "feedback.nps",
    "feedback.satisfaction",
    "loyalty.balance",
)
"""What is looked at where nobody says otherwise; what this installation does not know is left out."""
RECENCY = ("days_since(purchase.last_at)", "days_since(usage.last_at)", "days_since(interaction.last_at)")
"""The features of which the first that is known makes the base line."""
