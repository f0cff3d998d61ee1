"""The words of promises. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_experience")

OPEN, KEPT, BROKEN, WITHDRAWN = "open", "kept", "broken", "withdrawn"
KINDS = {
    "call_back": _("Call back"),
    "deliver": _("Deliver"),
    "refund": _("Refund"),
    "repair": _("Repair"),
    "answer": _("Answer"),
    "other": _("Other promise"),
}
STATES = {OPEN: _("Open"), KEPT: _("Kept"), BROKEN: _("Broken"), WITHDRAWN: _("Withdrawn")}
SUGGESTION_STATES = {"open": _("To be confirmed"), "taken": _("Confirmed"), "dismissed": _("No promise")}
WHYS = {
    "not_wanted": _("The customer does not want it any more"),
    "wrong": _("It was never promised"),
    "twice": _("It is noted twice"),
    "other": _("Another reason"),
}
"""Why a promise is withdrawn."""
SPEAKING = ("call", "email", "sms", "chat", "social", "meeting", "visit")
"""The kinds of interactions whose texts may hold a promise."""
KEEPING: Mapping[str, tuple[tuple[str, ...], str]] = {
    "call_back": (("call",), "out"),
    "answer": (("call", "email", "sms", "chat"), "out"),
    "refund": (("refund",), ""),
}
"""What keeps a promise of a kind: the kinds of interactions, and their direction where it matters. What is delivered or
repaired leaves no trace of its own: a person says so."""
RECORDS = ("customer", "interaction", "service.case")
"""Resources on whose pages a promise can be noted."""
