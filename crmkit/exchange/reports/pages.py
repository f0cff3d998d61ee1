"""Reports as web pages that stand alone: the report's template, or the one that an admin put in its place.

What a template prints is put into a frame that no template can change: its policy lets nothing run and nothing be
fetched. Must not know how figures are found.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from crmkit.engines.definitions.publishing import defined
from crmkit.engines.reports.documents import document
from crmkit.engines.reports.running import reports
from crmkit.engines.reports.templates import DEFAULT, KIND
from crmkit.engines.reports.values import ReportRun
from crmkit.errors import TemplateError
from crmkit.exchange.reports.charts import drawn
from crmkit.exchange.reports.sandbox import render
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a page may do (Content-Security-Policy): show itself, in its own style."""


@cache
def _file(name: str) -> str:
    return files("crmkit.exchange.reports").joinpath("templates", name).read_text("utf-8")


def template_of(session: CrmSession, name: str) -> str:
    """Return the template by which a report is printed: an admin's for it, its plugin's, an admin's for all, or the
    shipped one. Raises TemplateError for a file that its plugin does not have."""
    own = defined(session, KIND)
    if name in own and own[name].enabled:
        return str(own[name].value.text)
    report = reports(session).get(name)
    if report is not None and report.template:
        package = str(getattr(report.rows, "__module__", "crmkit")).partition(".")[0]
        return _of_plugin(package, report.template)
    if DEFAULT in own and own[DEFAULT].enabled:
        return str(own[DEFAULT].value.text)
    return _file("report.html")


def _of_plugin(package: str, name: str) -> str:
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = files(package).joinpath("templates", name) if folder else None
        if path is not None and path.is_file():
            return path.read_text("utf-8")
    raise TemplateError(_('The package {package} has no template "{name}".'), package=package, name=name)


def context_of(run: ReportRun, language: str, rows_link: str | None = None) -> dict[str, Any]:
    """Return what a template gets to see: the report's document, its charts, and where the rows behind figures are.

    ``rows_link`` is put before a figure's name (``row:column``); without it a figure links to what it means.
    """
    found = document(run, language)
    # The only HTML among the values: drawn by crmkit itself, every text in it escaped.
    found["charts"] = [{"title": each["title"], "svg": Markup(each["svg"])} for each in drawn(run, language)]  # noqa: S704
    found["defined_columns"] = [column for column in found["columns"] if column["definition"]]
    found["links"] = {"rows": rows_link or "#row-"}
    return found


def page(run: ReportRun, template: str, language: str = "en", *, rows_link: str | None = None) -> str:
    """Return a report as one HTML page. Raises TemplateError when its template cannot be used."""
    return framed(run, render(template, context_of(run, language, rows_link)), language)


def framed(run: ReportRun, body: str, language: str) -> str:
    """Return a page around what a template has printed."""
    head: Mapping[str, str] = document(run, language)
    return (
        f'<!doctype html>\n<html lang="{escape(head["language"])}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" '
        f'content="no-referrer">\n<title>{escape(head["title"])}</title>\n<style>\n{_file("report.css")}</style>\n'
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
