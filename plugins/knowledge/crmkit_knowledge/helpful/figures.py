"""How helpful articles are, by their votes, and which are read most. Must not change anything.

The lower end of the Wilson interval ranks what helps: few votes make it low, however good they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.helpful.models import View, Vote

LEAST = 3
"""With fewer votes an article stands in no ranking of what helps least."""


@frozen(kw_only=True)
class Votes:
    """Votes, by what they say."""

    yes: int = 0
    no: int = 0

    @property
    def all(self) -> int:
        """Return how many there are."""
        return self.yes + self.no

    @property
    def share(self) -> Estimate:
        """Return the share of helpful ones with its Wilson interval at 95 %; 0 to 1 without any."""
        return wilson(self.yes, self.all)

    def plus(self, other: Votes) -> Votes:
        """Return these and other votes together."""
        return Votes(yes=self.yes + other.yes, no=self.no + other.no)


@frozen(kw_only=True)
class Helpfulness:
    """The votes on an article: all of them, and apart those on the revision that is released and on earlier ones."""

    overall: Votes = Votes()
    released: Votes = Votes()
    earlier: Votes = Votes()

    @property
    def low(self) -> float:
        """Return the lower end of the interval of the released revision's share of helpful votes, 0 to 1."""
        return self.released.share.low or 0.0


@frozen(kw_only=True)
class Ranked:
    """An article of a ranking, with its votes and how many visits read it in the days of the ranking."""

    article: Article
    helpfulness: Helpfulness
    views: int


class Released(Protocol):
    """An article, or the two columns of it that are needed here."""

    @property
    def id(self) -> UUID: ...

    @property
    def released(self) -> int | None: ...


def helpfulness(session: CrmSession, articles: Collection[Released]) -> Mapping[UUID, Helpfulness]:
    """Return how helpful articles are, by their ids; each of them is there."""
    released = {each.id: each.released for each in articles}
    found = {each: Helpfulness() for each in released}
    yes = func.sum(case((Vote.helpful.is_(True), 1), else_=0))
    ids = list(released)
    for place in range(0, len(ids), 500):
        query = select(Vote.article_id, Vote.revision, yes, func.count(Vote.id))
        query = query.where(Vote.article_id.in_(ids[place : place + 500]))
        for article, revision, helpful, number in session.execute(query.group_by(Vote.article_id, Vote.revision)):
            votes, was = Votes(yes=int(helpful), no=number - int(helpful)), found[article]
            now = revision == released[article]
            found[article] = Helpfulness(
                overall=was.overall.plus(votes),
                released=was.released.plus(votes) if now else was.released,
                earlier=was.earlier if now else was.earlier.plus(votes),
            )
    return found


def views_of(session: CrmSession, articles: Collection[UUID], *, first: date, last: date) -> Mapping[UUID, int]:
    """Return how many visits read articles on some days, first and last included; those that nobody read are 0."""
    found = dict.fromkeys(articles, 0)
    ids = list(found)
    for place in range(0, len(ids), 500):
        query = select(View.article_id, func.sum(View.views)).where(View.day >= first, View.day <= last)
        query = query.where(View.article_id.in_(ids[place : place + 500])).group_by(View.article_id)
        found.update((article, int(views)) for article, views in session.execute(query))
    return found


def least_helpful(session: CrmSession, *, days: int = 90, limit: int = 20) -> Sequence[Ranked]:
    """Return the articles whose released revision helps least, of those with at least three votes on it: by the upper
    end of the interval, so that few votes put nothing to the top. ``days`` are those whose views are counted."""
    query = select(Article.id, Article.released, Article.number)
    rows: Sequence[Any] = session.execute(query.where(Article.released.is_not(None), Article.id.in_(_voted()))).all()
    found = helpfulness(session, rows)
    known = [each for each in rows if found[each.id].released.all >= LEAST]
    known.sort(key=lambda each: (found[each.id].released.share.high or 0.0, -found[each.id].released.no, each.number))
    return _ranked(session, [each.id for each in known[:limit]], found, days)


def most_viewed(session: CrmSession, *, days: int = 90, limit: int = 20) -> Sequence[Ranked]:
    """Return the articles that most visits read in some days, today included."""
    today = session.today()
    first = today - timedelta(days=days - 1)
    total = func.sum(View.views)
    query = select(View.article_id).where(View.day >= first, View.day <= today).group_by(View.article_id)
    query = query.where(View.article_id.in_(select(Article.id)))
    ids = list(session.scalars(query.order_by(total.desc(), View.article_id).limit(limit)))
    rows: Sequence[Any] = session.execute(select(Article.id, Article.released).where(Article.id.in_(ids))).all()
    return _ranked(session, ids, helpfulness(session, rows), days)


def open_comments(session: CrmSession, *, state: str = "open", limit: int = 50) -> Sequence[Vote]:
    """Return the comments in a state on articles that the reader may see, the newest first."""
    query = select(Vote).where(Vote.state == state, Vote.article_id.in_(select(Article.id)))
    return session.scalars(query.order_by(Vote.at.desc(), Vote.id).limit(limit)).all()


def comment_count(session: CrmSession) -> int:
    """Return how many comments wait for somebody."""
    query = select(func.count(Vote.id)).where(Vote.state == "open", Vote.article_id.in_(select(Article.id)))
    return session.scalar(query) or 0


def _voted() -> Any:
    return select(Vote.article_id).group_by(Vote.article_id).having(func.count(Vote.id) >= LEAST)


def _ranked(session: CrmSession, ids: Sequence[UUID], found: Mapping[UUID, Helpfulness], days: int) -> Sequence[Ranked]:
    today = session.today()
    views = views_of(session, ids, first=today - timedelta(days=days - 1), last=today)
    articles = {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(ids)))}
    return [
        Ranked(article=articles[each], helpfulness=found[each], views=views[each]) for each in ids if each in articles
    ]
