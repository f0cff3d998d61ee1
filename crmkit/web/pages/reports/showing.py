"""The catalogue of reports, and one report: its parameters, figures, charts, what its columns mean, the rows behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from crmkit.engines.reports.documents import document
from crmkit.engines.reports.running import find_report, reports, rows_behind, run
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.exchange.reports.output import FORMATS, output
from crmkit.hooks.contributions import Figure, Report
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.reports.asking import asked
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.engines.reports.values import ReportRun

_ = texts("crmkit")

AS_OF = "as_of"
GROUPS: Mapping[str, Text] = {
    "purchase": _("Purchases"),
    "customer": _("Customers"),
    "audit": _("Audit"),
    "sales": _("Sales"),
}
ICONS = {"purchase": "receipt", "customer": "users", "audit": "shield-check"}
TYPES = {
    "pdf": ("application/pdf", _("Document (PDF)")),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _("Spreadsheet (Excel)")),
    "csv": ("text/csv; charset=utf-8", _("Table (CSV)")),
    "json": ("application/json", _("Data (JSON)")),
}
"""The files that a report can be taken out as."""


@get("/reports")
def catalogue(call: PageCall) -> Response:
    """List the reports that the caller may run, by what they are about."""
    with call.session() as session:
        known = reports(session)
    groups: dict[str, list[Report]] = {}
    for name, item in known.items():
        groups.setdefault(name.partition(".")[0], []).append(item)
    order = {name: place for place, name in enumerate(("purchase", "customer", "sales"))}
    groups = dict(
        sorted(groups.items(), key=lambda item: (item[0] == "audit", order.get(item[0], len(order)), item[0]))
    )
    plugins = {each.name: each.manifest.title for each in call.crm.found if each.manifest is not None}
    return call.page("reports/list.html", groups=groups, titles={**plugins, **GROUPS}, icons=ICONS)


def _given(call: PageCall) -> dict[str, str]:
    source = call.form if call.form is not None else call.query
    skipped = (AS_OF, "csrf", "format", "row", "column", "lang")
    return {
        name: value.strip()
        for name, value in source.items()
        if name not in skipped and isinstance(value, str) and value.strip()
    }


def _moment(call: PageCall) -> dict[str, Any]:
    text = call.value(AS_OF)
    if not text:
        return {}
    try:
        return {AS_OF: date.fromisoformat(text)}
    except ValueError:
        raise InvalidInput([Problem("CK500", _("This is no day."), field=AS_OF, value=text)]) from None


@get("/reports/{name}")
def show_report(call: PageCall, name: str) -> Response:
    """Show a report. Its parameters are in the address, so that the address can be given to others."""
    given, found, problems = _given(call), None, {}
    with call.session() as session:
        report = find_report(session, name)
        fields = asked(session, report, given, call.text)
        missing = any(each.required and each.name not in given for each in fields)
        if not (missing and not given):
            try:
                found = run(session, name, given, **_moment(call))
            except InvalidInput as error:
                problems = problems_by_field(error)
    shown = None if found is None else _shown(call, found)
    context = {
        "report": report,
        "about": {column.name: column.about for column in report.columns if column.about},
        "fields": fields,
        "problems": problems,
        "as_of": call.value(AS_OF),
        "given": given,
        "query": urlencode({**given, **({AS_OF: call.value(AS_OF)} if call.value(AS_OF) else {})}),
        "types": TYPES,
        "export_reason": _reason(call),
        **(shown or {"run": None}),
    }
    return call.page("reports/show.html", status=422 if problems else 200, **context)


def _reason(call: PageCall) -> str:
    return "" if call.may("export.run") else call.text(_("Taking figures out as a file needs the right export.run."))


def _shown(call: PageCall, found: ReportRun) -> dict[str, Any]:
    from crmkit.exchange.reports.charts import drawn

    # The drawings are crmkit's own, every text in them escaped.
    charts = [{"title": each["title"], "svg": Markup(each["svg"])} for each in drawn(found, call.language)]  # noqa: S704
    return {"run": found, "doc": document(found, call.language), "charts": charts if found.rows else []}


@get("/reports/{name}/rows")
def show_rows(call: PageCall, name: str) -> Response:
    """Show the rows behind one figure."""
    given = _given(call)
    figure = Figure(row=call.value("row"), column=call.value("column"))
    with call.session() as session:
        found = rows_behind(session, name, figure, given, **_moment(call))
        report = find_report(session, name)
    query = urlencode({**given, **({AS_OF: call.value(AS_OF)} if call.value(AS_OF) else {})})
    column = next((each for each in report.columns if each.name == figure.column), None)
    context = {"report": report, "query": query, "figure": figure, "column": column, **_shown(call, found)}
    return call.page("reports/rows.html", **context)


@post("/reports/{name}/download", budget="export")
def download(call: PageCall, name: str) -> Response:
    """Hand out a report as a file; who took it out is audited."""
    form = call.value("format")
    if form not in TYPES or form not in FORMATS:
        raise NotFound(_("There is no such page."))
    given, said = _given(call), {"resource": "report", "where": [name]}
    call.run("export.start", said)
    with call.session() as session:
        found = run(session, name, given, **_moment(call))
        content = output(session, found, form, call.language)  # type: ignore[arg-type]
    call.crm.run(call.actor, "export.finish", {**said, "rows": len(found.rows)})
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=TYPES[form][0], headers=headers)


ROUTES = [catalogue, show_report, show_rows, download]
