"""Prints what checks found, and ends with an error when one of them failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crmkit.cli.errors import exit_code
from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.errors import CrmkitError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.hooks.contributions import Finding

_ = texts("crmkit")

_LEVELS = {"ok": _("ok"), "info": _("note"), "warning": _("warning"), "error": _("error")}


def show_findings(cli: Invocation, findings: Sequence[Finding], *, fails: CrmkitError) -> None:
    """Print findings, the worst first; one error among them ends the command with the exit code of ``fails``."""
    order = list(reversed(_LEVELS))
    rows = [
        {
            "level": item.level,
            "code": item.code,
            "message": cli.text(item.message, **item.values),
            "hint": cli.text(item.hint, **item.values) if item.hint else None,
        }
        for item in sorted(findings, key=lambda item: order.index(item.level))
    ]
    failed = any(item.level == "error" for item in findings)
    if cli.json:
        cli.output.table((), rows, more={"ok": not failed})
    else:
        shown = [{**row, "level": _LEVELS[str(row["level"])]} for row in rows]
        columns = (
            Column("level", _("Level")),
            Column("code", _("Code")),
            Column("message", _("What")),
            Column("hint", _("What to do")),
        )
        cli.output.table(columns, shown, empty=_("Nothing was found."))
    if failed:
        if not cli.json:
            cli.output.failure(fails, exit_code(fails))
        raise click.exceptions.Exit(exit_code(fails))
