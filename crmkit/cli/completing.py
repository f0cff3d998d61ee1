"""What words of a command line may become: names of operations and plugins, without opening the database.

Completion never fails loudly: what cannot be found out is not offered.
"""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from crmkit.cli.invocation import Invocation


def operation_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the operations of the kernel and of the enabled plugins whose names begin with a text."""
    try:
        from crmkit.cli.plugins import enabled_names
        from crmkit.core.operations.registry import Registry
        from crmkit.hooks.discovery import discover, resolve
        from crmkit.hooks.dispatch import Dispatcher
        from crmkit.loading import load_kernel, load_plugins

        dispatcher, registry = Dispatcher(), Registry()
        load_kernel(dispatcher, registry)
        names = enabled_names(_home(ctx))
        if names:
            load_plugins(dispatcher, registry, resolve(names, discover(names)))
    except Exception:
        return []
    return [
        CompletionItem(name, help=str(item.title))
        for name, item in sorted(registry.operations.items())
        if name.startswith(incomplete) and not item.hidden
    ]


def plugin_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the plugins whose names begin with a text, with their states."""
    try:
        from crmkit.cli.plugins import listing

        rows = listing(_home(ctx), "en")
    except Exception:
        return []
    return [
        CompletionItem(str(row["name"]), help=str(row["state"]))
        for row in rows
        if str(row["name"]).startswith(incomplete)
    ]


def _home(ctx: click.Context) -> Path | None:
    invocation = ctx.find_object(Invocation)
    return invocation.home if invocation is not None else Invocation().home
