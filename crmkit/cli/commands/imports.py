"""``crmkit imports``: what was imported, and taking an import back. An interrupted one goes on by running it again."""

from __future__ import annotations

from uuid import UUID

import click

from crmkit.cli.asking import confirm
from crmkit.cli.commands.mappings import mappings
from crmkit.cli.errors import PARTLY
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import NotFound
from crmkit.exchange.options import ImportInfo
from crmkit.i18n import texts

_ = texts("crmkit")

imports = group(help=_("List, show and revert imports, and keep mappings of columns."), name="imports")
"""The group ``crmkit imports``."""
imports.add_command(mappings)


@command(imports, "list", _("List imports, newest first."))
@option("--limit", type=click.IntRange(1, 10_000), metavar="N", default=50, help=_("At most so many (50)."))
def list_(cli: Invocation, limit: int) -> None:
    """Print the imports."""
    from crmkit.exchange.api import list_imports

    columns = (
        Column("id", _("Id")),
        Column("started_at", _("Begun")),
        Column("file_name", _("File")),
        Column("resource", _("As")),
        Column("state", _("State")),
        Column("read", _("Read"), "right"),
        Column("created", _("Created"), "right"),
        Column("rejected", _("Rejected"), "right"),
    )
    rows = [_row(item) for item in list_imports(cli.crm, cli.actor, limit=limit)]
    cli.output.table(columns, rows, empty=_("Nothing was imported yet."))


@command(imports, "show", _("Show an import: its counts and where its rejected rows are."))
@click.argument("id", type=click.UUID)
def show(cli: Invocation, id: UUID) -> None:
    """Print one import."""
    row = _row(_find(cli, id))
    cli.output.record(
        [
            (_("Id"), row["id"]),
            (_("File"), row["file_name"]),
            (_("As"), row["resource"]),
            (_("State"), row["state"]),
            (_("Read"), row["read"]),
            (_("Created"), row["created"]),
            (_("Updated"), row["updated"]),
            (_("Duplicates"), row["duplicates"]),
            (_("Rejected"), row["rejected"]),
            (_("Rejected rows"), row["rejected_file"]),
            (_("By"), row["actor_id"]),
            (_("Begun"), row["started_at"]),
            (_("Ended"), row["finished_at"]),
        ],
        json=row,
    )


@command(
    imports,
    "revert",
    _("Take an import back: what it added goes, what it changed is as before, save what was changed since."),
)
@click.argument("id", type=click.UUID)
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
def revert(cli: Invocation, id: UUID, yes: bool) -> None:
    """Revert an import; what has to stay is listed, and then the exit code is 8."""
    from crmkit.exchange.api import revert_import

    found = _find(cli, id)
    confirm(cli, _('Take back the import of "{file}"?'), yes=yes, file=found.file_name)
    report = revert_import(cli.crm, cli.actor, id)
    kept = [
        {
            "line": item.line,
            "table": item.table,
            "record_id": item.record_id,
            "reason": item.reason.render(cli.language),
        }
        for item in report.kept
    ]
    if cli.json:
        cli.output.document(
            {
                "import_id": report.import_id,
                "removed": report.removed,
                "restored": report.restored,
                "reversed": report.reversed,
                "kept_count": report.kept_count,
                "kept": kept,
            }
        )
    else:
        cli.output.say(
            _("Removed {removed}, restored {restored}, reversed {reversed}, kept {kept}."),
            removed=report.removed,
            restored=report.restored,
            reversed=report.reversed,
            kept=report.kept_count,
        )
        if kept:
            columns = (
                Column("line", _("Line"), "right"),
                Column("table", _("Table")),
                Column("record_id", _("Id")),
                Column("reason", _("Reason")),
            )
            cli.output.table(columns, kept)
    if report.kept_count:
        raise click.exceptions.Exit(PARTLY)


def _find(cli: Invocation, id: UUID) -> ImportInfo:
    from crmkit.exchange.api import list_imports

    found = next((item for item in list_imports(cli.crm, cli.actor, limit=1_000_000) if item.id == id), None)
    if found is None:
        raise NotFound(_("There is no import {id}."), fix=_("crmkit imports list shows them."), id=id)
    return found


def _row(item: ImportInfo) -> dict[str, object]:
    return {
        "id": item.id,
        "file_name": item.file_name,
        "resource": item.resource,
        "state": item.state,
        "read": item.counts.read,
        "created": item.counts.created,
        "updated": item.counts.updated,
        "duplicates": item.counts.duplicates,
        "rejected": item.counts.rejected,
        "rejected_file": item.rejected_file,
        "actor_id": item.actor_id,
        "started_at": item.started_at,
        "finished_at": item.finished_at,
    }
