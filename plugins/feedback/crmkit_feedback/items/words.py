"""The words of feedback. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_feedback")

SOURCES = {
    "survey": _("Survey"),
    "call": _("Call-back"),
    "case": _("Rating of a case"),
    "review": _("Review"),
    "social": _("Social media"),
    "mail": _("Mail"),
    "note": _("Noted by staff"),
    "api": _("Another system"),
}
"""Where feedback comes from."""

STATES = {
    "new": _("New"),
    "triaged": _("Looked through"),
    "assigned": _("Assigned"),
    "in_progress": _("In progress"),
    "customer_contacted": _("Customer contacted"),
    "resolved": _("Resolved"),
    "verified": _("Verified"),
    "closed": _("Closed"),
}
"""States of the loop, in order."""
OPEN = ("new", "triaged", "assigned", "in_progress", "customer_contacted")
"""States in which there is still something to do."""

MOVES = {
    "new": ("triaged", "assigned", "closed"),
    "triaged": ("assigned", "closed"),
    "assigned": ("in_progress", "customer_contacted", "resolved"),
    "in_progress": ("assigned", "customer_contacted", "resolved"),
    "customer_contacted": ("in_progress", "resolved"),
    "resolved": ("verified", "in_progress", "closed"),
    "verified": ("closed", "in_progress"),
    "closed": ("in_progress",),
}
"""From which state to which others feedback moves. Back to ``in_progress`` from what was over is opening it again."""

VERDICTS = {"solved": _("Solved"), "not_solved": _("Not solved")}
"""What the customer says when asked whether it was solved."""

BANDS = {"bad": _("Bad"), "middling": _("Middling"), "good": _("Good")}
"""What a score is: detractor, passive, promoter for NPS; 1 to 2, 3, 4 to 5 for CSAT; 1 to 3, 4, 5 to 7 for CES."""

SENTIMENTS = {"negative": _("Negative"), "neutral": _("Neutral"), "positive": _("Positive")}

EVENT_KINDS = {
    "received": _("Received"),
    "moved": _("Moved"),
    "assigned": _("Assigned"),
    "due": _("Deadline set"),
    "contacted": _("Customer contacted"),
    "asked": _("Customer asked whether it is solved"),
    "verdict": _("Customer answered"),
    "overdue": _("Overdue"),
    "note": _("Note"),
}
