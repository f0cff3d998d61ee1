"""The words of care: what lists and reviews can be. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_lifecycle")

LIST_STATES = {"open": _("Under way"), "done": _("Done"), "stopped": _("Stopped")}
ITEM_STATES = {"open": _("To do"), "done": _("Done"), "skipped": _("Left out")}
DONE_BY = {"person": _("A person"), "facts": _("What the customer did"), "task": _("A task")}
REVIEWS = {"renewal": _("Renewal"), "qbr": _("Quarterly review"), "check_in": _("Check-in")}
REVIEW_STATES = {"planned": _("Planned"), "done": _("Done"), "cancelled": _("Cancelled")}
WHO = {"owner": _("The customer's owner"), "team": _("A team")}
