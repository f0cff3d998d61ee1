"""The stages of a sale, in their order. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_sales")

OPEN: Mapping[str, str] = {
    "qualification": _("Qualification"),
    "proposal": _("Proposal"),
    "negotiation": _("Negotiation"),
}
"""Stages of an opportunity that is being worked on, with their titles."""

WON = "won"
LOST = "lost"

STAGES: Mapping[str, str] = {**OPEN, WON: _("Won"), LOST: _("Lost")}
"""All stages, with their titles."""

FIRST = next(iter(OPEN))
