"""``crmkit experience reviews``: drawing conversations, what is in the queue, and how far reviewers agree."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_experience")


def add_to(above: click.Group) -> None:
    """Add the commands to those of experience."""
    reviews = group(help=_("How good conversations are."), name="reviews")
    above.add_command(reviews)

    @command(reviews, "draw", _("Draw conversations to be reviewed."))
    @option("--reviewer", multiple=True, required=True, metavar="LOGIN", help=_("Who reviews; may be given again."))
    @option("--size", type=click.IntRange(1, 1000), default=20, help=_("How many."))
    @option("--method", type=click.Choice(["random", "stratified", "risk"]), default="random", help=_("How."))
    @option("--by", type=click.Choice(["channel", "person", "team"]), default="channel", help=_("In proportion by."))
    @option("--unit", type=click.Choice(["interaction", "case"]), default="interaction", help=_("What."))
    @option("--from", "first", default="", metavar="DAY", help=_("First day."))
    @option("--to", "last", default="", metavar="DAY", help=_("Last day."))
    @option("--where", default="", metavar="CONDITION", help=_("Customers at risk, as a condition over facts."))
    @option("--seed", type=int, default=0, help=_("The same draws the same."))
    @option("--scorecard", default="", help=_("Name of the scorecard."))
    def draw(cli: Invocation, reviewer: tuple[str, ...], first: str, last: str, where: str, **more: Any) -> None:
        """Draw conversations, and print how many there were."""
        values = {**more, "reviewers": _users(cli, reviewer), "facts": where}
        values |= {name: day for name, day in (("first", first), ("last", last)) if day}
        made = cli.run("experience.review.draw", values)
        row = {"id": str(made.id), "among": made.among, "drawn": made.drawn, "nobody": made.nobody, "seed": made.seed}
        if cli.output.json:
            cli.output.document(row)
        else:
            cli.output.say(_("{drawn} of {among} conversations were drawn."), drawn=made.drawn, among=made.among)

    @command(reviews, "list", _("List reviews."))
    @option(
        "--state",
        type=click.Choice(["waiting", "done", "disputed", "settled", "all"]),
        default="waiting",
        help=_("State."),
    )
    @option("--limit", type=click.IntRange(1, 1000), default=100, help=_("How many at most."))
    def list_(cli: Invocation, state: str, limit: int) -> None:
        """Print reviews."""
        from crmkit_experience.reviews.reading import names_of, queue

        with cli.session() as session:
            found = queue(session, state="" if state == "all" else state, limit=limit)
            names = names_of(session, {each.owner_id for each in found} | {each.reviewer_id for each in found})
            rows = [
                {
                    "id": str(each.id),
                    "conversation": each.ref,
                    "whose": names.get(each.owner_id),
                    "reviewer": names.get(each.reviewer_id),
                    "state": each.state,
                    "score": each.score,
                }
                for each in found
            ]
        titles = (_("Conversation"), _("Whose"), _("Reviewer"), _("State"), _("Score"))
        columns = tuple(
            Column(name, title)
            for name, title in zip(("conversation", "whose", "reviewer", "state", "score"), titles, strict=True)
        )
        cli.output.table(columns, rows, empty=_("There is no such review."))

    @command(reviews, "agreement", _("Say how far reviewers agree on the same conversations."))
    @option("--level", type=click.Choice(["nominal", "ordinal", "interval"]), default="ordinal", help=_("Scores as."))
    def agreement_(cli: Invocation, level: Any) -> None:
        """Print Krippendorff's alpha and kappa by category."""
        from crmkit_experience.reviews.comparing import agreement, done_reviews

        with cli.session() as session:
            rows = [
                {
                    "category": each.key,
                    "units": each.units,
                    "raters": each.raters,
                    "alpha": each.alpha.value,
                    "low": each.alpha.low,
                    "high": each.alpha.high,
                    "kappa": each.kappa.value if each.kappa is not None else None,
                }
                for each in agreement(session, done_reviews(session), level)
            ]
        titles = (_("Category"), _("Conversations"), _("Alpha"), _("From (95%)"), _("To (95%)"), _("Kappa"))
        names = ("category", "units", "alpha", "low", "high", "kappa")
        columns = tuple(Column(name, title) for name, title in zip(names, titles, strict=True))
        cli.output.table(columns, rows, empty=_("No conversation was judged by several people yet."))


def _users(cli: Invocation, logins: tuple[str, ...]) -> list[str]:
    from sqlalchemy import select

    from crmkit import NotFound, User

    with cli.session() as session:
        known = {each.login: str(each.id) for each in session.scalars(select(User).where(User.login.in_(logins)))}
    for each in logins:
        if each not in known:
            raise NotFound(_('There is no user "{login}".'), login=each)
    return [known[each] for each in logins]
