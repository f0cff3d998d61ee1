"""What is done with votes by day: articles that help too few are doubted, what is too old is deleted. In system scope.

An owner is told by a notice of `work`, where that is enabled; without it there is the event alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from crmkit import CrmSession, Job, Refused, TeamMember, operation, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.helpful.events import ArticleDoubted
from crmkit_knowledge.helpful.figures import Votes, helpfulness
from crmkit_knowledge.helpful.models import Doubt, Seen, Vote
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

DOUBT, CLEAR, MANAGE = "knowledge.article.doubt", "knowledge.vote.clear", "knowledge.vote.manage"
TELL, NOTICE = "work.notice.add", "knowledge.doubted"
MOST_TOLD = 20
DOUBTED = _("Article {number} helps few of its readers ({yes} of {votes}): {title}")
_PLAIN = {"synchronize_session": False}


@operation(DOUBT, title=_("Find articles that help too few"), permission=MANAGE, hidden=True)
def doubt_articles(session: CrmSession) -> int:
    """Tell of each article whose released revision helps too few, once for each revision, and return of how many: even
    the upper end of the interval is below what the settings say, by so many votes as they ask for. Raises Refused
    outside system scope."""
    _require_system(session)
    settings = settings_of(session.crm.settings)
    voted = select(Vote.article_id).where(Vote.helpful.is_(False)).group_by(Vote.article_id)
    query = select(Article.id, Article.released).where(Article.state.in_(SHOWN), Article.id.in_(voted))
    rows: Sequence[Any] = session.execute(query.order_by(Article.id)).all()
    known = {(each.article_id, each.revision) for each in session.scalars(select(Doubt))}
    found, told = helpfulness(session, rows), 0
    for each in rows:
        votes = found[each.id].released
        high = votes.share.high
        if votes.all < settings.doubt_votes or high is None or high >= settings.doubt_below:
            continue
        if each.released is None or (each.id, each.released) in known:
            continue
        article = session.get_one(Article, each.id)
        now = session.gate.clock.business_now()
        session.add(Doubt(article_id=article.id, revision=each.released, at=now))
        session.emit(
            ArticleDoubted(
                article_id=article.id,
                number=article.number,
                revision=each.released,
                helpful=votes.yes,
                votes=votes.all,
            )
        )
        _tell(session, article, votes)
        told += 1
    return told


@operation(CLEAR, title=_("Delete old comments"), permission=MANAGE, effect="delete", hidden=True)
def clear_votes(session: CrmSession) -> int:
    """Delete which visit read what before today, and comments that are older than the settings say; return how many
    comments are gone. Raises Refused outside system scope."""
    _require_system(session)
    today = session.today()
    session.execute(delete(Seen).where(Seen.day < today), execution_options=_PLAIN)
    last = today - timedelta(days=settings_of(session.crm.settings).comment_days)
    old = list(session.scalars(select(Vote.id).where(Vote.day < last, Vote.comment.is_not(None))))
    for place in range(0, len(old), 500):
        part = old[place : place + 500]
        session.execute(
            update(Vote).where(Vote.id.in_(part)).values(comment=None, state="none"), execution_options=_PLAIN
        )
    return len(old)


def _tell(session: CrmSession, article: Article, votes: Votes) -> None:
    users = _owners(session, article)
    if not users or TELL not in session.gate.registry.operations:
        return
    details = {
        "number": str(article.number),
        "yes": str(votes.yes),
        "votes": str(votes.all),
        "title": article.title[:120],
    }
    session.run(
        TELL,
        {
            "user_ids": [str(each) for each in users],
            "kind": NOTICE,
            "title": str(DOUBTED),
            "domain": "crmkit_knowledge",
            "details": details,
            "ref": f"knowledge.article:{article.id}",
            "path": f"/modules/knowledge/article?id={article.id}",
        },
    )


def _owners(session: CrmSession, article: Article) -> Sequence[UUID]:
    if article.owner_id is not None:
        return [article.owner_id]
    if article.team_id is None:
        return []
    query = select(TeamMember.user_id).where(TeamMember.team_id == article.team_id).order_by(TeamMember.user_id)
    return session.scalars(query.limit(MOST_TOLD)).all()


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _run(session: CrmSession, tick: object = None) -> None:
    session.run(CLEAR)
    session.run(DOUBT)


OPERATIONS = [doubt_articles, clear_votes]
JOBS = [
    Job(
        name="knowledge.votes",
        title=_("Articles that help too few, and old comments"),
        handler=_run,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=900,
    )
]
