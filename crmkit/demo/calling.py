"""Commands that the demonstration calls in its own process, as anybody could on a terminal."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation


def call(cli: Invocation, *arguments: str) -> None:
    """Print a command, and carry it out."""
    cli.output.heading("$ crmkit {command}", command=" ".join(arguments))
    _carry_out(*arguments)


def call_quietly(*arguments: str) -> None:
    """Carry a command out and let it print nothing but how far it is."""
    with contextlib.redirect_stdout(io.StringIO()):
        _carry_out(*arguments)


def _carry_out(*arguments: str) -> None:
    from crmkit.cli.root import root

    parent = click.get_current_context()
    group = root.get_command(parent, arguments[0])
    assert group is not None
    with group.make_context(arguments[0], list(arguments[1:]), parent=parent) as context:
        group.invoke(context)
