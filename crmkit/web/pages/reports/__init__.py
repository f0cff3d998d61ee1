"""Reports: the catalogue, one report with its charts and tables, the rows behind a figure, files and schedules."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.reports import scheduling, showing
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

ROUTES: list[PageRoute] = [*scheduling.ROUTES, *showing.ROUTES]
MENU: list[MenuEntry] = [
    MenuEntry(
        title=_("Reports"),
        path="/reports",
        icon="report-analytics",
        group="decide",
        rights=("report.read", "audit.read"),
        order=5,
        words="figures charts analysis export",
    )
]
