"""The words of this room: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_knowledge")

STATES = {
    "open": _("Open"),
    "writing": _("Being written"),
    "answered": _("Answered"),
    "dismissed": _("Dismissed"),
}
"""What becomes of a gap; it survives when gaps are looked for again."""
TONES = {"open": "warn", "writing": "info", "answered": "good"}
