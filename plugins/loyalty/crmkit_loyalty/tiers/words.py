"""The words of tiers: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

WINDOWS = {
    "calendar_year": _("The calendar year"),
    "rolling": _("The months before"),
    "anniversary": _("The year of the membership"),
}
DOWNGRADES = {
    "never": _("Never"),
    "period_end": _("When the time is over, after a grace"),
}
LANDINGS = {
    "one_down": _("One tier lower"),
    "recompute": _("The tier that was reached"),
}
SOURCES = {
    "points": _("Points earned"),
    "spend": _("Money spent"),
    "events": _("How often something happened"),
}
REASONS = {
    "joined": _("Joined"),
    "reached": _("Reached"),
    "kept": _("Kept"),
    "lost": _("Not kept"),
    "by_hand": _("By hand"),
    "hand_over": _("What was given by hand is over"),
}
