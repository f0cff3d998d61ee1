"""``crmkit loyalty challenges``: what members can complete, and how many have."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option
from crmkit_loyalty.challenges.words import STATES

_ = texts("crmkit_loyalty")


def add_to(group: click.Group) -> None:
    """Add the command to those of loyalty."""

    @command(group, "challenges", _("List challenges, and how many members are on their way and have completed them."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    def challenges(cli: Invocation, state: str | None) -> None:
        """Print challenges."""
        from sqlalchemy import func, select

        from crmkit_loyalty.challenges.models import Challenge, ChallengeCompletion, ChallengeProgress

        on_way = select(ChallengeProgress.challenge_id, func.count()).group_by(ChallengeProgress.challenge_id)
        done = (
            select(ChallengeCompletion.challenge_id, func.count())
            .where(ChallengeCompletion.state == "given")
            .group_by(ChallengeCompletion.challenge_id)
        )
        query = select(Challenge).order_by(Challenge.created_at.desc(), Challenge.id)
        if state is not None:
            query = query.where(Challenge.state == state)
        with cli.session() as session:
            begun = {row[0]: int(row[1]) for row in session.execute(on_way)}
            completed = {row[0]: int(row[1]) for row in session.execute(done)}
            rows = [
                {
                    "challenge": each.name,
                    "title": each.title,
                    "state": each.state,
                    "target": f"{each.target.normalize():f}",
                    "points": each.points,
                    "badge": each.badge,
                    "begun": begun.get(each.id, 0),
                    "completed": completed.get(each.id, 0),
                }
                for each in session.scalars(query)
            ]
        columns = (
            Column("challenge", _("Name")),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("target", _("How much it takes"), align="right"),
            Column("points", _("Points for it"), align="right"),
            Column("badge", _("Badge")),
            Column("begun", _("Members on their way"), align="right"),
            Column("completed", _("Completed"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("There is nothing here"))
