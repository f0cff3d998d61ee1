"""The words of the public pool. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_sales")

STATES: Mapping[str, str] = {"free": _("Free"), "held": _("Held"), "locked": _("Locked")}
"""What a customer in a pool can be: for anybody to claim, somebody's, or kept back by a manager."""

MOVES: Mapping[str, str] = {
    "entered": _("Came into the pool"),
    "claimed": _("Claimed"),
    "assigned": _("Assigned"),
    "released": _("Given back"),
    "no_contact": _("Went back: nobody was in touch"),
    "no_deal": _("Went back: nothing was sold"),
    "protected": _("Protected"),
    "locked": _("Locked"),
    "unlocked": _("Unlocked"),
    "left": _("Left the pool"),
}
"""What can happen to a customer in a pool."""

RECYCLED = ("no_contact", "no_deal")
"""Ways of going back that nobody chose."""

CONTACT = ("call", "email", "sms", "chat", "social", "visit", "meeting")
"""Kinds of interactions in which two people dealt with each other."""
