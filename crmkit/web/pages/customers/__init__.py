"""Customers: the list, one in full, adding and changing, and what happens with them."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.customers import (
    acting,
    bulk,
    choosing,
    entering,
    exporting,
    happened,
    inline,
    listing,
    merging,
    segmenting,
    showing,
    views,
)
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

_ROOMS = (
    listing, choosing, views, segmenting, bulk, exporting, inline, entering, happened, merging, acting, showing,
)  # fmt: skip
ROUTES: list[PageRoute] = [
    *acting.FIRST,
    *entering.FIRST,
    *(route for room in _ROOMS for route in room.ROUTES),
]
"""Those with a word in the place of a customer's id come first."""
MENU: list[MenuEntry] = [
    MenuEntry(
        title=_("Customers"), path="/customers", icon="users", group="customers", rights=("customer.read",), order=1
    )
]
