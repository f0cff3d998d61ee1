"""The words of warnings. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_churn")

STATES = {
    "new": _("New"),
    "acknowledged": _("Seen"),
    "acting": _("Being acted on"),
    "saved": _("Saved"),
    "lost": _("Lost"),
    "false_alarm": _("False alarm"),
    "expired": _("Expired"),
}
TONES = {"new": "warn", "acknowledged": "info", "acting": "info", "saved": "good", "lost": "bad"}
OPEN = ("new", "acknowledged", "acting")
MOVES = {
    "new": ("acknowledged", "acting", "saved", "lost", "false_alarm", "expired"),
    "acknowledged": ("acting", "saved", "lost", "false_alarm", "expired"),
    "acting": ("saved", "lost", "false_alarm", "expired"),
}
"""Into which states a warning may go from each."""
CAUSES = {
    "risk": _("Probability of leaving"),
    "change": _("Risk has grown"),
    "silence": _("Silence"),
    "usage": _("Less use"),
    "service": _("Trouble with service"),
    "health": _("Poor health"),
    "contract": _("Contract runs out"),
    "other": _("Something else"),
}
"""What a warning is about, by which playbooks are chosen."""
