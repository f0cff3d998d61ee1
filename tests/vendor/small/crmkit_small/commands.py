"""``crmkit small``: imported only when it is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from crmkit import texts
from crmkit_small.queries import due_items

_ = texts("crmkit_small")


@click.group(help=_("Work with items."))
def group() -> None:
    """Hold the plugin's commands."""


@group.command("due", help=_("List open items that are due soon."))
@click.option("--days", type=click.IntRange(0, 3650), default=14, show_default=True, help=_("How far to look ahead."))
@click.pass_obj
def due(cli: Any, days: int) -> None:
    """Print the open items that are due within some days, by day."""
    with cli.session() as session:
        last = session.today() + timedelta(days=days)
        rows = [
            {"id": str(item.id), "title": item.title, "due_on": item.due_on.isoformat()}
            for item in due_items(session, last)
            if item.due_on is not None
        ]
    if cli.json:
        cli.output.document(rows)
        return
    for row in rows:
        click.echo(f"{row['due_on']}  {row['title']}")
    if not rows:
        cli.output.say(_("Nothing is due within {days} days."), days=days)
