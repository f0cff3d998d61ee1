"""The words of passages, with their titles."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_journey")

STATUSES = {"ready": _("Due"), "waiting": _("Waiting"), "ended": _("Over"), "failed": _("Failed")}
OUTCOMES = {
    "goal": _("Goal reached"),
    "left": _("Left"),
    "lost": _("Its node is gone"),
    "over": _("Time is over"),
    "cancelled": _("Cancelled"),
    "done": _("Done"),
}
"""Outcomes that a flow does not name itself."""
WHATS = {
    "go": _("Its turn"),
    "time": _("Its time came"),
    "event": _("An interaction"),
    "returned": _("The other flow is over"),
    "failed": _("It failed"),
    "moved": _("Moved"),
    "retried": _("To be tried again"),
    "paused": _("Paused"),
    "resumed": _("Goes on"),
    "ended": _("Ended by hand"),
}
