"""``crmkit config``: the configuration as a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.configuration.applying import Change, Difference

_ = texts("crmkit")

config = group(help=_("Export, compare and apply the configuration as files."), name="config")
"""The group ``crmkit config``."""

DIFFERENT = 1
"""The exit code of ``crmkit config diff`` where there is a difference."""
_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_SORTS = {"add": _("add"), "change": _("change"), "remove": _("remove")}


@command(
    config,
    "export",
    _("Write what was configured into a folder, a file an item."),
)
@_FOLDER
@option("--all", "everything", is_flag=True, help=_("Write what is as shipped, too."))
def export(cli: Invocation, folder: Path, everything: bool) -> None:
    """Write the files and say which have changed."""
    from crmkit.configuration.applying import read_configuration
    from crmkit.configuration.files import write_files
    from crmkit.configuration.sections import sections

    with cli.session() as session:
        documents = read_configuration(session, everything=everything)
        known = [section.folder for section in sections()]
    touched = write_files(folder, documents, known=known)
    if cli.json:
        cli.output.document({"folder": str(folder), "items": len(documents), "changed": touched})
        return
    cli.output.say(_("{folder}: {number} items."), folder=folder, number=len(documents))
    for path in touched:
        cli.output.say(_("  written or removed: {path}"), path=path)


@command(config, "diff", _("Compare the files in a folder with the database. Exits with 1 where they differ."))
@_FOLDER
@option("--prune", is_flag=True, help=_("What the folder does not have is to be taken away."))
def diff(cli: Invocation, folder: Path, prune: bool) -> None:
    """Print how the files differ."""
    found = _compared(cli, folder, prune)
    _show(cli, [difference for difference, _change in found])
    if found:
        raise click.exceptions.Exit(DIFFERENT)


@command(config, "apply", _("Bring the files in a folder into effect: all of them, or none."))
@_FOLDER
@option("--prune", is_flag=True, help=_("Take away what the folder does not have."))
@option("--dry-run", is_flag=True, help=_("Say what would be done, and do nothing."))
@option("--yes", is_flag=True, help=_("Do not ask."))
def apply(cli: Invocation, folder: Path, prune: bool, dry_run: bool, yes: bool) -> None:
    """Show the differences, ask, and apply them."""
    from crmkit.configuration.applying import apply_to

    found = _compared(cli, folder, prune)
    if dry_run or not found:
        _show(cli, [difference for difference, _change in found])
        return
    if not cli.json:
        _show(cli, [difference for difference, _change in found])
    confirm(cli, _("Apply this?"), yes=yes)
    number = apply_to(cli.crm, cli.actor, [change for _difference, change in found])
    if cli.json:
        cli.output.document({"applied": number, "items": [_plain(difference) for difference, _change in found]})
    else:
        cli.output.say(_("Applied: {number}."), number=number)


def _compared(cli: Invocation, folder: Path, prune: bool) -> list[tuple[Difference, Change]]:
    from crmkit.configuration.applying import compare
    from crmkit.configuration.files import read_files
    from crmkit.configuration.sections import sections

    with cli.session() as session:
        files = read_files(folder, known=[section.folder for section in sections()])
        return compare(session, files, prune=prune)


def _plain(difference: Difference) -> dict[str, Any]:
    fields = [{"field": name, "database": old, "files": new} for name, old, new in difference.fields]
    return {"path": difference.place.path, "sort": difference.sort, "fields": fields}


def _show(cli: Invocation, found: list[Difference]) -> None:
    if cli.json:
        cli.output.document({"items": [_plain(difference) for difference in found]})
        return
    rows = [
        {"path": item.place.path, "sort": cli.text(_SORTS[item.sort]), "field": name, "database": old, "files": new}
        for item in found
        for name, old, new in item.fields or (("", None, None),)
    ]
    columns = (
        Column("sort", _("Change")),
        Column("path", _("File")),
        Column("field", _("Field")),
        Column("database", _("In the database")),
        Column("files", _("In the file")),
    )
    cli.output.table(columns, rows, empty=_("There is no difference."))
