"""Reports: which there are, running them in any form, the rows behind figures, and those on a schedule.

Must not know how figures are found.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import attrs
from attrs import field, frozen

from crmkit.engines.reports.documents import document
from crmkit.engines.reports.parameters import described
from crmkit.engines.reports.running import find_report, reports, rows_behind, run
from crmkit.exchange.reports.output import output
from crmkit.exchange.reports.scheduling import Scheduled, schedules
from crmkit.hooks.contributions import Figure, Period, Report
from crmkit.i18n import texts
from crmkit.web.rest.asking import OBJECT, file, instant, listing, said
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import JSON, Answer, Endpoint
from crmkit.web.rest.segments import XLSX

_ = texts("crmkit")

GROUP = _("Reports")
MEDIA = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": XLSX,
    "csv": "text/csv; charset=utf-8",
}


@frozen(kw_only=True)
class RunCall:
    """How a report is to be run: its parameters, as of when, by what was known when, in which form. ``smallest``
    withholds the figures of fewer customers, also from who may see them."""

    parameters: dict[str, Any] = field(factory=dict)
    as_of: str | None = None
    known_at: str | None = None
    format: Literal["json", "csv", "xlsx", "pdf", "html"] = "json"
    smallest: int | None = None


@frozen(kw_only=True)
class RowsCall:
    """The figure whose rows are wanted, by the key of its row (``total`` for the sums) and its column, of a report that
    is run in the same way."""

    row: str
    column: str
    parameters: dict[str, Any] = field(factory=dict)
    as_of: str | None = None
    known_at: str | None = None
    format: Literal["json", "csv", "xlsx", "pdf", "html"] = "json"


def _list(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return {"data": [_described(call, report) for report in reports(session).values()]}


def _described(call: RestCall, report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "title": said(call, report.title),
        "doc": said(call, report.doc),
        "permission": report.permission,
        "temporal": report.temporal,
        "plugin": call.crm.registry.owners.get(("report", report.name)),
        "parameters": [
            {
                "name": item.name,
                "title": said(call, item.title),
                "type": "period" if item.type is Period else getattr(item.type, "__name__", str(item.type)),
                "required": item.required,
                "default": item.default,
            }
            for item in described(report)
        ],
        "columns": [
            {
                "name": item.name,
                "title": said(call, item.title),
                "kind": item.kind,
                "definition": said(call, item.doc),
                "drills": item.drills,
            }
            for item in report.columns
            if not item.hidden
        ],
    }


def _show(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return _described(call, find_report(session, call.path["name"]))


def _times(given: Any) -> dict[str, date | datetime | None]:
    return {name: instant(getattr(given, name), name) for name in ("as_of", "known_at")}


def _run(call: RestCall) -> Any:
    given: RunCall = call.body
    with call.session() as session:
        made = run(session, call.path["name"], given.parameters, **_times(given), smallest=given.smallest)
        return _answer(call, session, made, given.format)


def _rows(call: RestCall) -> Any:
    given: RowsCall = call.body
    with call.session() as session:
        figure = Figure(row=given.row, column=given.column)
        made = rows_behind(session, call.path["name"], figure, given.parameters, **_times(given))
        return _answer(call, session, made, given.format)


def _answer(call: RestCall, session: Any, made: Any, form: Any) -> Any:
    if form == "json":
        return document(made, call.language)
    return file(output(session, made, form, call.language), f"{made.name}.{form}", MEDIA[form])


def _schedules(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return {"data": [_scheduled(each) for each in schedules(session)]}


def _scheduled(item: Scheduled) -> dict[str, Any]:
    """Return a scheduled report; of its file that there is one, since where files lie is nobody's business."""
    found = attrs.asdict(item)
    return {**found, "file": bool(found["file"])}


_FORMS = (JSON, *(each.partition(";")[0] for each in MEDIA.values()))

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/reports",
        name="reports.list",
        title=_("List the reports"),
        group=GROUP,
        serve=_list,
        answers=[Answer(title=_("The reports that the caller may run."), body=listing())],
    ),
    Endpoint(
        method="GET",
        path="/reports/schedules",
        name="reports.schedules",
        title=_("List the reports that are made on a schedule"),
        group=GROUP,
        serve=_schedules,
        answers=[Answer(title=_("The caller's own, or all for who administers definitions."), body=listing())],
    ),
    Endpoint(
        method="GET",
        path="/reports/{name}",
        name="reports.read",
        title=_("Read what a report shows"),
        group=GROUP,
        serve=_show,
        answers=[Answer(title=_("Its parameters and columns."), body=dict(OBJECT))],
    ),
    Endpoint(
        method="POST",
        path="/reports/{name}/run",
        name="reports.run",
        title=_("Run a report"),
        group=GROUP,
        serve=_run,
        body=RunCall,
        example={"parameters": {"period": "2026-Q1"}},
        answers=[Answer(title=_("The report, as JSON or as a file."), body=dict(OBJECT), media=_FORMS)],
        refusals=(501,),
    ),
    Endpoint(
        method="POST",
        path="/reports/{name}/rows",
        name="reports.rows",
        title=_("Read the rows behind a figure of a report"),
        group=GROUP,
        serve=_rows,
        body=RowsCall,
        example={"row": "total", "column": "amount"},
        answers=[Answer(title=_("The rows, as JSON or as a file."), body=dict(OBJECT), media=_FORMS)],
        refusals=(501,),
    ),
)
