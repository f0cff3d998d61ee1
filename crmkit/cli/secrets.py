"""Asking for secrets: hidden on a terminal, else a line each from standard input. Never from the command line itself,
where everybody on the machine can read them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from attrs import frozen

from crmkit.cli.invocation import Invocation
from crmkit.errors import UsageError
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen
class Question:
    """What is asked for. ``twice`` asks again on a terminal, as what is typed cannot be seen; ``shown`` lets it be
    seen."""

    title: str
    twice: bool = False
    shown: bool = False


def ask_secrets(cli: Invocation, questions: Sequence[Question]) -> list[str]:
    """Return the answers. Raises UsageError when standard input ends before there is one for each."""
    if sys.stdin.isatty():
        return [
            str(
                click.prompt(
                    cli.text(question.title),
                    hide_input=not question.shown,
                    confirmation_prompt=cli.text(_("Once more")) if question.twice else False,
                    err=True,
                )
            )
            for question in questions
        ]
    answers: list[str] = []
    for question in questions:
        line = sys.stdin.readline()
        if not line:
            raise UsageError(
                _("Standard input ends before this was given: {title}."),
                fix=_("Call it on a terminal, or give it one line for each: {titles}."),
                title=cli.text(question.title),
                titles=", ".join(cli.text(each.title) for each in questions),
            )
        answers.append(line.rstrip("\r\n"))
    return answers
