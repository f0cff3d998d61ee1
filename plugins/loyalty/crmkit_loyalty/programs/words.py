"""The words of programmes: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

ENROLMENTS = {
    "automatic": _("Everybody who buys"),
    "by_hand": _("Who joins"),
}
CLAWBACKS = {
    "negative": _("The balance goes below nought"),
    "other_lots": _("Other points are taken, as far as there are any"),
    "write_off": _("What was spent is written off"),
}
"""What happens where points of a purchase that is refunded were spent already."""
EXPIRIES = {
    "never": _("Never"),
    "rolling": _("Some months after they were earned"),
    "fixed": _("On a day of the year"),
    "sliding": _("Some months after the last activity"),
}
ROUNDINGS = {
    "none": _("That day"),
    "month": _("The end of that month"),
    "quarter": _("The end of that quarter"),
    "half": _("The end of that half-year"),
    "year": _("The end of that year"),
}
ACCOUNT_KINDS = {"personal": _("Personal"), "pool": _("Shared")}
ACCOUNT_STATES = {"open": _("Open"), "blocked": _("Blocked"), "closed": _("Closed")}
ROLES = {
    "owner": _("Owner: earns, spends, invites"),
    "spender": _("Earns and spends"),
    "earner": _("Earns"),
}
"""What somebody may do with an account."""
SPENDERS = ("owner", "spender")
