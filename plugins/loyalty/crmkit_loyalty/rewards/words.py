"""The words of rewards: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

KINDS = {
    "voucher": _("Voucher with a code"),
    "goods": _("Something that is sent"),
    "service": _("Something that is done"),
}
STATES = {
    "ordered": _("Ordered"),
    "shipped": _("On its way"),
    "delivered": _("Delivered"),
    "cancelled": _("Cancelled"),
}
MOVES = {
    "ordered": ("shipped", "delivered", "cancelled"),
    "shipped": ("delivered", "cancelled"),
    "delivered": ("cancelled",),
    "cancelled": (),
}
VOUCHERS = {
    "issued": _("Can be used"),
    "used": _("Used"),
    "void": _("Not valid any more"),
}
WHY_NOT = {
    "inactive": _("It is not offered at present."),
    "points": _("There are too few points."),
    "stock": _("There is none left."),
    "tier": _("It is for a higher tier."),
    "condition": _("It is for others."),
    "limit": _("Nobody gets more of it."),
}
