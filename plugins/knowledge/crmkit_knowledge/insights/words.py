"""The words of insights. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crmkit import texts

_ = texts("crmkit_knowledge")

PROMISE = "promise"
CURRENT = "current"
KINDS = {
    "preference": _("Preference"),
    "constraint": _("Constraint"),
    PROMISE: _("Promise"),
    "fact": _("Fact"),
}
SOURCES = {
    "said": _("Said by the customer"),
    "observed": _("Observed"),
    "inferred": _("Inferred"),
    "document": _("From a document"),
}
"""How it came to be known."""
STATES = {
    CURRENT: _("Holds"),
    "superseded": _("Replaced by a newer one"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "kept": _("Kept"),
    "broken": _("Broken"),
}
WHYS = {
    "wrong": _("It was wrong"),
    "over": _("It does not hold any more"),
    "not_wanted": _("The customer does not want it any more"),
    "private": _("It is none of our business"),
    "other": _("Another reason"),
}
"""Why something is withdrawn."""
LEVELS: Mapping[str, Decimal] = {"sure": Decimal("0.95"), "likely": Decimal("0.75"), "guess": Decimal("0.4")}
"""What confidence is called, with the number that each word stands for."""
LEVEL_TITLES = {"sure": _("Sure"), "likely": _("Likely"), "guess": _("A guess")}
FROM: Mapping[str, str] = {"said": "sure", "document": "sure", "observed": "likely", "inferred": "guess"}
"""How much is trusted of what came to be known like this, where nobody says otherwise."""
EVENTS = {
    "noted": _("Noted"),
    "confirmed": _("Confirmed"),
    "corrected": _("Corrected"),
    "superseded": _("Replaced by a newer one"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "due": _("Fell due"),
    "kept": _("Kept"),
    "broken": _("Broken"),
}
"""What a row of the history says."""


def level_of(confidence: Decimal) -> str:
    """Return the word for a confidence from 0 to 1: "sure" from 0.85, "likely" from 0.6, else "guess"."""
    if confidence >= Decimal("0.85"):
        return "sure"
    return "likely" if confidence >= Decimal("0.6") else "guess"
