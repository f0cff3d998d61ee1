"""``crmkit work approvals``: what others have to agree to."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(work, "approvals", _("List requests for approval: those that wait for you."))
    @option("--mine", is_flag=True, help=_("Those that you made."))
    @option("--all", "every", is_flag=True, help=_("All that you may see."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def approvals(cli: Invocation, mine: bool, every: bool, limit: int) -> None:
        """Print requests that whoever calls may see."""
        from crmkit_work.approvals.reading import requests_of

        with cli.session() as session:
            whole = every or session.guarding.rights.unrestricted
            which = "mine" if mine else "all" if whole else "waiting"
            rows = [
                {
                    "id": each.id,
                    "title": each.title,
                    "operation": each.operation,
                    "state": each.state,
                    "asked_by": each.requester,
                    "customer_id": each.customer_id,
                    "step": each.step,
                    "steps": len(each.steps),
                    "decides": each.decides,
                    "due_at": each.due_at,
                    "created_at": each.created_at,
                    "result": each.result,
                }
                for each in requests_of(session, which=which, limit=limit)
            ]
        columns = (
            Column("title", _("Title")),
            Column("operation", _("Operation")),
            Column("state", _("State")),
            Column("asked_by", _("Asked by")),
            Column("due_at", _("To be decided until")),
        )
        cli.output.table(columns, rows, empty=_("There are no requests for approval."))
