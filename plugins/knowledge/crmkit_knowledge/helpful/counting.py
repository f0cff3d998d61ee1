"""Counting views and keeping votes, each once for a visit. Whoever reads, nothing is kept of them.

A door calls `note_view` when it shows an article and `vote` when a form is sent. Must not know how figures are made.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from crmkit import Actor, CrmkitError, CrmSession, Input, NotFound, operation, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article, PublicText
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.asked.logging import VISITOR_RIGHTS as SEARCHING, note_click, write_apart
from crmkit_knowledge.asked.visits import known_visit_of, visit_of
from crmkit_knowledge.asked.wording import without_personal
from crmkit_knowledge.asked.words import DOORS, Door
from crmkit_knowledge.helpful.events import ArticleCommented
from crmkit_knowledge.helpful.models import Seen, View, Vote
from crmkit_knowledge.helpful.words import REASONS, Reason

_ = texts("crmkit_knowledge")

VIEW, VOTE, CREATE = "knowledge.article.view", "knowledge.article.vote", "knowledge.vote.create"
VISITOR_RIGHTS = (*SEARCHING, CREATE, "knowledge.vote.read", "knowledge.public_text.read")
"""What a visitor of a public site needs to vote, and to search and read in a writing session."""
COMMENT = 1000
"""Characters of a comment."""
_PLAIN = {"synchronize_session": False}
_log = logging.getLogger("crmkit.knowledge")

ArticleId = Annotated[UUID, Input(title=_("Article"), classified="internal")]
Visit = Annotated[str, Input(title=_("Visit"), max_length=200, classified="internal")]
Where = Annotated[Door, Input(title=_("Where"), choices=DOORS, classified="internal")]


def note_view(
    session: CrmSession,
    article_id: UUID,
    *,
    visit_key: str,
    door: Door = "centre",
    search_id: UUID | None = None,
    rank: int = 1,
) -> bool:
    """Count that a visit reads an article today, once, and return whether it was the first time; with ``search_id``
    that it was opened from what that search had found, too. Never raises: an article is shown whatever becomes of it.

    ``visit_key`` is any text that is the same for one visitor on one day; without one nothing is counted.
    """
    if search_id is not None:
        note_click(session, search_id, article_id, rank)
    try:
        if _was_seen(session, article_id, visit_key):
            return False
        return bool(write_apart(session, VIEW, {"article_id": article_id, "visit": visit_key, "door": door}))
    except (CrmkitError, SQLAlchemyError) as error:
        _log.warning("a view could not be counted: %s", type(error).__name__)
        return False


def vote(
    session: CrmSession,
    article_id: UUID,
    *,
    helpful: bool,
    visit_key: str,
    door: Door = "centre",
    reason: Reason | None = None,
    comment: str = "",
) -> UUID:
    """Keep what a visit says of an article, and return the id of its vote; a second vote replaces the first. In a
    writing session. Raises NotFound, InvalidInput."""
    given = {
        "article_id": article_id,
        "helpful": helpful,
        "visit": visit_key,
        "door": door,
        "reason": reason,
        # Before the gate sees it: what is refused is written down, too.
        "comment": without_personal(comment)[:COMMENT],
    }
    found: UUID = session.run(VOTE, given)
    return found


@operation(VIEW, title=_("Count a view"), permission=CREATE, effect="create", hidden=True)
def count_view(session: CrmSession, *, article_id: ArticleId, visit: Visit, door: Where = "centre") -> bool:
    """Count that a visit reads an article today, and return whether it was the first time. Raises NotFound."""
    revision = _revision_of(session, article_id)
    hashed, today = visit_of(session, visit, about=f"view {article_id}"), session.today()
    if hashed is None or session.get(Seen, hashed) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Seen(visit=hashed, day=today))
    except IntegrityError:
        # The same visit at the same time, in another transaction.
        return False
    where = (View.article_id == article_id, View.revision == revision, View.day == today, View.door == door)
    if session.scalar(select(View.views).where(*where)) is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(View(article_id=article_id, revision=revision, day=today, door=door, views=0))
    session.execute(update(View).where(*where).values(views=View.views + 1), execution_options=_PLAIN)
    return True


@operation(VOTE, title=_("Say whether an article helps"), permission=CREATE, effect="create", hidden=True)
def keep_vote(
    session: CrmSession,
    *,
    article_id: ArticleId,
    helpful: Annotated[bool, Input(title=_("Helpful"), classified="internal")],
    visit: Visit,
    door: Where = "centre",
    reason: Annotated[Reason | None, Input(title=_("Why not"), choices=REASONS, classified="internal")] = None,
    comment: Annotated[str, Input(title=_("Comment"), max_length=COMMENT, multiline=True, classified="personal")] = "",
) -> UUID:
    """Keep what a visit says of an article, without personal data, and return the id of its vote: one for each article
    and visit, a later one replaces it. Raises NotFound for an article that is not shown, InvalidInput without a
    visit."""
    revision = _revision_of(session, article_id)
    hashed = visit_of(session, visit, about=f"vote {article_id}")
    if hashed is None:
        raise problem("visit", _("Say whose visit it is."))
    said = without_personal(" ".join(comment.replace("\x00", " ").split()))[:COMMENT] or None
    kept = _vote_of(session, article_id, hashed)
    again = kept is not None and kept.comment == said and said is not None
    values: dict[str, Any] = {
        "revision": revision,
        "helpful": helpful,
        "reason": None if helpful else reason,
        "comment": said,
        "door": door,
        "day": session.today(),
        "at": session.gate.clock.business_now(),
    }
    if not again:
        values["state"] = "open" if said else "none"
    if kept is None:
        kept = _added(session, article_id, hashed, values)
    for name, value in values.items():
        setattr(kept, name, value)
    session.flush()
    if said and not helpful and not again:
        number = _number_of(session, article_id)
        told = ArticleCommented(article_id=article_id, vote_id=kept.id, number=number, reason=kept.reason or "")
        session.emit(told)
    return kept.id


def _vote_of(session: CrmSession, article_id: UUID, visit: str) -> Vote | None:
    query = select(Vote).where(Vote.article_id == article_id, Vote.visit == visit)
    return session.scalars(query.with_for_update()).first()


def _added(session: CrmSession, article_id: UUID, visit: str, values: Mapping[str, Any]) -> Vote:
    """Return a new vote, or the one that the same visit has given at the same time in another transaction."""
    made = Vote(article_id=article_id, visit=visit, **values)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        known = _vote_of(session, article_id, visit)
        if known is None:
            raise
        return known
    return made


def _was_seen(session: CrmSession, article_id: UUID, key: str) -> bool:
    """Say whether a visit has read an article today, without writing: most views of a page are loaded again."""
    if not key.strip() or session.mode.value == "write":
        return not key.strip()
    with session.crm.session(Actor.system("whether a visit has read an article")) as whole:
        hashed = known_visit_of(whole, key, about=f"view {article_id}")
        return hashed is not None and whole.get(Seen, hashed) is not None


def _public(session: CrmSession, article_id: UUID) -> PublicText:
    found = session.scalars(select(PublicText).where(PublicText.article_id == article_id)).first()
    if found is None:
        raise NotFound(_("There is no such article."))
    return found


def _revision_of(session: CrmSession, article_id: UUID) -> int:
    """Return the revision of an article that whoever acts is shown. Raises NotFound."""
    if session.actor.kind == "public":
        return _public(session, article_id).revision
    article = session.get(Article, article_id)
    if article is None or article.released is None or article.state not in SHOWN:
        raise NotFound(_("There is no such article."))
    return article.released


def _number_of(session: CrmSession, article_id: UUID) -> int:
    if session.actor.kind == "public":
        return _public(session, article_id).number
    return session.get_one(Article, article_id).number


OPERATIONS = [count_view, keep_vote]
