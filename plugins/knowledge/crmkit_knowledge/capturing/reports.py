"""The reports on what articles do for those who answer: how often they are linked, and how many cases they solve."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Period, Report, Table, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.capturing.words import LINKS

_ = texts("crmkit_knowledge")

READ = "knowledge.link.read"
CASE = "service.case"
KEY = Column(name="key", title=_("Key"), hidden=True)


@frozen(kw_only=True)
class LinkParameters:
    """The days of which the report speaks."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def linked_rows(session: CrmSession, parameters: LinkParameters, moment: Moment) -> Table:
    """Return for each article how often it was linked in a period, by what it had to do with the records."""
    zone = _zone(moment)
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    counts: dict[Any, Counter[str]] = defaultdict(Counter)
    query = select(ArticleLink.article_id, ArticleLink.kind, ArticleLink.at).where(ArticleLink.removed_at.is_(None))
    for article, kind, at in session.execute(query):
        if first <= at.astimezone(zone).date() <= last:
            counts[article][kind] += 1
    articles = session.scalars(select(Article).where(Article.id.in_(list(counts))))
    rows = [
        {
            "key": str(each.id),
            "number": each.number,
            "article": str(each.title),
            "links": counts[each.id].total(),
            **{kind: counts[each.id][kind] for kind in LINKS},
        }
        for each in articles
    ]
    return Table(rows=sorted(rows, key=lambda row: (-row["links"], row["number"])))


def reuse_rows(session: CrmSession, parameters: LinkParameters, moment: Moment) -> Table:
    """Return how many cases were solved in each month of a period, and how many of them with an article that there was
    already: not with one that was written from the case itself."""
    resource = session.gate.registry.resources.get(CASE)
    if resource is None:
        return Table(rows=[])
    model: Any = resource.model
    zone = _zone(moment)
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    reused = reused_refs(session)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    query = select(model.id, model.resolved_at).where(
        model.resolved_at.is_not(None), model.phase.in_(("resolved", "closed"))
    )
    for id_, at in session.execute(query):
        day = at.astimezone(zone).date()
        if first <= day <= last:
            counts[f"{day:%Y-%m}"]["solved"] += 1
            counts[f"{day:%Y-%m}"]["reused"] += f"{CASE}:{id_}" in reused
    rows = [
        {"key": month, "month": month, "solved": count["solved"], "reused": count["reused"]}
        for month, count in sorted(counts.items())
    ]
    return Table(rows=rows)


def reused_refs(session: CrmSession) -> set[str]:
    """Return the records that were solved by an article which was not written from them."""
    query = select(ArticleLink.ref, ArticleLink.article_id, ArticleLink.kind).where(
        ArticleLink.removed_at.is_(None), ArticleLink.kind.in_(("solved_by", "source"))
    )
    by_kind: dict[str, set[tuple[str, Any]]] = {"solved_by": set(), "source": set()}
    for ref, article, kind in session.execute(query):
        by_kind[kind].add((ref, article))
    return {ref for ref, _article in by_kind["solved_by"] - by_kind["source"]}


def _zone(moment: Moment) -> Any:
    return ZoneInfo(moment.zone) if isinstance(moment.zone, str) else moment.zone


def _count(name: str, title: str) -> Column:
    return Column(name=name, title=title, kind="integer", total=True)


REPORTS = [
    Report(
        name="knowledge.linked",
        title=_("Articles that help"),
        rows=linked_rows,
        parameters=LinkParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="number", title=_("Number"), kind="integer"),
            Column(name="article", title=_("Article")),
            _count("links", _("Links")),
            *(_count(kind, title) for kind, title in LINKS.items()),
        ],
        charts=[Chart.bars("article", "links")],
        temporal=False,
        doc=_("How often each article solved a case, was sent or was seen, of those customers whom the reader sees."),
    ),
    Report(
        name="knowledge.reuse",
        title=_("Cases solved with articles"),
        rows=reuse_rows,
        parameters=LinkParameters,
        defaults={"period": "last 12 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="month", title=_("Month")),
            _count("solved", _("Solved cases")),
            _count("reused", _("With an article")),
            Column(
                name="rate",
                title=_("Reuse"),
                kind="rate",
                successes="reused",
                trials="solved",
                doc=_("With an article that there was already; one that was written from the case does not count."),
            ),
        ],
        charts=[Chart.bars("month", "solved", "reused")],
        temporal=False,
        doc=_("How many of the solved cases an article has solved, by month."),
    ),
]
