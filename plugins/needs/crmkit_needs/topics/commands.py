"""``crmkit needs topics`` and ``crmkit needs mine``: what customers say again and again."""

from __future__ import annotations

from datetime import timedelta

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_needs")


def add_to(group: click.Group) -> None:
    """Add the commands to those of needs."""

    @command(group, "topics", _("List the topics that were found last."))
    @option("--run", "number", type=int, metavar="NUMBER", help=_("Those of this run instead."))
    def topics(cli: Invocation, number: int | None) -> None:
        """Print the topics of a run."""
        _print(cli, number)

    @command(group, "mine", _("Look for topics in what customers wrote and said, and list them."))
    @option("--days", type=click.IntRange(1, 1000), default=90, metavar="N", help=_("So many days up to today (90)."))
    @option("--kind", "kinds", multiple=True, metavar="KIND", help=_("This kind of interaction; may be repeated."))
    @option("--topics", "wanted", type=click.IntRange(2, 200), metavar="N", help=_("How many topics."))
    def mine(cli: Invocation, days: int, kinds: tuple[str, ...], wanted: int | None) -> None:
        """Look for topics here and now, and print them."""
        from crmkit_needs.topics.mining import mine as look

        with cli.session() as session:
            first = session.today() - timedelta(days=days - 1)
        run = cli.run("needs.topics.mine", {"since": first, "kinds": list(kinds), "topics": wanted})
        # The job finds nothing left to do.
        look(cli.crm, cli.actor, str(run.id))
        _print(cli, run.number)


def _print(cli: Invocation, number: int | None) -> None:
    from crmkit_needs.topics.reading import examples_of, run_numbered, runs, shown_of

    rows: list[dict[str, object]] = []
    with cli.session() as session:
        run = run_numbered(session, number) if number is not None else next(iter(runs(session, 1)), None)
        if run is not None:
            rows += [
                {
                    "run": run.number,
                    "topic": each.topic.number,
                    "terms": list(each.topic.terms),
                    "state": each.topic.state,
                    "texts": each.texts,
                    "customers": each.customers,
                    "share": round(each.share, 4),
                    "before": each.before,
                    "need": each.need.number if each.need is not None else None,
                    "examples": [str(one.interaction_id) for one in examples_of(session, each.topic)],
                }
                for each in shown_of(session, run, examples=0)
            ]
    columns = (
        Column("topic", _("Topic")),
        Column("terms", _("Terms")),
        Column("texts", _("Texts"), align="right"),
        Column("customers", _("Customers"), align="right"),
        Column("before", _("Before"), align="right"),
        Column("state", _("State")),
    )
    cli.output.table(columns, rows, empty=_("There are no topics."))
