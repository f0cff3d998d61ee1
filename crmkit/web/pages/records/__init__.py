"""Pages of any kind of record, made from what is declared: lists, records, boards, calendars, operations, and the pages
that plugins bring themselves."""

from __future__ import annotations

from crmkit.web.pages.records import boards, calendars, feeds, listing, modules, operating, palette, picking, showing
from crmkit.web.pages.records.menu import MENU as MENU, menu_of as menu_of
from crmkit.web.pages.routing import PageRoute

ROUTES: list[PageRoute] = [
    route
    for room in (palette, picking, operating, modules, boards, calendars, feeds, listing, showing)
    for route in room.ROUTES
]
