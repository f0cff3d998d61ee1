"""The words of challenges: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

KINDS = {
    "count": _("How often"),
    "sum": _("How much money"),
    "streak": _("How many in a row"),
}
WINDOWS = {
    "whole": _("As long as it runs"),
    "day": _("Each day"),
    "week": _("Each week"),
    "month": _("Each month"),
    "quarter": _("Each quarter"),
    "year": _("Each year"),
}
"""Within what it has to be done; each day, week … it can be done again."""
UNITS = {
    "day": _("Days in a row"),
    "week": _("Weeks in a row"),
    "month": _("Months in a row"),
}
STATES = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
BADGES = {
    "keep": _("Is kept"),
    "take_away": _("Is taken away where what it was for is reversed"),
}
COMPLETIONS = {"given": _("Done"), "taken_back": _("Taken back")}
BADGE_STATES = {"given": _("Given"), "taken_back": _("Taken away")}
