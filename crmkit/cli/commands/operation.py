"""``crmkit operation``: what can be done, and what each operation takes."""

from __future__ import annotations

import inspect

import click

from crmkit.cli.completing import operation_names
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import type_name
from crmkit.i18n import texts

_ = texts("crmkit")

operation = group(help=_("List and show the operations."), name="operation")
"""The group ``crmkit operation``."""


@command(operation, "list", _("List the operations of the kernel and of the enabled plugins."))
@click.argument("prefix", default="")
@option("--all", "everything", is_flag=True, help=_("Also those that are meant for other programs."))
def list_(cli: Invocation, prefix: str, everything: bool) -> None:
    """Print the operations whose names begin with a text."""
    registry = cli.crm.registry
    rows = [
        {
            "name": item.name,
            "title": cli.text(item.title),
            "target": item.target.__tablename__ if item.target is not None else None,
            "effect": item.effect,
            "permission": item.permission,
            "plugin": registry.owners.get(("operation", item.name)),
        }
        for name, item in sorted(registry.operations.items())
        if name.startswith(prefix) and (everything or not item.hidden)
    ]
    columns = (Column("name", _("Name")), Column("title", _("Title")), Column("plugin", _("From")))
    cli.output.table(columns, rows, empty=_("No operation has such a name."))


@command(operation, "show", _("Show what an operation does and what it takes."))
@click.argument("name", shell_complete=operation_names)
def show(cli: Invocation, name: str) -> None:
    """Print one operation with its inputs."""
    found = cli.crm.registry.operation(name)
    inputs = [
        {"name": field, "type": type_name(hint), "required": required, "title": cli.text(title)}
        for field, hint, required, title in found.describe()
    ]
    target = found.target.__tablename__ if found.target is not None else None
    described = inspect.getdoc(found.function) or ""
    if cli.json:
        cli.output.document(
            {
                "name": found.name,
                "title": cli.text(found.title),
                "description": described,
                "target": target,
                "effect": found.effect,
                "permission": found.permission,
                "inputs": inputs,
            }
        )
        return
    cli.output.record(
        [
            (_("Operation"), found.name),
            (_("Title"), cli.text(found.title)),
            (_("Description"), described),
            (_("Acts on"), target),
            (_("Permission"), found.permission),
        ]
    )
    if inputs:
        cli.output.heading(_("Input"))
        columns = (
            Column("name", _("Field")),
            Column("type", _("Type")),
            Column("required", _("Required")),
            Column("title", _("Title")),
        )
        cli.output.table(columns, inputs)
