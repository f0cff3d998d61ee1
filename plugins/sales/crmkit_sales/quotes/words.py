"""The words of quotes."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_sales")

DRAFT, IN_APPROVAL, APPROVED, SENT = "draft", "in_approval", "approved", "sent"
ACCEPTED, DECLINED, EXPIRED, SUPERSEDED = "accepted", "declined", "expired", "superseded"

STATES: Mapping[str, str] = {
    DRAFT: _("Draft"),
    IN_APPROVAL: _("Waits for approval"),
    APPROVED: _("Ready to send"),
    SENT: _("Sent"),
    ACCEPTED: _("Accepted"),
    DECLINED: _("Declined"),
    EXPIRED: _("Expired"),
    SUPERSEDED: _("Replaced by a newer version"),
}
"""What a quote can be, with titles."""

TONES: Mapping[str, str] = {
    IN_APPROVAL: "warn",
    APPROVED: "info",
    SENT: "info",
    ACCEPTED: "good",
    DECLINED: "bad",
    EXPIRED: "warn",
}
"""How a state is coloured; others are not."""

LANGUAGES: Mapping[str, str] = {"en": _("English"), "zh_Hans": _("Chinese")}
"""The languages in which a quote can be written."""

WAYS: Mapping[str, str] = {"page": _("On the page"), "staff": _("Told to us")}
"""How an answer came."""
