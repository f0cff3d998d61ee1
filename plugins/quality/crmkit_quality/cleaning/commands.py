"""``crmkit quality clean`` and ``crmkit quality unclean``."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_quality")


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(group, "clean", _("Put right what is written otherwise than it should be."))
    @option("--cleaner", "-c", "cleaners", multiple=True, metavar="NAME", help=_("This cleaner (default: the usual)."))
    @option("--where", default="", metavar="CONDITION", help=_("Only customers for whom this holds."))
    @option("--dry-run", is_flag=True, help=_("Only show what would be changed."))
    @option("--rows", type=click.IntRange(0, 10_000), default=20, show_default=True, help=_("Customers to show."))
    @option("--yes", "-y", is_flag=True, help=_("Do not ask."))
    def clean(cli: Invocation, cleaners: tuple[str, ...], where: str, dry_run: bool, rows: int, yes: bool) -> None:
        """Show what would be changed, and change it once that was confirmed."""
        from crmkit_quality.cleaning.cleaners import chosen
        from crmkit_quality.cleaning.finding import preview

        wanted = chosen(cleaners)
        if dry_run or not (yes or cli.json):
            with cli.session() as session:
                found = preview(session, wanted, where, rows=rows)
            _show(cli, found)
            if dry_run or not found.changed:
                return
            if not click.confirm(cli.text(_("Change these {number} customers?"), number=found.changed), err=True):
                return
        _run(cli, [each.name for each in wanted], where)

    @command(group, "unclean", _("Take a cleaning back; what has been changed since stays."))
    @click.argument("cleaning", metavar="ID")
    def unclean(cli: Invocation, cleaning: str) -> None:
        """Restore what a cleaning changed."""
        done = cli.run("quality.cleaning.undo", target=cleaning)
        if cli.json:
            cli.output.document({"restored": done.restored, "kept": done.kept})
        else:
            cli.output.say(
                _("{restored} values were restored, {kept} had been changed since and were kept."),
                restored=done.restored,
                kept=done.kept,
            )


def _run(cli: Invocation, cleaners: list[str], where: str) -> None:
    cleaning = cli.run("quality.cleaning.run", {"cleaners": cleaners, "where": where})
    if cli.json:
        cli.output.document(
            {
                "id": cleaning.id,
                "state": cleaning.state,
                "looked_at": cleaning.looked_at,
                "changed": cleaning.changed,
                "refused": cleaning.refused,
                "by_cleaner": cleaning.counts,
            }
        )
        return
    cli.output.say(
        _("{changed} of {looked_at} customers were changed, {refused} could not be. To take it back: {command}"),
        changed=cleaning.changed,
        looked_at=cleaning.looked_at,
        refused=cleaning.refused,
        command=f"crmkit quality unclean {cleaning.id}",
    )
    if cleaning.state == "running":
        cli.output.say(_("A job goes on with the others: crmkit worker"))


def _show(cli: Invocation, found: Any) -> None:
    rows = [
        {
            "customer_id": each.customer_id,
            "name": each.name,
            "field": one.about,
            "before": one.before,
            "after": one.after,
            "by": list(one.by),
        }
        for each in found.rows
        for one in each.changes
    ]
    if cli.json:
        cli.output.document(
            {
                "looked_at": found.looked_at,
                "changed": found.changed,
                "by_cleaner": found.by_cleaner,
                "by_field": found.by_field,
                "contact_points": found.points,
                "rows": rows,
            }
        )
        return
    columns = (
        Column("name", _("Customer")),
        Column("field", _("Field")),
        Column("before", _("Before")),
        Column("after", _("After")),
        Column("by", _("Cleaners")),
    )
    cli.output.table(columns, rows, empty=_("There is nothing to clean."))
    cli.output.say(
        _("{changed} of {looked_at} customers would be changed."), changed=found.changed, looked_at=found.looked_at
    )
