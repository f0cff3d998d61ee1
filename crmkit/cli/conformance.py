"""Prints what the checks of a plugin came to: a line for each code, what is wrong, and the grade.

Must not know how anything is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from crmkit.cli.errors import exit_code
from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.errors import PluginError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.hooks.contributions import Finding

_ = texts("crmkit")

_MARKS: Mapping[str, str] = {"ok": "✓", "info": "·", "warning": "!", "error": "✗"}
_GRADES = {"none": _("none"), "bronze": _("bronze"), "silver": _("silver"), "gold": _("gold")}
_ORDER = ("ok", "info", "warning", "error")


def show_conformance(cli: Invocation, name: str, findings: Sequence[Finding], *, demanded: str | None = None) -> None:
    """Print findings by code, then the grade and what is missing to the next one.

    An error ends the command with the exit code of PluginError. With ``demanded`` that is what happens below that
    grade, and no error of a code that only better grades need counts.
    """
    from crmkit.testing.grading import graded, needed_for, reaches

    found = sorted(findings, key=lambda item: (item.code, -_ORDER.index(item.level)))
    result = graded(found)
    failed = (
        any(item.level == "error" for item in found) if demanded is None else not reaches(result.grade, demanded)  # type: ignore[arg-type]
    )
    rows = [
        {
            "code": item.code,
            "level": item.level,
            "grade": needed_for(item.code),
            "message": cli.text(item.message, **item.values),
            "hint": cli.text(item.hint, **item.values) if item.hint else None,
        }
        for item in found
    ]
    if cli.json:
        more = {"ok": not failed, "grade": result.grade, "next": result.next, "missing": list(result.missing)}
        cli.output.table((), rows, more=more)
    else:
        shown = [
            {**row, "level": _MARKS[str(row["level"])], "grade": cli.text(_GRADES[str(row["grade"])])} for row in rows
        ]
        columns = (
            Column("level", ""),
            Column("code", _("Code")),
            Column("grade", _("Grade")),
            Column("message", _("What")),
            Column("hint", _("What to do")),
        )
        cli.output.table(columns, shown)
        cli.output.say(_("Grade of {name}: {grade}"), name=name, grade=cli.text(_GRADES[result.grade]))
        if result.next is not None:
            cli.output.say(
                _("Missing to {grade}: {codes}"), grade=cli.text(_GRADES[result.next]), codes=", ".join(result.missing)
            )
    if failed:
        error = (
            PluginError(_("It does not keep the rules."), plugin=name)
            if demanded is None
            else PluginError(_("It does not reach the grade {grade}."), plugin=name, grade=demanded)
        )
        if not cli.json:
            cli.output.failure(error, exit_code(error))
        raise click.exceptions.Exit(exit_code(error))
