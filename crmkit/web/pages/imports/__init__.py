"""Bringing records in from files and taking them out: the import wizard, what was imported, exports."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.imports import checking, exporting, mappings, results, wizard
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

ROUTES: list[PageRoute] = [*wizard.ROUTES, *checking.ROUTES, *mappings.ROUTES, *results.ROUTES, *exporting.ROUTES]
MENU: list[MenuEntry] = [
    MenuEntry(
        title=_("Imports"),
        path="/imports",
        icon="file-import",
        group="customers",
        rights=("import.run",),
        order=80,
        words="import csv excel vcard upload mapping 导入",
    ),
    MenuEntry(
        title=_("Export"),
        path="/exports",
        icon="file-export",
        group="customers",
        rights=("export.run",),
        order=85,
        words="export csv download 导出",
    ),
]
