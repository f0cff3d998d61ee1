"""The words of the ledger: values that are stored, with the titles that people read."""

from __future__ import annotations

from typing import Literal

from crmkit import texts

_ = texts("crmkit_loyalty")

Kind = Literal[
    "earn", "release", "spend", "hold", "capture", "let_go", "expire", "claw_back", "give_back", "transfer", "adjust",
    "write_off",
]  # fmt: skip
KINDS = {
    "earn": _("Earned"),
    "release": _("Became available"),
    "spend": _("Spent"),
    "hold": _("Reserved"),
    "capture": _("Reserved points spent"),
    "let_go": _("Reservation given up"),
    "expire": _("Expired"),
    "claw_back": _("Taken back"),
    "give_back": _("Given back"),
    "transfer": _("Transferred"),
    "adjust": _("Adjusted"),
    "write_off": _("Written off"),
}
Side = Literal["pending", "available", "held", "issued", "redeemed", "expired", "reversed", "written_off"]
SIDES = {
    "pending": _("Waiting"),
    "available": _("Available"),
    "held": _("Reserved"),
    "issued": _("Issued"),
    "redeemed": _("Redeemed"),
    "expired": _("Expired"),
    "reversed": _("Taken back"),
    "written_off": _("Written off"),
}
"""Accounts of the double entry: the first three are a member's, the others the programme's. What is issued is negative,
so that the sum of all is nought."""
OWN = ("pending", "available", "held")
SOURCES = {
    "purchase": _("Purchase"),
    "event": _("Something else that happened"),
    "promotion": _("Promotion"),
    "referral": _("Referral"),
    "challenge": _("Challenge"),
    "adjustment": _("By hand"),
    "transfer": _("From another account"),
    "import": _("Taken over"),
}
HOLD_STATES = {
    "held": _("Reserved"),
    "captured": _("Spent"),
    "released": _("Given up"),
    "expired": _("Ran out"),
}
