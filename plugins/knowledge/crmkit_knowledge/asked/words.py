"""The words of searches and questions: values that are stored, with the titles that people read."""

from __future__ import annotations

from typing import Literal

from crmkit import texts

_ = texts("crmkit_knowledge")

Door = Literal["staff", "centre", "api", "suggestion"]
DOORS = {
    "staff": _("Colleagues"),
    "centre": _("Help centre"),
    "api": _("Other programs"),
    "suggestion": _("Suggestions"),
}
CLICKED = ("staff", "centre")
"""Doors at which a search that helped ends with a click; what the others do with hits is not seen."""
STATES = {"open": _("Open"), "answered": _("Answered"), "dismissed": _("Not ours")}
