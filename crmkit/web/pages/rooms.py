"""All rooms of the pages, with their routes and their menu entries. A new room is added here and nowhere else."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

if TYPE_CHECKING:
    from crmkit.app import CRM

ROOMS = ("signing_in", "home", "conditions", "customers", "deciding", "reports", "imports", "admin", "records")
"""The rooms, in the order in which their routes are tried: those for any kind of record come last."""


@lru_cache(maxsize=1)
def _rooms() -> tuple[Any, ...]:
    return tuple(import_module(f"crmkit.web.pages.{name}") for name in ROOMS)


def page_routes() -> list[PageRoute]:
    """Return the pages of all rooms: each has them as ``ROUTES``."""
    from crmkit.web.pages.home.settings import nowhere

    return [*(route for room in _rooms() for route in room.ROUTES), nowhere]


def menu_entries(crm: CRM) -> list[MenuEntry]:
    """Return the menu entries of all rooms: each has them as ``MENU``, and ``menu_of(crm)`` for those that follow from
    what is declared."""
    found = [entry for room in _rooms() for entry in getattr(room, "MENU", ())]
    for room in _rooms():
        if hasattr(room, "menu_of"):
            found.extend(room.menu_of(crm))
    return found
