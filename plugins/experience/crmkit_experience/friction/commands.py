"""``crmkit experience friction``: where it is hard for customers."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_experience")


def add_to(above: click.Group) -> None:
    """Add the command to those of experience."""

    @command(above, "friction", _("List where it is hard for customers, by what is at stake."))
    @option("--count", "anew", is_flag=True, help=_("Count anew before; else it is done each night."))
    @option("--limit", type=click.IntRange(1, 1000), default=50, help=_("How many at most."))
    def friction(cli: Invocation, anew: bool, limit: int) -> None:
        """Print the steps."""
        from sqlalchemy import select

        from crmkit_experience.friction.models import FrictionStep
        from crmkit_experience.friction.sources import titles_of

        if anew:
            cli.run("experience.friction.count")
        with cli.session() as session:
            query = select(FrictionStep).order_by(FrictionStep.place, FrictionStep.step).limit(limit)
            found = session.scalars(query).all()
            titles = titles_of(session, [each.step for each in found])
            rows = [
                {
                    "step": each.step,
                    "title": cli.text(titles[each.step][0]),
                    "where": cli.text(titles[each.step][1]),
                    "customers": each.customers,
                    "leading": each.leading,
                    "certain": each.certain,
                    "excess": float(each.excess),
                    "excess_low": float(each.excess_low),
                    "excess_high": float(each.excess_high),
                    "affected": float(each.affected),
                    "stake_minor": each.stake_minor,
                    "currency": each.currency,
                    "worth_by": each.worth_by,
                    "effort_mean": None if each.effort_mean is None else float(each.effort_mean),
                    "score_mean": None if each.score_mean is None else float(each.score_mean),
                    "parts": dict(each.parts),
                    "first_on": each.first_on,
                    "last_on": each.last_on,
                }
                for each in found
            ]
        columns = (
            Column("title", _("Step")),
            Column("where", _("Where")),
            Column("customers", _("Customers"), align="right"),
            Column("leading", _("What is hard")),
            Column("excess", _("More than elsewhere"), align="right"),
            Column("affected", _("Customers beyond the usual"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("Nothing was counted yet, or no step has enough customers."))
