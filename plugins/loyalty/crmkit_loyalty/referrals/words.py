"""The words of referrals: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

STATES = {
    "entered": _("Being checked"),
    "open": _("Open"),
    "qualified": _("Qualified"),
    "rewarded": _("Rewarded"),
    "cancelled": _("Cancelled"),
    "refused": _("Refused"),
}
LIVE = ("open", "qualified", "rewarded")
"""States in which somebody has been referred."""
REASONS = {
    "unknown": _("There is no such code"),
    "self": _("The customer's own code"),
    "same_contact": _("The same e-mail address, phone number or address"),
    "household": _("They share an account"),
    "ring": _("They invite each other in a ring"),
    "known": _("Was a customer before"),
    "cap": _("Too many referrals of the same member"),
    "again": _("Was referred before"),
    "left": _("Who invited does not take part any more"),
    "late": _("Nothing happened in time"),
    "refunded": _("What qualified was refunded or reversed"),
    "by_hand": _("By hand"),
    "restored": _("The refund was itself reversed"),
}
SIDES = ("referrer", "referred")
JOINED = "joined"
"""The event that qualifies as soon as somebody has joined by a code."""
