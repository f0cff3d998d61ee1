"""``crmkit report``: running reports in the terminal and into files, the rows behind figures, reports on a schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result, type_name
from crmkit.errors import InvalidInput, UsageError
from crmkit.i18n import texts

_ = texts("crmkit")

report = group(help=_("List, run and schedule reports."), name="report")
"""The group ``crmkit report``."""

FORMATS = ("terminal", "html", "pdf", "xlsx", "csv", "json")
"""The forms of a report; they are written here so that ``--help`` loads nothing else."""
PARAM = _("A parameter, such as period=2026-Q3; several times for several.")


@command(report, "list", _("List the reports that you may run."))
def list_(cli: Invocation) -> None:
    """Print the reports by name."""
    from crmkit.engines.reports.parameters import described
    from crmkit.engines.reports.running import reports

    with cli.session() as session:
        owners = session.gate.registry.owners
        rows = [
            {
                "name": name,
                "title": cli.text(item.title),
                "doc": cli.text(item.doc),
                "parameters": [each.name for each in described(item)],
                "plugin": owners.get(("report", name)),
            }
            for name, item in reports(session).items()
        ]
    columns = (Column("name", _("Name")), Column("title", _("Title")), Column("parameters", _("Parameters")))
    cli.output.table(columns, rows, empty=_("There is no report that you may run."))


@command(report, "show", _("Show a report: its parameters, and what its columns mean."))
@click.argument("name", metavar="REPORT")
def show(cli: Invocation, name: str) -> None:
    """Print what a report asks for and what it shows."""
    from crmkit.engines.reports.parameters import described
    from crmkit.engines.reports.running import find_report

    with cli.session() as session:
        found = find_report(session, name)
        parameters = [
            {
                "name": item.name,
                "title": cli.text(item.title),
                "type": "period" if type_name(item.type) == "Period" else type_name(item.type),
                "required": item.required,
                "default": item.default,
            }
            for item in described(found)
        ]
    columns = [
        {"name": item.name, "title": cli.text(item.title), "kind": item.kind, "definition": cli.text(item.doc)}
        for item in found.columns
        if not item.hidden
    ]
    document = {
        "name": name,
        "title": cli.text(found.title),
        "doc": cli.text(found.doc),
        "permission": found.permission,
        "temporal": found.temporal,
        "parameters": parameters,
        "columns": columns,
    }
    if cli.json:
        cli.output.document(document)
        return
    said = (
        (_("Name"), name),
        (_("Title"), found.title),
        (_("Description"), found.doc),
        (_("Needed right"), found.permission),
    )
    cli.output.record(said)
    cli.output.heading(_("Parameters"))
    shown = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("type", _("Type")),
        Column("required", _("Required")),
        Column("default", _("Default")),
    )
    cli.output.table(shown, parameters, empty=_("It has no parameters."))
    if columns:
        cli.output.heading(_("Columns"))
        cli.output.table(
            (Column("name", _("Name")), Column("title", _("Title")), Column("definition", _("What it means"))), columns
        )


@command(report, "run", _("Run a report: in the terminal, or into a file."))
@click.argument("name", metavar="REPORT")
@option("--param", "-p", "parameters", multiple=True, metavar="NAME=VALUE", help=PARAM)
@option("--as-of", metavar="DAY", help=_("As it stood at the end of this day, or at this instant."))
@option("--known-at", metavar="DAY", help=_("By what was known at the end of this day, or at this instant."))
@option("--format", "-f", "format_", type=click.Choice(FORMATS), help=_("The form; else by the ending of the file."))
@option(
    "--output",
    "-o",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("Write it into this file."),
)
@option("--rows", metavar="ROW:COLUMN", help=_("List the rows behind this figure; the row of sums is total."))
@option(
    "--hide-below",
    type=click.IntRange(2, 1000),
    metavar="N",
    help=_("Withhold the figures of fewer customers, also from who may see them."),
)
def run(
    cli: Invocation,
    name: str,
    parameters: tuple[str, ...],
    as_of: str | None,
    known_at: str | None,
    format_: Any,
    file: Path | None,
    rows: str | None,
    hide_below: int | None,
) -> None:
    """Run a report and print or write it."""
    from crmkit.cli.reports import show_report
    from crmkit.cli.values import instant
    from crmkit.engines.reports.running import rows_behind, run as run_report
    from crmkit.exchange.reports.output import FORMATS as FILES, output

    form = format_ or (file.suffix.lstrip(".").lower() if file is not None else "terminal")
    if form not in FORMATS or (file is not None and form == "terminal"):
        raise UsageError(_("The form of {file} is not known; add --format."), file=file)
    zone = cli.crm.business().zone
    times: dict[str, Any] = {
        "as_of": None if as_of is None else instant(as_of, zone, name="--as-of"),
        "known_at": None if known_at is None else instant(known_at, zone, name="--known-at"),
    }
    with cli.session() as session:
        if rows is not None:
            found = rows_behind(session, name, _figure(rows), _values(parameters), **times)
        else:
            found = run_report(session, name, _values(parameters), **times, smallest=hide_below)
        content = output(session, found, form, cli.language) if form in FILES else None  # type: ignore[arg-type]
    if content is None:
        show_report(cli, found)
    elif file is None:
        click.echo(content, nl=False)
    else:
        _write(file, content)
        if cli.json:
            cli.output.document({"report": name, "file": file, "format": form, "rows": len(found.rows)})
        else:
            cli.output.say(_("{rows} rows were written to {file}."), rows=len(found.rows), file=file)


def _write(file: Path, content: bytes) -> None:
    from crmkit.private import make_private_file

    try:
        make_private_file(file)
        file.write_bytes(content)
    except OSError as error:
        raise InvalidInput(_("{path} cannot be written: {reason}."), path=file, reason=error.strerror or "") from error


def _values(parameters: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in parameters:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageError(_('"{argument}" is no name=value.'), argument=each)
        if name in found:
            raise UsageError(_("{name} is given twice."), name=name)
        found[name] = value
    return found


def _figure(text: str) -> Any:
    from crmkit.hooks.contributions import Figure

    row, colon, column = text.rpartition(":")
    if not colon:
        raise UsageError(_('"{argument}" is no ROW:COLUMN.'), argument=text)
    return Figure(row=row, column=column)


@command(report, "schedule", _("Have a report made again and again, or with --end no more."))
@click.argument("schedule_name", metavar="NAME")
@click.argument("name", metavar="REPORT", required=False)
@option("--cron", metavar="TEXT", help=_('When, in five fields: "30 6 * * 1" is on Mondays at half past six.'))
@option("--param", "-p", "parameters", multiple=True, metavar="NAME=VALUE", help=PARAM)
@option("--format", "-f", "format_", type=click.Choice(FORMATS[1:]), default="pdf", help=_("The form (pdf)."))
@option("--for", "recipient", metavar="LOGIN", help=_("For this user, whose rights decide; else for you."))
@option("--keep-days", type=click.IntRange(1, 3660), default=90, metavar="N", help=_("Keep files so many days (90)."))
@option("--end", is_flag=True, help=_("End it."))
def schedule(
    cli: Invocation,
    schedule_name: str,
    name: str | None,
    cron: str | None,
    parameters: tuple[str, ...],
    format_: str,
    recipient: str | None,
    keep_days: int,
    end: bool,
) -> None:
    """Schedule a report, or end it."""
    if end:
        cli.run("report.unschedule", {"name": schedule_name})
        show_result(cli, None)
        return
    if name is None or cron is None:
        raise UsageError(_("Say which report, and --cron when."))
    values = {
        "name": schedule_name,
        "report": name,
        "cron": cron,
        "parameters": _values(parameters),
        "format": format_,
        "language": cli.language,
        "recipient": recipient,
        "keep_days": keep_days,
    }
    show_result(cli, cli.run("report.schedule", values))


@command(report, "schedules", _("List the reports that are made on a schedule."))
def schedules(cli: Invocation) -> None:
    """Print scheduled reports by name."""
    import attrs

    from crmkit.exchange.reports.scheduling import schedules as scheduled

    with cli.session() as session:
        rows = [attrs.asdict(item) for item in scheduled(session)]
    columns = (
        Column("name", _("Name")),
        Column("report", _("Report")),
        Column("cron", _("When")),
        Column("format", _("Format")),
        Column("recipient", _("Recipient")),
        Column("next_at", _("Next")),
        Column("last_at", _("Last")),
        Column("file", _("File")),
    )
    cli.output.table(columns, rows, empty=_("No report is scheduled."))


@command(report, "template", _("Print a report by a template of your own; without --file it is printed by its own."))
@click.argument("name", metavar="REPORT")
@option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=_("A Jinja2 template over the report's document."),
)
def template(cli: Invocation, name: str, file: Path | None) -> None:
    """Save a template, or take it back."""
    try:
        text = None if file is None else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(_("{path} cannot be read: {reason}."), path=file, reason=error) from error
    cli.run("report.save_template", {"name": name, "text": text})
    show_result(cli, None)
