"""``crmkit db``: the schema of the database, the kernel's and the plugins'."""

from __future__ import annotations

import click

from crmkit.cli.errors import exit_code
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import MigrationError
from crmkit.i18n import texts

_ = texts("crmkit")

db = group(help=_("Bring the database up to date and check it."), name="db")
"""The group ``crmkit db``."""


@command(db, "upgrade", _("Run the migrations of the kernel and of the enabled plugins that have not been run yet."))
def upgrade(cli: Invocation) -> None:
    """Upgrade and print what was run; a plugin that fails costs itself, and the exit code is 7."""
    from crmkit.app import CRM
    from crmkit.cli.plugins import show_permissions

    report = CRM.upgrade(cli.settings)
    rows: list[dict[str, object]] = []
    if report.kernel:
        rows.append({"name": "crmkit", "revisions": report.kernel, "permissions": [], "error": None})
    rows += [
        {
            "name": each.name,
            "revisions": each.revisions,
            "permissions": [item.name for item in each.permissions],
            "error": each.error.render(cli.language) if each.error is not None else None,
        }
        for each in report.plugins
    ]
    columns = (
        Column("name", _("Name")),
        Column("revisions", _("Migrations")),
        Column("permissions", _("New permissions")),
        Column("error", _("Error")),
    )
    cli.output.table(columns, rows, empty=_("The database is up to date."), more={"ok": not report.failed})
    new = [item for each in report.plugins if each.error is None for item in each.permissions]
    if new and not cli.json:
        show_permissions(cli, new)
    _fail_if(cli, bool(report.failed), _("A plugin could not be upgraded."))


@command(db, "check", _("Compare the database with what the kernel and the plugins declare."))
def check(cli: Invocation) -> None:
    """Print how each lineage stands; with a difference the exit code is 7."""
    from crmkit.lifecycle.schema import check_schema

    found = check_schema(cli.crm)
    sound = all(each.sound for each in found)
    rows = [
        {
            "name": each.name,
            "current": each.current,
            "pending": each.pending,
            "differences": each.differences,
            "error": each.error.render(cli.language) if each.error is not None else None,
            "ok": each.sound,
        }
        for each in found
    ]
    columns = (
        Column("name", _("Name")),
        Column("ok", _("Sound")),
        Column("current", _("Revision")),
        Column("pending", _("To be run")),
        Column("differences", _("Differences")),
        Column("error", _("Error")),
    )
    cli.output.table(columns, rows, more={"ok": sound})
    _fail_if(cli, not sound, _("The database differs from what is declared."))


@command(
    db, "revision", _("Write the migration that brings a plugin's tables to what its models say, for its developers.")
)
@click.argument("name")
@option(
    "--message", "-m", metavar="TEXT", default="change", help=_("What the migration does, in a few words (change).")
)
def revision(cli: Invocation, name: str, message: str) -> None:
    """Write a revision and print its file."""
    from crmkit.lifecycle.schema import write_revision

    path = write_revision(cli.crm, name, message)
    if cli.json:
        cli.output.document({"name": name, "file": path})
    elif path is None:
        cli.output.say(_('The migrations of "{name}" are complete; nothing was written.'), name=name)
    else:
        cli.output.say(_("{file} is written. Read it before it is run."), file=path)


def _fail_if(cli: Invocation, failed: bool, message: str) -> None:
    if failed:
        error = MigrationError(message)
        if not cli.json:
            cli.output.failure(error, exit_code(error))
        raise click.exceptions.Exit(exit_code(error))
