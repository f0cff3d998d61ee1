"""The fixed words of orders with their titles. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_sales")

STATES = {
    "draft": _("Draft"),
    "confirmed": _("Confirmed"),
    "in_fulfilment": _("In fulfilment"),
    "delivered": _("Delivered"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
}
"""What an order can be, with titles, in the order in which it goes through them."""
ORDER = tuple(STATES)[:-1]
"""The states on an order's way."""
OPEN = ("draft", "confirmed", "in_fulfilment", "delivered")
"""The states in which something is still to come."""
TONES = {
    "draft": "",
    "confirmed": "info",
    "in_fulfilment": "info",
    "delivered": "accent",
    "completed": "good",
    "cancelled": "bad",
}
DELIVERIES = {"ship": _("Shipped"), "collect": _("Collected"), "none": _("Nothing to deliver")}
"""How the goods come to the customer, with titles."""
MARKS = {"paid": _("Paid"), "shipped": _("Shipped"), "received": _("Received")}
"""What can be noted of an order, with titles; conditions of rules use these names."""
EXCEPTION_STATES = {
    "open": _("Open"),
    "mended": _("Mended"),
    "accepted": _("Accepted"),
    "void": _("Not needed any more"),
}
"""What becomes of an exception, with titles."""
EXCEPTION_TONES = {"open": "bad", "mended": "good", "accepted": "warn", "void": ""}
HOLD = "hold"
"""The exception that a person makes."""
BROKEN = "rule"
"""The exception of a rule that cannot be judged."""
