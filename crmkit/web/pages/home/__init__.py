"""The first page: what there is to do today, for whoever looks at it."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.home.settings import choose_language, choose_theme, manifest
from crmkit.web.pages.home.today import card, today
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

ROUTES: list[PageRoute] = [today, card, choose_theme, choose_language, manifest]
MENU = [MenuEntry(title=_("Today"), path="/", icon="home", group="work", order=1)]
