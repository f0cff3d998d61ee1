"""``crmkit knowledge questions``: what people search for and do not find."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_knowledge")


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(group, "questions", _("List what people search for and do not find."))
    @option("--state", type=click.Choice(["open", "answered", "dismissed", "all"]), default="open", help=_("State."))
    @option("--limit", type=click.IntRange(1, 1000), default=50, help=_("How many at most."))
    def questions(cli: Invocation, state: str, limit: int) -> None:
        """Print questions."""
        from sqlalchemy import select

        from crmkit import User
        from crmkit_knowledge.articles.models import Article
        from crmkit_knowledge.asked import reading

        with cli.session() as session:
            found = reading.questions(session, state="" if state == "all" else state, limit=limit)
            people = [each.owner_id for each in found if each.owner_id is not None]
            owners = {each.id: each.login for each in session.scalars(select(User).where(User.id.in_(people)))}
            answers = [each.article_id for each in found if each.article_id is not None]
            numbers = {each.id: each.number for each in session.scalars(select(Article).where(Article.id.in_(answers)))}
            rows = [
                {
                    "id": str(each.id),
                    "text": each.text,
                    "language": each.language,
                    "state": each.state,
                    "visits": each.visits,
                    "missed": each.missed,
                    "missed_low": round(reading.missed_share(each).low or 0.0, 4),
                    "searches": each.searches,
                    "without_hits": each.without_hits,
                    "without_click": each.without_click,
                    "reformulated": each.reformulated,
                    "owner": owners.get(each.owner_id) if each.owner_id is not None else None,
                    "article": numbers.get(each.article_id) if each.article_id is not None else None,
                    "returned": each.returned,
                    "first_on": each.first_on,
                    "last_on": each.last_on,
                }
                for each in found
            ]
        columns = (
            Column("text", _("Question")),
            Column("visits", _("Visits"), align="right"),
            Column("missed", _("Visits without an article"), align="right"),
            Column("without_hits", _("Without hits"), align="right"),
            Column("reformulated", _("Asked anew"), align="right"),
            Column("owner", _("Owner")),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("No question is left without an answer."))
