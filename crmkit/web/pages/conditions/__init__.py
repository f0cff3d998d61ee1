"""The condition builder: rows of fact, test and value beside the text of an expression, each made from the other."""

from __future__ import annotations

from crmkit.web.pages.conditions import pages
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

ROUTES: list[PageRoute] = [*pages.ROUTES]
MENU: list[MenuEntry] = []
