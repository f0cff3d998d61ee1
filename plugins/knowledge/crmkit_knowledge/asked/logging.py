"""Noting what was searched for and what was opened of it. A search is answered whatever becomes of the note.

A reading session has its note written in a transaction of its own, in system scope; a writing one writes it as its own
actor, who needs `VISITOR_RIGHTS` then. Must not know how questions are made of searches.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from crmkit import Actor, CrmkitError, CrmSession, Input, NotFound, SearchHit, operation, search, texts
from crmkit_knowledge.articles.models import Article, PublicText
from crmkit_knowledge.asked.models import Search, SearchClick
from crmkit_knowledge.asked.visits import visit_of
from crmkit_knowledge.asked.wording import LONGEST, covered, kept, key_of
from crmkit_knowledge.asked.words import DOORS, Door
from crmkit_knowledge.semantic.hits import with_meaning
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

LOG, CLICK = "knowledge.search.log", "knowledge.search.click"
CREATE = "knowledge.search.create"
VISITOR_RIGHTS = (CREATE, "knowledge.search.read")
"""What a visitor needs who searches or votes in a writing session."""
ARTICLE = "knowledge.article"
LIMIT = 20
AGAIN = timedelta(minutes=2)
"""Within this the same question of the same visit is the same search: a page that is loaded again, or its next page."""
MOST = 200
"""Searches of one visit that are noted."""
CLICKABLE = timedelta(days=1)
"""How long after a search what is opened of it counts."""
_log = logging.getLogger("crmkit.knowledge")

Text = Annotated[str, Input(title=_("Searched for"), max_length=LONGEST * 5, classified="internal")]
Language = Annotated[str, Input(title=_("Language"), max_length=20, classified="internal")]
Where = Annotated[Door, Input(title=_("Where"), choices=DOORS, classified="internal")]
Hits = Annotated[int, Input(title=_("Hits"), minimum=0, classified="internal")]
Best = Annotated[float | None, Input(title=_("Best match"), minimum=0, maximum=1, classified="internal")]
Visit = Annotated[str, Input(title=_("Visit"), max_length=LONGEST, classified="internal")]
Place = Annotated[int, Input(title=_("Place"), minimum=1, maximum=10_000, classified="internal")]


@frozen(kw_only=True)
class Answer:
    """What a search has found, and the id of its note; None where it could not be noted."""

    hits: tuple[SearchHit, ...] = field(converter=tuple)
    search_id: UUID | None = None


def ask(
    session: CrmSession,
    text: str,
    *,
    where: Door = "staff",
    limit: int = LIMIT,
    visit_key: str = "",
    language: str = "",
    within: Collection[str] = ("knowledge.article",),
) -> Answer:
    """Return the articles that a text finds, among those that the session's actor may see, and note the search.

    ``visit_key`` is any text that is the same for one visitor on one day; colleagues need none.
    """
    found = search(session, text, within=within, limit=limit).hits
    if ARTICLE in within and session.actor.user_id is not None and settings_of(session.crm.settings).semantic:
        found = with_meaning(session, text, found, limit)
    return Answer(
        hits=found,
        search_id=note_search(session, text, hits=found, where=where, visit_key=visit_key, language=language),
    )


def note_search(
    session: CrmSession,
    text: str,
    *,
    hits: Sequence[SearchHit],
    where: Door = "staff",
    visit_key: str = "",
    language: str = "",
) -> UUID | None:
    """Note a search that was made elsewhere; return the id of the note, None where there was nothing to note or it
    could not be written."""
    said = kept(text)
    language = (language or session.actor.language or session.business().language)[:20]
    if not key_of(said, language):
        return None
    best = covered(said, f"{hits[0].title} {hits[0].snippet or ''}", language) if hits else None
    values = {
        "text": said,
        "language": language,
        "where": where,
        "hits": len(hits),
        "best": best,
        "visit": visit_key or _own_key(session),
    }
    return _noted(session, LOG, values)


def note_click(session: CrmSession, search_id: UUID, article_id: UUID, rank: int = 1) -> None:
    """Note that an article was opened from what a search had found. Anything wrong about it is passed over."""
    _noted(session, CLICK, {"search_id": search_id, "article_id": article_id, "rank": max(1, min(rank, 10_000))})


def write_apart(session: CrmSession, name: str, values: Mapping[str, Any]) -> Any:
    """Run an operation as whoever acts in a session that writes; else in a transaction of its own, in system scope."""
    if session.mode.value == "write":
        return session.run(name, values)
    return session.crm.run(Actor.system("notes on what is read"), name, values)


def _noted(session: CrmSession, name: str, values: Mapping[str, Any]) -> UUID | None:
    try:
        found: UUID | None = write_apart(session, name, values)
    except (CrmkitError, SQLAlchemyError) as error:
        _log.warning("%s could not be noted: %s", name, type(error).__name__)
        return None
    return found


def _own_key(session: CrmSession) -> str:
    user = session.guarding.rights.user_id
    return f"user {user}" if user is not None else ""


@operation(LOG, title=_("Note a search"), permission=CREATE, effect="create", hidden=True)
def log_search(
    session: CrmSession,
    *,
    text: Text,
    language: Language = "",
    where: Where = "staff",
    hits: Hits = 0,
    best: Best = None,
    visit: Visit = "",
) -> UUID | None:
    """Note a search without personal data, and return its id; that of the earlier one where the same visit asked the
    same within two minutes; None for a text without words, or after 200 searches of a visit."""
    language = language or session.business().language
    said = kept(text)
    key = key_of(said, language)
    if not key:
        return None
    now, hashed = session.gate.clock.business_now(), visit_of(session, visit)
    if hashed is not None:
        mine = select(Search).where(Search.visit == hashed)
        last = session.scalars(mine.order_by(Search.at.desc(), Search.id.desc()).limit(1)).first()
        if last is not None and last.key == key and now - last.at <= AGAIN:
            return last.id
        if (session.scalar(select(func.count(Search.id)).where(Search.visit == hashed)) or 0) >= MOST:
            return None
    made = Search(
        text=said,
        key=key,
        language=language,
        door=where,
        hits=hits,
        best=None if best is None else Decimal(f"{best:.4f}"),
        day=session.today(),
        at=now,
        visit=hashed,
        recorded_at=session.gate.clock.now(),
    )
    session.add(made)
    session.flush()
    return made.id


@operation(CLICK, title=_("Note what was opened of a search"), permission=CREATE, effect="create", hidden=True)
def log_click(
    session: CrmSession,
    *,
    search_id: Annotated[UUID, Input(title=_("Search"), classified="internal")],
    article_id: Annotated[UUID, Input(title=_("Article"), classified="internal")],
    rank: Place = 1,
) -> UUID | None:
    """Note that an article was opened from what a search had found within a day; return the id of the note, None for a
    search that is longer ago, or where the article was opened from it before. Raises NotFound."""
    noted = session.get(Search, search_id)
    if noted is None:
        raise NotFound(_("There is no such search."))
    now = session.gate.clock.business_now()
    if now - noted.at > CLICKABLE or not noted.hits or not _is_there(session, article_id):
        return None
    known = select(SearchClick.id).where(SearchClick.search_id == noted.id, SearchClick.article_id == article_id)
    if session.scalar(known) is not None:
        return None
    made = SearchClick(
        search_id=noted.id, article_id=article_id, rank=rank, at=now, recorded_at=session.gate.clock.now()
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        # The same click at the same time, in another transaction.
        return None
    return made.id


def _is_there(session: CrmSession, article_id: UUID) -> bool:
    if session.actor.kind == "public":
        return session.scalar(select(PublicText.id).where(PublicText.article_id == article_id)) is not None
    return session.get(Article, article_id) is not None


OPERATIONS = [log_search, log_click]
