"""``crmkit sales pools``: the pools, and what is free in them."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "pools", _("List the pools, with what is free and held in each."))
    def pools(cli: Invocation) -> None:
        """Print the pools."""
        from sqlalchemy import func, select

        from crmkit_sales.pool.models import Holding, Pool

        with cli.session() as session:
            counted = select(Holding.pool_id, Holding.state, func.count(Holding.id))
            counts = {
                (pool_id, state): number
                for pool_id, state, number in session.execute(counted.group_by(Holding.pool_id, Holding.state))
            }
            rows = [
                {
                    "id": each.id,
                    "name": each.name,
                    "title": each.title,
                    "active": each.active,
                    "condition": each.condition,
                    "free": counts.get((each.id, "free"), 0),
                    "held": counts.get((each.id, "held"), 0),
                    "locked": counts.get((each.id, "locked"), 0),
                }
                for each in session.scalars(select(Pool).order_by(Pool.position, Pool.name))
            ]
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("free", _("Free")),
            Column("held", _("Held")),
            Column("locked", _("Locked")),
        )
        cli.output.table(columns, rows, empty=_("There are no pools."))
