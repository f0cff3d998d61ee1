"""``crmkit run``: any operation of the kernel or of a plugin, with its input as words."""

from __future__ import annotations

import click

from crmkit.cli.completing import operation_names
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.cli.results import show_result
from crmkit.cli.values import pairs
from crmkit.i18n import texts

_ = texts("crmkit")


@single(
    "run",
    _(
        "Run an operation. Its input is given as field=value (text, numbers, days), field:=JSON, field=@file, "
        "list+=value, or @file.json for the whole. crmkit operation show OPERATION explains an operation."
    ),
)
@click.argument("operation", shell_complete=operation_names)
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@option("--target", metavar="ID", help=_("Id of the record that the operation acts on."))
@option("--version", "version", type=int, metavar="N", help=_("Refuse if the record has another version by now."))
@option(
    "--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once, and answered again.")
)
def run(
    cli: Invocation, operation: str, values: tuple[str, ...], target: str | None, version: int | None, key: str | None
) -> None:
    """Run one operation and print its result."""
    given = pairs(values)
    result = cli.run(operation, given, target=target, version=version, key=key)
    show_result(cli, result)
