"""The fixed words of contracts with their titles. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_sales")

STATES = {
    "draft": _("Draft"),
    "active": _("In force"),
    "notice_given": _("Notice given"),
    "renewed": _("Renewed"),
    "ended": _("Ended"),
}
"""What a term of a contract can be. Renewed means that the next term is there; the days say which of them runs."""
RENEWALS = {"none": _("Ends by itself"), "manual": _("Has to be renewed"), "automatic": _("Renews itself")}
"""What happens at the end of a term unless somebody does something."""
SIDES = {"customer": _("The customer"), "us": _("We ourselves")}
"""Who gives notice."""
TONES = {"draft": "", "active": "good", "notice_given": "warn", "renewed": "info", "ended": ""}
