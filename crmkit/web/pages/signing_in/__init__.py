"""Signing in and out, one-time links, proving oneself once more, and one's own account."""

from __future__ import annotations

from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry
from crmkit.web.pages.signing_in import account, by_link, by_provider, entering, stepping

ROUTES: list[PageRoute] = [
    *entering.ROUTES,
    *by_link.ROUTES,
    *by_provider.ROUTES,
    *stepping.ROUTES,
    *account.ROUTES,
]
MENU: list[MenuEntry] = []
