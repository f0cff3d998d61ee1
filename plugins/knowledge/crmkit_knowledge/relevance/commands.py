"""``crmkit knowledge search`` and ``evaluate``: finding articles, and how well they are found."""

from __future__ import annotations

from pathlib import Path

import click
from attrs import asdict

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_knowledge")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MEANING = _("By what they mean as well as by their words (crmkit[semantic]).")
WORSE = 3
"""The exit code where a figure is below what was asked for."""


def add_to(group: click.Group) -> None:
    """Add the commands to those of knowledge."""

    @command(group, "search", _("Find published articles."))
    @click.argument("text")
    @option("--limit", type=click.IntRange(1, 100), default=10, metavar="N", help=_("How many (10)."))
    @option("--semantic", is_flag=True, help=MEANING)
    def search_(cli: Invocation, text: str, limit: int, semantic: bool) -> None:
        """Print hits."""
        from crmkit.engines.search.searching import search
        from crmkit_knowledge.semantic.hits import with_meaning

        with cli.session() as session:
            hits = search(session, text, within=["knowledge.article"], limit=limit).hits
            if semantic:
                hits = with_meaning(session, text, hits, limit)
        rows = [
            {"title": each.title, "score": round(each.score, 4), "snippet": each.snippet, "ref": each.ref}
            for each in hits
        ]
        columns = (
            Column("score", _("Score"), align="right"),
            Column("title", _("Title")),
            Column("snippet", _("Text")),
        )
        cli.output.table(columns, rows, empty=_("Nothing is found."))

    @command(group, "evaluate", _("Measure how well questions find the articles that answer them."))
    @option("--queries", type=FILE, required=True, metavar="FILE", help=_("Questions: query_id and text, by tabs."))
    @option(
        "--qrels", type=FILE, required=True, metavar="FILE",
        help=_("What answers them: query_id, article_id and relevance, by tabs."),
    )  # fmt: skip
    @option("--least", type=click.FloatRange(0, 1), metavar="FIGURE", help=_("End with code 3 where nDCG@10 is below."))
    @option("--semantic", is_flag=True, help=MEANING)
    def evaluate(cli: Invocation, queries: Path, qrels: Path, least: float | None, semantic: bool) -> None:
        """Print the figures and the questions that were answered worst."""
        from crmkit_knowledge.relevance.figures import relevance_of
        from crmkit_knowledge.relevance.reading import ask_all

        with cli.session() as session:
            found = relevance_of(ask_all(session, queries, qrels, semantic=semantic))
        figures = {name: value for name, value in asdict(found).items() if name != "worst"}
        rows = [asdict(each) for each in found.worst]
        columns = (Column("rank", _("Rank"), align="right"), Column("question", _("Question")))
        cli.output.table(columns, rows, more={name: _rounded(value) for name, value in figures.items()})
        if not cli.output.json:
            cli.output.record([(name, _rounded(value)) for name, value in figures.items()])
        if least is not None and found.ndcg10 < least:
            raise click.exceptions.Exit(WORSE)


def _rounded(value: float) -> float:
    return round(value, 4) if isinstance(value, float) else value
