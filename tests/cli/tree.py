"""The commands of the command line as they are, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from crmkit.cli.root import COMMANDS, root


def commands() -> Iterator[tuple[str, click.Command]]:
    """Return every command that does something, by its words: "customer list"."""
    ctx = click.Context(root, info_name="crmkit")
    for name in COMMANDS:
        found = root.get_command(ctx, name)
        assert found is not None
        yield from _inner(name, found)


def _inner(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _inner(f"{path} {name}", inner)
    else:
        yield path, command


def options(command: click.Command) -> Iterator[str]:
    """Return the names of the options that are a command's own."""
    for item in command.params:
        if isinstance(item, click.Option) and not item.hidden:
            yield from item.opts
