"""``crmkit warranty``: imported only when it is called."""

from __future__ import annotations

from typing import Any

import click
from crmkit import texts

from crmkit_warranty.queries import expiring, in_days

_ = texts("crmkit_warranty")


@click.group(help=_("Work with warranties."))
def warranty() -> None:
    """Hold the plugin's commands."""


@warranty.command("expiring", help=_("List warranties that end soon."))
@click.option("--days", type=click.IntRange(0, 3650), default=30, show_default=True, help=_("How far to look ahead."))
@click.pass_obj
def expiring_(cli: Any, days: int) -> None:
    """Print the open warranties that end within some days, by day."""
    with cli.session() as session:
        day = session.today()
        rows = [
            {"serial": each.serial, "expires_on": each.expires_on.isoformat(), "id": str(each.id)}
            for each in expiring(session, day, in_days(day, days))
        ]
    if cli.json:
        cli.output.document(rows)
    for row in rows if not cli.json else ():
        click.echo(f"{row['expires_on']}  {row['serial']}")
    if not rows:
        cli.output.say(_("No warranty ends within {days} days."), days=days)
