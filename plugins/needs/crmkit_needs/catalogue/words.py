"""The words of needs. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_needs")

KINDS = {
    "request": _("Request"),
    "problem": _("Problem"),
    "compliance": _("Compliance"),
    "idea": _("Idea"),
}
SCOPES = {
    "standard": _("Standard: for everybody"),
    "custom": _("Custom: for one customer"),
    "special": _("Special: not what we usually do"),
}
URGENCIES = {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "critical": _("Critical")}
COMPLEXITIES = {"small": _("Small"), "medium": _("Medium"), "large": _("Large"), "unknown": _("Unknown")}
STATES = {
    "new": _("New"),
    "under_review": _("Under review"),
    "accepted": _("Accepted"),
    "planned": _("Planned"),
    "in_progress": _("In progress"),
    "delivered": _("Delivered"),
    "declined": _("Declined"),
    "duplicate": _("Duplicate"),
}
OPEN = ("new", "under_review", "accepted", "planned", "in_progress")
"""States of a need of which something may still come."""
MOVES = {
    "new": ("under_review", "accepted", "declined"),
    "under_review": ("new", "accepted", "declined"),
    "accepted": ("under_review", "planned", "in_progress", "declined"),
    "planned": ("accepted", "in_progress", "declined"),
    "in_progress": ("planned", "delivered", "declined"),
    "delivered": ("in_progress",),
    "declined": ("under_review",),
    "duplicate": (),
}
"""From which state to which others a need moves; ``duplicate`` is entered and left by merging alone."""
DECLINES = {
    "out_of_scope": _("Not what we do"),
    "no_value": _("Too little value"),
    "too_costly": _("Too costly"),
    "not_possible": _("Not possible"),
    "exists": _("There is it already"),
    "stale": _("Nobody asks for it any more"),
    "other": _("Another reason"),
}
"""Why a need is declined."""
IMPORTANCES = {1: _("Nice to have"), 2: _("Useful"), 3: _("Important"), 4: _("Needed"), 5: _("Blocks us")}
"""How much it matters to the customer who asks."""
SOURCES = {
    "manual": _("Written down"),
    "interaction": _("Interaction"),
    "case": _("Case"),
    "feedback": _("Feedback"),
    "opportunity": _("Opportunity"),
    "board": _("Public board"),
    "import": _("Import"),
    "mined": _("Found in texts"),
}
"""Where evidence comes from."""
