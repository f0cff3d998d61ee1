"""The words of scoring. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_churn")

STANDINGS = {"stable": _("Stable"), "watch": _("To watch"), "act": _("To act on")}
STANDING_TONES = {"stable": "good", "watch": "warn", "act": "bad"}
RISKS = {"low": _("Low"), "medium": _("Medium"), "high": _("High")}
RISK_TONES = {"low": "good", "medium": "warn", "high": "bad"}
REASONS = {
    "unknown": _("Not known"),
    "price": _("Price"),
    "product": _("Product does not fit"),
    "quality": _("Quality"),
    "service": _("Service"),
    "rival": _("A competitor"),
    "need": _("No need any more"),
    "budget": _("No budget"),
    "moved": _("Moved, or closed down"),
    "payment": _("Payment failed"),
    "other": _("Something else"),
}
"""Why customers leave."""
