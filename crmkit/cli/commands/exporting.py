"""``crmkit export``: customers, purchases, interactions or products as a file that an import takes back unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit.cli.asking import the_reason
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.exchange.options import RESOURCES, ExportOptions
from crmkit.i18n import texts

_ = texts("crmkit")


@single(
    "export",
    _(
        "Export to a CSV or JSON-lines file, a workbook (.xlsx) or address cards (.vcf), by its ending. "
        "Cells that a spreadsheet would take for a "
        "formula are guarded; importing the file again changes nothing. What is sealed is left out unless you reveal "
        "it."
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--as", "resource", type=click.Choice(RESOURCES), default="customers", help=_("What to export (customers)."))
@option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help=_("Only records for which this holds, such as city=上海; all of several must."),
)
@option(
    "--format",
    "format_",
    type=click.Choice(("csv", "jsonl", "xlsx", "vcard", "vcard3")),
    help=_("Form of the file; else by its ending. vcard is version 4.0 of address cards, vcard3 version 3.0."),
)
@option("--no-bom", is_flag=True, help=_("CSV without the mark that tells spreadsheets that it is UTF-8."))
@option("--overwrite", is_flag=True, help=_("Replace the file if it is there."))
@option("--reveal", is_flag=True, help=_("Also what is sealed; it is audited with the reason."))
@option("--reason", metavar="TEXT", help=_("Why it is revealed."))
@option(
    "--purpose",
    metavar="PURPOSE[:CHANNEL]",
    help=_("Only customers who allow this purpose now, such as marketing or marketing:email."),
)
@option("--recipient", metavar="NAME", help=_("Whom the file is for: named in each row, and in the audit log."))
def export(
    cli: Invocation,
    file: Path,
    resource: Any,
    conditions: tuple[str, ...],
    format_: Any,
    no_bom: bool,
    overwrite: bool,
    reveal: bool,
    reason: str | None,
    purpose: str | None,
    recipient: str | None,
) -> None:
    """Write the file and print what is in it, and what was left out."""
    from crmkit.exchange.api import export as write

    options = ExportOptions(
        resource=resource,
        format=format_,
        where=conditions,
        bom=not no_bom,
        overwrite=overwrite,
        reveal=reveal,
        reason=the_reason(cli, reason) if reveal else None,
        purpose=purpose,
        recipient=recipient,
    )
    with cli.output.progress(_("Exporting")) as advance:
        report = write(
            cli.crm, cli.actor, file, options, lambda progress: advance(progress.bytes, progress.total_bytes)
        )
    if cli.json:
        cli.output.document(
            {
                "resource": report.resource,
                "file": report.path,
                "rows": report.rows,
                "bytes": report.bytes,
                "seconds": round(report.seconds, 3),
                "left_out": report.left_out,
            }
        )
    else:
        cli.output.say(_("{rows} rows were written to {file}."), rows=report.rows, file=report.path)
        if report.left_out:
            cli.output.say(
                _('Left empty, as they are sealed: {columns}. Add --reveal --reason "…" to have them.'),
                columns=", ".join(report.left_out),
            )
