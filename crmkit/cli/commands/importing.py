"""``crmkit import``: a file of customers, purchases, interactions or products, shown before it is written.

Must not read the file itself nor decide what a row means: ``crmkit.exchange`` does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.errors import PARTLY
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.cli.output import Column
from crmkit.errors import UsageError
from crmkit.exchange.options import RESOURCES, ImportOptions
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.exchange.options import ImportPlan, ImportReport

_ = texts("crmkit")

_SHOWN_ROWS = 3
_FIELD = re.compile(r"\{\w+\}")
_SHOWN_COLUMNS = 8


@single(
    "import",
    _(
        "Import a CSV or JSON-lines file (also .gz, .xz; - is standard input), after showing what would be done. "
        "Encoding, delimiter and columns are found out. Rejected rows come back in a file that can be mended and "
        "imported again, and the exit code is 8. An import that was interrupted goes on when it is run again."
    ),
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@option("--as", "resource", type=click.Choice(RESOURCES), help=_("What the rows are; else told from the headings."))
@option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help=_("Field that a column fills; COLUMN= ignores it. May be given several times."),
)
@option("--only-mapped", is_flag=True, help=_("Ignore the columns that --map does not name."))
@option(
    "--on-duplicate",
    type=click.Choice(("skip", "update", "review")),
    default="skip",
    help=_(
        "What to do with a row that is there already: leave it out, change the record, or put it into the file of "
        "rejected rows (skip)."
    ),
)
@option("--dry-run", is_flag=True, help=_("Check every row and write nothing."))
@option("--source", metavar="NAME", default="import", help=_("System that the ids in the file belong to (import)."))
@option("--encoding", metavar="NAME", help=_("Encoding of the file, such as gb18030."))
@option("--delimiter", metavar="CHARACTER", help=_("Character between the cells."))
@option("--format", "format_", type=click.Choice(("csv", "jsonl")), help=_("Form of the file."))
@option("--date-order", type=click.Choice(("YMD", "DMY", "MDY")), help=_("How to read 03/04/2026."))
@option("--decimal-mark", type=click.Choice((".", ",")), help=_("How to read 1.234."))
@option("--zone", metavar="ZONE", help=_("Time zone of times without one; by default the business's."))
@option("--currency", metavar="CODE", help=_("Currency of amounts without one; by default the base currency."))
@option(
    "--kind", type=click.Choice(("person", "organization")), help=_("What customers are where the file does not say.")
)
@option("--region", metavar="CODE", help=_("Country of phone numbers without country code; by default the business's."))
@option(
    "--create-customers",
    is_flag=True,
    help=_("Add customers that purchases or interactions name and that are not there."),
)
@option(
    "--rejects",
    "reject_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Where rejected rows go; by default beside the file."),
)
@option("--again", is_flag=True, help=_("Import a file that was imported before."))
@option("--fresh", is_flag=True, help=_("Begin anew instead of going on with an interrupted import."))
@option("--yes", "-y", is_flag=True, help=_("Do not ask, and make the new custom fields."))
def import_(
    cli: Invocation,
    file: Path,
    resource: Any,
    mapping: tuple[str, ...],
    only_mapped: bool,
    on_duplicate: Any,
    dry_run: bool,
    source: str,
    encoding: str | None,
    delimiter: str | None,
    format_: Any,
    date_order: Any,
    decimal_mark: Any,
    zone: str | None,
    currency: str | None,
    kind: Any,
    region: str | None,
    create_customers: bool,
    reject_file: Path | None,
    again: bool,
    fresh: bool,
    yes: bool,
) -> None:
    """Show the plan, ask, import, and print the counts."""
    options = ImportOptions(
        resource=resource,
        mapping=dict(_mapped(word) for word in mapping),
        automatic=not only_mapped,
        on_duplicate=on_duplicate,
        source=source,
        encoding=encoding,
        delimiter={"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter),
        format=format_,
        date_order=date_order,
        decimal_mark=decimal_mark,
        zone=zone,
        currency=currency,
        kind=kind,
        region=region,
        make_fields=yes,
        create_customers=create_customers,
        reject_file=reject_file,
        again=again,
        fresh=fresh,
        language=cli.language,
    )
    report = _import(cli, file, options, dry_run=dry_run, yes=yes)
    _show_report(cli, report)
    if report.rejected:
        raise click.exceptions.Exit(PARTLY)


def _import(cli: Invocation, path: Path, options: ImportOptions, *, dry_run: bool, yes: bool) -> ImportReport:
    from attrs import evolve

    from crmkit.exchange.api import plan_import, rehearse_import, run_import

    crm, actor = cli.crm, cli.actor
    plan = plan_import(crm, path, options)
    if not cli.json:
        _show_plan(cli, plan)
    if not dry_run and not yes:
        confirm(cli, _('Import "{file}" as {resource}?'), yes=False, file=plan.file_name, resource=plan.resource)
        plan = evolve(plan, options=evolve(plan.options, make_fields=True))
    work = rehearse_import if dry_run else run_import
    with cli.output.progress(_("Importing")) as advance:
        return work(crm, actor, plan, lambda progress: advance(progress.bytes, progress.total_bytes))


def _mapped(word: str) -> tuple[str, str]:
    column, separator, field = word.rpartition("=")
    if not separator or not column:
        raise UsageError(_('"{word}" is no COLUMN=FIELD.'), fix=_('Write for example --map "Mail=email".'), word=word)
    return column, field


def _show_plan(cli: Invocation, plan: ImportPlan) -> None:
    output = cli.output
    output.say(
        _('"{file}" as {resource}: {format}, {encoding}.'),
        file=plan.file_name,
        resource=plan.resource,
        format=plan.format,
        encoding=plan.encoding,
    )
    if not cli.quiet:
        columns = (
            Column("heading", _("Column")),
            Column("field", _("Field")),
            Column("type", _("Type")),
            Column("problem", _("Note")),
        )
        rows = [
            {
                "heading": each.heading,
                "field": each.field or cli.text(_("(ignored)")),
                "type": each.type if each.field else "",
                "problem": each.problem.render(cli.language) if each.problem is not None else "",
            }
            for each in plan.columns
        ]
        output.table(columns, rows)
        _show_first_rows(cli, plan)
    for note in plan.notes:
        output.warn("{note}", note=note.render(cli.language))
    for field in plan.new_fields:
        output.say(
            _("New custom field: {name} ({title}), {type}."), name=field.name, title=field.title, type=field.type
        )
    if plan.resumes is not None:
        output.say(_("An interrupted import of this file goes on after {count} rows."), count=plan.resumes_at)


def _show_first_rows(cli: Invocation, plan: ImportPlan) -> None:
    rows = plan.first_rows[:_SHOWN_ROWS]
    names = list(dict.fromkeys(name for row in rows for name in row.values))[:_SHOWN_COLUMNS]
    if not names:
        return
    cli.output.heading(_("The first rows"))
    columns = [
        Column("line", _("Line"), "right"),
        *(Column(name, name) for name in names),
        Column("problems", _("Note")),
    ]
    cli.output.table(
        columns,
        [
            {
                **row.values,
                "line": row.line,
                "problems": " ".join(problem.render(cli.language) for problem in row.problems),
            }
            for row in rows
        ],
    )


def _show_report(cli: Invocation, report: ImportReport) -> None:
    if cli.json:
        cli.output.document(
            {
                "read": report.read,
                "created": report.created,
                "updated": report.updated,
                "duplicates": report.duplicates,
                "rejected": report.rejected,
                "rejected_file": report.rejected_file,
                "import_id": report.import_id,
                "dry_run": report.dry_run,
                "resumed": report.resumed,
                "seconds": round(report.seconds, 3),
                "reasons": _reasons(cli, report),
            }
        )
        return
    cli.output.record(
        [
            (_("Read"), report.read),
            (_("Created"), report.created),
            (_("Updated"), report.updated),
            (_("Duplicates"), report.duplicates),
            (_("Rejected"), report.rejected),
            (_("Rejected rows"), report.rejected_file),
            (_("Import"), report.import_id),
        ],
        title=_("Nothing was written; an import would give:") if report.dry_run else None,
    )
    if report.reasons:
        cli.output.heading(_("Reasons"))
        rows = [{"count": count, "reason": reason} for reason, count in _reasons(cli, report).items()]
        cli.output.table((Column("count", _("Rows"), "right"), Column("reason", _("Reason"))), rows)


def _reasons(cli: Invocation, report: ImportReport) -> dict[str, int]:
    """Return how often each reason came up; the values differ from row to row."""
    return {_FIELD.sub("…", cli.text(reason)): count for reason, count in report.reasons.items()}
