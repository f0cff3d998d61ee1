"""Reports that are made again and again, and the templates that they are printed by."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from crmkit.engines.reports.running import find_report, reports
from crmkit.errors import InvalidInput
from crmkit.exchange.reports.pages import template_of
from crmkit.exchange.reports.scheduling import schedules
from crmkit.i18n import LANGUAGES, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.reports.showing import TYPES
from crmkit.web.pages.routing import get, post, problems_by_field

_ = texts("crmkit")

READ = "report.read"
TIMES = {
    "0 7 * * *": _("Every day at 7"),
    "0 7 * * 1": _("Mondays at 7"),
    "0 7 1 * *": _("On the first of each month at 7"),
    "0 7 1 1,4,7,10 *": _("On the first of each quarter at 7"),
}
"""Times to choose from; any other can be typed as five fields."""


@get("/reports/schedules", right=READ)
def show_schedules(call: PageCall) -> Response:
    """List the reports on a schedule, with a form for another one."""
    typed = {"report": call.value("report"), "parameters": call.value("parameters"), "cron": "0 7 * * 1"}
    return _page(call, {"name": "", "format": "pdf", "own_cron": "", **typed})


def _page(call: PageCall, typed: dict[str, Any], error: InvalidInput | None = None) -> Response:
    with call.session() as session:
        rows, known = schedules(session), reports(session)
    context = {
        "rows": rows,
        "known": known,
        "typed": typed,
        "times": TIMES,
        "types": TYPES,
        "problems": {} if error is None else problems_by_field(error),
    }
    return call.page("reports/schedules.html", status=200 if error is None else 422, **context)


@post("/reports/schedules", right=READ)
def add_schedule(call: PageCall) -> Response:
    """Put a report on a schedule, for whoever asks."""
    names = ("name", "report", "format", "cron", "own_cron", "parameters")
    typed: dict[str, Any] = {name: call.value(name) for name in names}
    given = {
        "name": typed["name"],
        "report": typed["report"],
        "format": typed["format"],
        "cron": typed["own_cron"] or typed["cron"],
        "parameters": dict(parse_qsl(typed["parameters"])),
        "language": call.language if call.language in LANGUAGES else None,
    }
    try:
        call.run("report.schedule", given)
    except InvalidInput as error:
        return _page(call, typed, error)
    return call.redirect("/reports/schedules", said=_("The report will be made on time."))


@post("/reports/schedules/end", right=READ)
def end_schedule(call: PageCall) -> Response:
    """End a schedule."""
    call.run("report.unschedule", {"name": call.value("name")})
    return call.redirect("/reports/schedules", said=_("It is made no more."))


@get("/reports/{name}/template", right="definition.admin")
def show_template(call: PageCall, name: str) -> Response:
    """Show the template by which a report is printed."""
    with call.session() as session:
        report = find_report(session, name)
        text = template_of(session, name)
    return call.page("reports/template.html", report=report, text=text, problems={})


@post("/reports/{name}/template", right="definition.admin")
def save_template(call: PageCall, name: str) -> Response:
    """Print a report by another template, or by its own again."""
    text = call.form.get("text") if call.form is not None else None
    typed = text if isinstance(text, str) and text.strip() and not call.value("back") else None
    try:
        call.run("report.save_template", {"name": name, "text": typed})
    except InvalidInput as error:
        with call.session() as session:
            report = find_report(session, name)
        found = problems_by_field(error)
        return call.page("reports/template.html", status=422, report=report, text=typed or "", problems=found)
    return call.redirect(f"/reports/{name}", said=_("The template is saved."))


ROUTES = [show_schedules, add_schedule, end_schedule, show_template, save_template]
