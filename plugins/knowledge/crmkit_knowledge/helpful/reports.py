"""The report on helpfulness: how many readers articles help, by article, space, language or month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, texts
from crmkit_knowledge.articles.models import Article, Space
from crmkit_knowledge.helpful.models import View, Vote

_ = texts("crmkit_knowledge")

BY = {"article": _("Article"), "space": _("Space"), "language": _("Language"), "month": _("Month")}
KEY = Column(name="key", title=_("Key"), hidden=True)
NAMES = ("views", "votes", "helpful", "comments")


@frozen(kw_only=True)
class HelpfulnessParameters:
    """The days of which the report speaks, and by what votes are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["article", "space", "language", "month"], Input(title=_("By"), choices=BY, classified="internal")
    ] = "article"


def helpfulness_rows(session: CrmSession, parameters: HelpfulnessParameters, moment: Moment) -> Table:
    """Return how many visits read articles that the reader may see, how many voted, and whom they helped: votes of the
    period on any revision."""
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    columns = (Article.id, Article.number, Article.space_id, Article.language)
    articles = {row[0]: row for row in session.execute(select(*columns))}
    counts: dict[str, Counter[str]] = defaultdict(Counter)

    def group_of(article: UUID, day: date) -> Counter[str]:
        _id, number, space, language = articles[article]
        keys = {"article": str(number), "space": str(space), "language": language, "month": f"{day:%Y-%m}"}
        return counts[keys[parameters.by]]

    yes = func.sum(case((Vote.helpful.is_(True), 1), else_=0))
    votes = select(Vote.article_id, Vote.day, func.count(Vote.id), yes, func.count(Vote.comment))
    votes = votes.where(Vote.day >= first, Vote.day <= last).group_by(Vote.article_id, Vote.day)
    for article, day, number, helpful, comments in session.execute(votes):
        if article in articles:
            group_of(article, day).update(votes=number, helpful=int(helpful), comments=comments)
    views = select(View.article_id, View.day, func.sum(View.views)).where(View.day >= first, View.day <= last)
    for article, day, number in session.execute(views.group_by(View.article_id, View.day)):
        if article in articles:
            group_of(article, day).update(views=int(number))
    titles: Mapping[str, str] = {}
    if parameters.by == "article":
        shown = select(Article).where(Article.number.in_([int(each) for each in counts]))
        titles = {str(each.number): f"{each.number} · {each.title}" for each in session.scalars(shown)}
    elif parameters.by == "space":
        titles = {str(each.id): each.title for each in session.scalars(select(Space))}
    rows = [
        {"key": key, "group": titles.get(key, key), **{name: counts[key][name] for name in NAMES}}
        for key in sorted(counts)
    ]
    return Table(rows=rows)


REPORTS = [
    Report(
        name="knowledge.helpfulness",
        title=_("Helpfulness of articles"),
        rows=helpfulness_rows,
        parameters=HelpfulnessParameters,
        defaults={"period": "last 3 months"},
        permission="knowledge.vote.read",
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(
                name="views", title=_("Views"), kind="integer", total=True, doc=_("Once for each visit and article.")
            ),
            Column(name="votes", title=_("Votes"), kind="integer", total=True),
            Column(name="helpful", title=_("Helpful"), kind="integer", total=True),
            Column(name="rate", title=_("Share of helpful votes"), kind="rate", successes="helpful", trials="votes"),
            Column(name="comments", title=_("Comments"), kind="integer", total=True),
        ],
        charts=[Chart.bars("group", "views", "votes")],
        temporal=False,
        doc=_("How often articles are read and how many of the votes say that they help."),
    )
]
