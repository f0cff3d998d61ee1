"""From a draft to what people read: review, approval, release, verification, and the end.

What is released stays what people read while a newer revision is being worked on. Must not know how texts are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, Input, Job, Refused, operation, texts
from crmkit_knowledge.articles.errors import ArticleInState, OwnRevision, RevisionInState, problem
from crmkit_knowledge.articles.events import (
    ArticleOverdue,
    ArticleReleased,
    ArticleSentBack,
    ArticleSubmitted,
    ArticleWithdrawn,
)
from crmkit_knowledge.articles.finding import in_work, require_in_work, revision_numbered
from crmkit_knowledge.articles.inputs import Answer, Instant
from crmkit_knowledge.articles.models import Article, Revision, Space, Verification
from crmkit_knowledge.articles.readers import show_outside
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.policies.finding import months_for

_ = texts("crmkit_knowledge")

UPDATE, APPROVE, RELEASE = "knowledge.article.update", "knowledge.article.approve", "knowledge.article.release"
RUN = "knowledge.article.run_due"
BATCH = 200


@operation("knowledge.article.submit", title=_("Ask for approval"), permission=UPDATE, effect="update")
def submit(session: CrmSession, article: Article) -> Revision:
    """Have a draft wait for somebody to approve it. Raises NothingInWork, RevisionInState, InvalidInput for one without
    a text."""
    revision = _in(session, article, "draft")
    if not revision.body.strip():
        raise problem("body", _("It has no text yet."))
    revision.state = "in_review"
    session.emit(ArticleSubmitted(article_id=article.id, number=article.number, revision=revision.number))
    return revision


@operation(APPROVE, title=_("Approve"), permission=APPROVE, effect="update")
def approve(session: CrmSession, article: Article, *, answer: Answer = "") -> Revision:
    """Approve the revision that waits; it can be released then. Raises NothingInWork, RevisionInState, OwnRevision
    where the space wants four eyes."""
    revision = _in(session, article, "in_review")
    own = revision.author_id is not None and revision.author_id == session.actor.user_id
    if own and session.get_one(Space, article.space_id).four_eyes:
        raise OwnRevision(article.number)
    _decide(session, revision, "approved", answer)
    return revision


@operation("knowledge.article.send_back", title=_("Send back"), permission=APPROVE, effect="update")
def send_back(session: CrmSession, article: Article, *, answer: Answer) -> Revision:
    """Give a revision that waits, or that was approved, back to who has written it, and say why. Raises NothingInWork,
    RevisionInState for a draft, InvalidInput without a reason."""
    revision = require_in_work(session, article)
    if revision.state == "draft":
        raise RevisionInState(article.number, revision.number, revision.state)
    if not answer.strip():
        raise problem("answer", _("Say what is to be changed."))
    _decide(session, revision, "draft", answer)
    article.publish_at = None
    session.emit(ArticleSentBack(article_id=article.id, number=article.number, revision=revision.number))
    return revision


@operation(RELEASE, title=_("Publish"), permission=RELEASE, effect="update")
def release(session: CrmSession, article: Article, *, at: Instant | None = None) -> Article:
    """Have people read the approved revision from now on, or from an instant to come. Raises NothingInWork,
    RevisionInState for one that is not approved, InvalidInput for an instant that has passed."""
    revision = _in(session, article, "approved")
    now = session.gate.clock.business_now()
    if at is not None and at <= now:
        raise problem("at", _("This has passed."))
    if at is not None:
        article.publish_at = at
        return article
    _release(session, article, revision, now)
    return article


@operation("knowledge.article.archive", title=_("Archive"), permission=RELEASE, effect="update")
def archive(session: CrmSession, article: Article) -> Article:
    """Take an article away from those who read it; its revisions stay. Raises ArticleInState for one that is not
    shown, and is not hidden either."""
    if article.state not in STANDING:
        raise ArticleInState(article.number, article.state)
    _withdraw(session, article)
    return article


@operation("knowledge.article.bring_back", title=_("Publish again"), permission=RELEASE, effect="update")
def bring_back(session: CrmSession, article: Article) -> Article:
    """Show an article again that was archived, with what was released last. Raises ArticleInState."""
    if article.state != "archived" or article.released is None:
        raise ArticleInState(article.number, article.state)
    article.expire_at = None
    _show(session, article, revision_numbered(session, article, article.released))
    return article


@operation("knowledge.article.verify", title=_("It is still right"), permission=APPROVE, effect="update")
def verify(
    session: CrmSession,
    article: Article,
    *,
    note: Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="internal")] = "",
) -> Article:
    """Say that what is released of an article is still right; the next time is counted from now. One that was hidden
    because nobody had said so is shown again. Raises ArticleInState for one that is not published."""
    if article.state not in STANDING:
        raise ArticleInState(article.number, article.state)
    hidden, article.state = article.state == "hidden", "published"
    if hidden:
        show_outside(session, article)
    _verified(session, article, note)
    return article


@operation(RUN, title=_("Publish, archive and recall what is due"), permission=RELEASE, hidden=True)
def run_due(session: CrmSession) -> int:
    """Release, archive and recall articles whose time has come, at most 200; return how many. Raises Refused outside
    system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    now, today = session.gate.clock.business_now(), session.today()
    return _released(session, now) + _expired(session, now) + _recalled(session, today)


def put_out(session: CrmSession, article: Article, revision: Revision) -> None:
    """Have people read a revision at once, within an operation: the caller has made sure that it may be."""
    _decide(session, revision, "approved", "")
    _release(session, article, revision, session.gate.clock.business_now())


def next_verification(session: CrmSession, article: Article, day: date) -> date | None:
    """Return the day by which an article has to be verified next, counted from a day: as the first policy says that
    it falls under, else its space."""
    months = months_for(session, article)
    return day + relativedelta(months=months) if months > 0 else None


def hide(session: CrmSession, article: Article) -> None:
    """Take an article away from those who read it until somebody says that it is still right, within an operation."""
    article.state = "hidden"
    show_outside(session, article)
    session.add(_entry(session, article, "hidden"))
    session.flush()


def _released(session: CrmSession, now: datetime) -> int:
    due = session.scalars(
        select(Article).where(Article.publish_at <= now).order_by(Article.publish_at, Article.id).limit(BATCH)
    ).all()
    for article in due:
        revision = in_work(session, article)
        article.publish_at = None
        if revision is not None and revision.state == "approved":
            _release(session, article, revision, now)
    return len(due)


def _expired(session: CrmSession, now: datetime) -> int:
    query = select(Article).where(Article.state.in_(STANDING), Article.expire_at <= now)
    due = session.scalars(query.order_by(Article.expire_at, Article.id).limit(BATCH)).all()
    for article in due:
        _withdraw(session, article)
    return len(due)


def _recalled(session: CrmSession, today: date) -> int:
    query = select(Article).where(Article.state == "published", Article.verify_on < today)
    due: Sequence[Article] = session.scalars(query.order_by(Article.verify_on, Article.id).limit(BATCH)).all()
    for article in due:
        article.state = "needs_verification"
        session.add(_entry(session, article, "overdue"))
        session.emit(ArticleOverdue(article_id=article.id, number=article.number))
    session.flush()
    return len(due)


def _in(session: CrmSession, article: Article, state: str) -> Revision:
    revision = require_in_work(session, article)
    if revision.state != state:
        raise RevisionInState(article.number, revision.number, revision.state)
    return revision


def _decide(session: CrmSession, revision: Revision, state: str, answer: str) -> None:
    revision.state = state
    revision.reviewer_id = session.actor.user_id
    revision.answer = answer.strip() or None
    revision.decided_at = session.gate.clock.business_now()


def _release(session: CrmSession, article: Article, revision: Revision, now: datetime) -> None:
    if article.released is not None:
        revision_numbered(session, article, article.released).state = "superseded"
    revision.state, revision.released_at = "released", now
    article.released, article.released_at, article.publish_at = revision.number, now, None
    _show(session, article, revision)
    session.emit(ArticleReleased(article_id=article.id, number=article.number, revision=revision.number))


def _show(session: CrmSession, article: Article, revision: Revision) -> None:
    article.title, article.summary, article.body = revision.title, revision.summary, revision.body
    article.state = "published"
    _verified(session, article, "")
    show_outside(session, article)


def _verified(session: CrmSession, article: Article, note: str) -> None:
    article.verified_at = session.gate.clock.business_now()
    article.verify_on = next_verification(session, article, session.today())
    session.add(_entry(session, article, "verified", note))


def _entry(session: CrmSession, article: Article, outcome: str, note: str = "") -> Verification:
    return Verification(
        recorded_at=session.gate.clock.now(),
        article_id=article.id,
        number=article.released or 0,
        outcome=outcome,
        note=note.strip() or None,
        at=session.gate.clock.business_now(),
        user_id=session.actor.user_id if outcome == "verified" else None,
    )


def _withdraw(session: CrmSession, article: Article) -> None:
    article.state, article.verify_on = "archived", None
    show_outside(session, article)
    session.emit(ArticleWithdrawn(article_id=article.id, number=article.number))


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    while crm.run(actor, RUN):
        pass


OPERATIONS = [submit, approve, send_back, release, archive, bring_back, verify, run_due]
JOBS = [
    Job(
        name="knowledge.due",
        title=_("Articles that are published, archived or recalled"),
        handler=_job,
        every="15 minutes",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=900,
    )
]
