"""``crmkit import``: a file of customers, purchases, interactions or products, shown before it is written.

Must not read the file itself nor decide what a row means: ``crmkit.exchange`` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.commands.import_outcomes import Outcomes, show_outcomes
from crmkit.cli.errors import PARTLY
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.cli.output import Column
from crmkit.errors import UsageError
from crmkit.exchange.options import ImportOptions
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.exchange.options import ColumnPlan, ImportPlan, ImportReport, Progress

_ = texts("crmkit")

_SHOWN_ROWS = 3
_FIELD = re.compile(r"\{\w+\}")
_SHOWN_COLUMNS = 8


@single(
    "import",
    _(
        "Import a CSV or JSON-lines file, a spreadsheet or address cards (vCard; also .gz, .xz; - is standard input), "
        "after showing what would be done. "
        "Encoding, delimiter and columns are found out. Rejected rows come back in a file that can be mended and "
        "imported again, and the exit code is 8. An import that was interrupted goes on when it is run again."
    ),
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@option(
    "--as",
    "resource",
    metavar="RESOURCE",
    help=_("What the rows are, such as customers or sales.opportunity; else told from the headings."),
)
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
@option(
    "--details",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("With --dry-run: where to write what would become of each row, as CSV or JSON lines."),
)
@option(
    "--source",
    metavar="NAME",
    default="",
    help=_("System that the ids in the file belong to; by default the one whose export it looks like, else import."),
)
@option("--mapping", "saved", metavar="NAME", help=_("Mapping that was kept; --map comes before it."))
@option("--keep-mapping", "keep_as", metavar="NAME", help=_("Name under which to keep the mapping of this import."))
@option(
    "--bad-cells",
    type=click.Choice(("reject", "leave_out")),
    default="reject",
    help=_("Whether a cell that cannot be read rejects its row (reject) or is left out."),
)
@option("--owner", metavar="LOGIN", help=_("Owner of the customers that are added, by login or e-mail address."))
@option("--tag", "tags", metavar="TAG", multiple=True, help=_("Tag of the customers that are added; several times."))
@option("--encoding", metavar="NAME", help=_("Encoding of the file, such as gb18030."))
@option("--delimiter", metavar="CHARACTER", help=_("Character between the cells."))
@option(
    "--format",
    "format_",
    type=click.Choice(("csv", "jsonl", "xlsx", "xls", "ods", "vcard")),
    help=_("Form of the file; else told from its content."),
)
@option("--sheet", metavar="NAME", help=_("Sheet of a workbook; by default the first that holds something."))
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
    details: Path | None,
    source: str,
    saved: str | None,
    keep_as: str | None,
    bad_cells: Any,
    owner: str | None,
    tags: tuple[str, ...],
    encoding: str | None,
    delimiter: str | None,
    format_: Any,
    sheet: str | None,
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
        saved=saved,
        keep_as=keep_as,
        bad_cells=bad_cells,
        owner=owner,
        tags=tags,
        encoding=encoding,
        delimiter={"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter),
        format=format_,
        sheet=sheet,
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
    if details is not None and not dry_run:
        raise UsageError(_("--details goes with --dry-run."), fix=_("Leave one out, or add the other."))
    outcomes = Outcomes(details)
    with outcomes:
        report = _import(cli, file, options, dry_run=dry_run, yes=yes, outcomes=outcomes)
    _show_report(cli, report, outcomes)
    if report.rejected:
        raise click.exceptions.Exit(PARTLY)


def _import(
    cli: Invocation, path: Path, options: ImportOptions, *, dry_run: bool, yes: bool, outcomes: Outcomes
) -> ImportReport:
    from attrs import evolve

    from crmkit.exchange.api import plan_import, rehearse_import, run_import

    crm, actor = cli.crm, cli.actor
    plan = plan_import(crm, path, options)
    if not cli.json:
        _show_plan(cli, plan)
    if not dry_run and not yes:
        confirm(cli, _('Import "{file}" as {resource}?'), yes=False, file=plan.file_name, resource=plan.resource)
        plan = evolve(plan, options=evolve(plan.options, make_fields=True))
    with cli.output.progress(_("Importing")) as advance:

        def tell(progress: Progress) -> None:
            advance(progress.bytes, progress.total_bytes)

        if dry_run:
            return rehearse_import(crm, actor, plan, tell, details=outcomes.take)
        return run_import(crm, actor, plan, tell)


def _mapped(word: str) -> tuple[str, str]:
    column, separator, field = word.rpartition("=")
    if not separator or not column:
        raise UsageError(_('"{word}" is no COLUMN=FIELD.'), fix=_('Write for example --map "Mail=email".'), word=word)
    return column, field


def _show_plan(cli: Invocation, plan: ImportPlan) -> None:
    output = cli.output
    output.say(
        # A workbook says its encoding itself, and nobody has to know it.
        _('"{file}" as {resource}: {format}.') if plan.sheet else _('"{file}" as {resource}: {format}, {encoding}.'),
        file=plan.file_name,
        resource=plan.resource,
        format=plan.format,
        encoding=plan.encoding,
    )
    if plan.sheet is not None:
        output.say(_('Sheet "{sheet}".'), sheet=plan.sheet)
    if plan.recognised is not None:
        output.say(
            _("This looks like an export of {system}: {rows}."),
            system=plan.recognised.title,
            rows=cli.text(plan.recognised.rows),
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
                "problem": _note(cli, each),
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


def _note(cli: Invocation, column: ColumnPlan) -> str:
    """Return what is doubtful about a column, or why it was taken for what it is, where that is not its heading."""
    if column.problem is not None:
        return column.problem.render(cli.language)
    if column.reason is not None and (column.field is None or column.origin == "learned"):
        return column.reason.render(cli.language)
    return ""


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


def _show_report(cli: Invocation, report: ImportReport, outcomes: Outcomes) -> None:
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
                "reasons": _texts(cli, report.reasons),
                "left_out": _texts(cli, report.left_out),
                **({"rows": outcomes.documents(), "more_rows": outcomes.more} if report.dry_run else {}),
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
    for title, found in ((_("Reasons"), report.reasons), (_("Cells that are left out"), report.left_out)):
        if found:
            cli.output.heading(title)
            rows = [{"count": count, "reason": reason} for reason, count in _texts(cli, found).items()]
            cli.output.table((Column("count", _("Rows"), "right"), Column("reason", _("Reason"))), rows)
    if report.dry_run:
        show_outcomes(cli, outcomes)


def _texts(cli: Invocation, found: Mapping[str, int]) -> dict[str, int]:
    """Return how often each reason came up; the values differ from row to row."""
    return {_FIELD.sub("…", cli.text(reason)): count for reason, count in found.items()}
