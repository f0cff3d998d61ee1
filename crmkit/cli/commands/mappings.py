"""``crmkit imports mappings``: what people said of the columns of files, which is proposed for the next ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.exchange.learning import MappingInfo

_ = texts("crmkit")

mappings = group(help=_("List, show, rename and forget the mappings of columns that were kept."), name="mappings")
"""The group ``crmkit imports mappings``."""


@command(mappings, "list", _("List the mappings that were kept, the one used last first."))
def list_(cli: Invocation) -> None:
    """Print the mappings."""
    from crmkit.exchange.learning import list_mappings

    with cli.session() as session:
        found = list_mappings(session)
    columns = (
        Column("name", _("Name")),
        Column("resource", _("As")),
        Column("system", _("System")),
        Column("columns", _("Columns"), "right"),
        Column("corrected", _("Corrected"), "right"),
        Column("file_name", _("File")),
        Column("used_at", _("Used last")),
        Column("actor_id", _("By")),
    )
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "resource": one.resource,
            "system": one.system,
            "columns": len(one.columns),
            "corrected": len(one.corrected),
            "file_name": one.file_name,
            "used_at": one.used_at,
            "actor_id": one.actor_id,
        }
        for one in found
    ]
    cli.output.table(columns, rows, empty=_("No mapping was kept yet: correct one at an import, and it will be."))


@command(mappings, "show", _("Show which columns of a mapping fill which fields."))
@click.argument("name")
def show(cli: Invocation, name: str) -> None:
    """Print one mapping."""
    one = _find(cli, name)
    if cli.json:
        cli.output.document(
            {
                "id": one.id,
                "name": one.name,
                "resource": one.resource,
                "system": one.system,
                "columns": dict(one.columns),
                "corrected": list(one.corrected),
                "file_name": one.file_name,
                "used_at": one.used_at,
                "actor_id": one.actor_id,
            }
        )
        return
    columns = (Column("column", _("Column")), Column("field", _("Field")), Column("corrected", _("Corrected")))
    rows = [
        {
            "column": column,
            "field": field or cli.text(_("(ignored)")),
            "corrected": cli.text(_("yes")) if column in one.corrected else "",
        }
        for column, field in one.columns.items()
    ]
    cli.output.table(columns, rows)


@command(mappings, "rename", _("Give a mapping another name."))
@click.argument("name")
@click.argument("renamed", metavar="NEW")
def rename(cli: Invocation, name: str, renamed: str) -> None:
    """Rename a mapping."""
    one = _find(cli, name)
    cli.run("import.mapping.rename", {"name": renamed}, target=one.id)
    if cli.json:
        cli.output.document({"id": one.id, "name": renamed.strip()})
    cli.output.say(_('The mapping "{name}" is called "{new}" now.'), name=one.name, new=renamed.strip())


@command(mappings, "forget", _("Forget a mapping: its corrections are not proposed any more."))
@click.argument("name")
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
def forget(cli: Invocation, name: str, yes: bool) -> None:
    """Forget a mapping."""
    one = _find(cli, name)
    confirm(cli, _('Forget the mapping "{name}"?'), yes=yes, name=one.name)
    cli.run("import.mapping.forget", target=one.id)
    if cli.json:
        cli.output.document({"id": one.id, "name": one.name})
    cli.output.say(_('The mapping "{name}" is forgotten.'), name=one.name)


def _find(cli: Invocation, name: str) -> MappingInfo:
    from crmkit.exchange.learning import find_mapping

    with cli.session() as session:
        return find_mapping(session, name)
