"""The words of notices: what members are told of, and what became of it."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

KINDS = {
    "earned": _("Points were earned"),
    "released": _("Points became available"),
    "expiring": _("Points expire soon"),
    "tier": _("The tier changed"),
    "redemption": _("A reward was sent or taken back"),
    "referral": _("An invitation was rewarded"),
    "challenge": _("A challenge was completed"),
}
STATES = {
    "sent": _("Handed over"),
    "refused": _("Refused"),
    "failed": _("Has failed"),
}
