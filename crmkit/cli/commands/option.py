"""``crmkit option``: the lists of values that people choose from."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option as flag
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.errors import NotFound
from crmkit.i18n import texts

_ = texts("crmkit")

option = group(help=_("List and extend option lists."), name="option")
"""The group ``crmkit option``."""


@command(option, "list", _("List the option lists, or the values of one."))
@click.argument("name", required=False)
def list_(cli: Invocation, name: str | None) -> None:
    """Print the lists with their values."""
    from crmkit.core.business.options import is_closed

    config = cli.crm.business()
    if name is not None and name not in config.options:
        raise NotFound(_('There is no list "{name}".'), fix=_("crmkit option list shows them."), name=name)
    rows = [
        {"list": each, "value": value, "title": cli.text(title), "closed": is_closed(config, each)}
        for each, values in sorted(config.options.items())
        if name in (None, each)
        for value, title in values.items()
    ]
    columns = (
        Column("list", _("List")),
        Column("value", _("Value")),
        Column("title", _("Title")),
        Column("closed", _("Closed")),
    )
    cli.output.table(columns, rows)


@command(option, "add", _("Add a value to an option list, or bring a retired one back."))
@click.argument("list_name", metavar="LIST")
@click.argument("value")
@click.argument("title", required=False)
@flag(
    "--position",
    type=click.IntRange(0),
    metavar="N",
    default=0,
    help=_("Place in the list (0); equal ones are sorted by value."),
)
@flag("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def add(cli: Invocation, list_name: str, value: str, title: str | None, position: int, key: str | None) -> None:
    """Add a value and print it."""
    values: dict[str, object] = {"list_name": list_name, "value": value, "position": position}
    if title is not None:
        values["title"] = title
    show_result(cli, cli.run("option.add", values, key=key))


@command(option, "retire", _("Take a value out of a list. Records that have it keep it."))
@click.argument("list_name", metavar="LIST")
@click.argument("value")
def retire(cli: Invocation, list_name: str, value: str) -> None:
    """Retire a value and print it."""
    show_result(cli, cli.run("option.retire", {"list_name": list_name, "value": value}))
