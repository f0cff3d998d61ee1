"""The words of votes: values that are stored, with the titles that people read."""

from __future__ import annotations

from typing import Literal

from crmkit import texts

_ = texts("crmkit_knowledge")

Reason = Literal["wrong", "unclear", "incomplete", "other"]
REASONS = {
    "wrong": _("It is wrong"),
    "unclear": _("It is unclear"),
    "incomplete": _("Something is missing"),
    "other": _("Not what I searched for"),
}
STATES = {"none": _("No comment"), "open": _("Open"), "done": _("Done")}
