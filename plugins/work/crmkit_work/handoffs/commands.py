"""``crmkit work handoffs``: what departments hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(work, "handoffs", _("List hand-offs: those that are not over, the most urgent first."))
    @option("--all", "every", is_flag=True, help=_("Also those that are over."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def handoffs(cli: Invocation, every: bool, limit: int) -> None:
        """Print the hand-offs that whoever calls may see."""
        from sqlalchemy import select

        from crmkit_work.handoffs.models import Handoff
        from crmkit_work.handoffs.reading import titles_of
        from crmkit_work.handoffs.words import OPEN

        query = select(Handoff).order_by(Handoff.due_at, Handoff.id).limit(limit)
        with cli.session() as session:
            found = session.scalars(query if every else query.where(Handoff.state.in_(OPEN))).all()
            names = titles_of(session, found)
            rows = [
                {
                    "id": each.id,
                    "title": each.title,
                    "state": each.state,
                    "from": _name(names, each.from_user_id, each.from_team_id),
                    "to": _name(names, each.owner_id, each.team_id, each.queue_id),
                    "customer_id": each.customer_id,
                    "ref": each.ref,
                    "due_at": each.due_at,
                    "offered_at": each.offered_at,
                    "accepted_at": each.accepted_at,
                    "waited_seconds": each.waited_seconds,
                }
                for each in found
            ]
        columns = (
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("from", _("From")),
            Column("to", _("To")),
            Column("due_at", _("To be accepted until")),
        )
        cli.output.table(columns, rows, empty=_("There are no hand-offs."))


def _name(names: Mapping[UUID, str], *ids: UUID | None) -> str | None:
    return next((names[each] for each in ids if each is not None and each in names), None)
