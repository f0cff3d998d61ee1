"""Asking before something is done that deserves a second look."""

from __future__ import annotations

import sys

import click

from crmkit.cli.invocation import Invocation
from crmkit.errors import UsageError
from crmkit.i18n import texts

_ = texts("crmkit")


def confirm(cli: Invocation, question: str, *, yes: bool, **values: object) -> None:
    """Return when the answer is yes, or ``yes`` says so already.

    Raises UsageError where nobody can be asked (no terminal, or ``--json``), and click.exceptions.Exit with code 130
    when the answer is no.
    """
    if yes:
        return
    if cli.json or not sys.stdin.isatty():
        raise UsageError(_("This asks before it goes on, and nobody can be asked here."), fix=_("Add --yes to agree."))
    if not click.confirm(cli.text(question, **values), default=False, err=True):
        cli.output.say(_("Nothing was done."))
        raise click.exceptions.Exit(130)


def the_reason(cli: Invocation, given: str | None) -> str:
    """Return the reason that was given for revealing something, or asked for.

    Raises UsageError where none is given and nobody can be asked.
    """
    if given is None and not cli.json and sys.stdin.isatty():
        given = str(click.prompt(cli.text(_("Why is it revealed?")), err=True))
    if given is None or not given.strip():
        raise UsageError(_("Revealing needs a reason."), fix=_('Add --reason "…".'))
    return given.strip()
