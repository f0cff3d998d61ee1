"""Finding spaces, categories, articles and revisions, and numbering articles. Must not change anything else."""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, NotFound, texts
from crmkit_knowledge.articles.errors import NothingInWork
from crmkit_knowledge.articles.models import Article, Category, KnowledgeCounter, Revision, Space
from crmkit_knowledge.articles.words import OPEN

_ = texts("crmkit_knowledge")

FIRST = 1001
_COUNTER = "article"


def space_named(session: CrmSession, name: str = "") -> Space:
    """Return a space by its name; without one the only one that is active. Raises NotFound."""
    if name:
        found = session.scalars(select(Space).where(Space.name == name)).first()
    else:
        several = session.scalars(select(Space).where(Space.active.is_(True)).limit(2)).all()
        found = several[0] if len(several) == 1 else None
    if found is None:
        raise _missing(_('There is no space "{name}".'), name, list(session.scalars(select(Space.name))))
    return found


def category_named(session: CrmSession, space: Space, name: str) -> Category:
    """Return a category of a space by its name. Raises NotFound."""
    query = select(Category).where(Category.space_id == space.id)
    found = session.scalars(query.where(Category.name == name)).first()
    if found is None:
        known = [each.name for each in session.scalars(query)]
        raise _missing(_('The space has no category "{name}".'), name, known)
    return found


def article_numbered(session: CrmSession, number: int) -> Article:
    """Return an article by its number. Raises NotFound."""
    found = session.scalars(select(Article).where(Article.number == number)).first()
    if found is None:
        raise NotFound(_("There is no article {number}."), number=number)
    return found


def revisions_of(session: CrmSession, article: Article) -> Sequence[Revision]:
    """Return the revisions of an article, the newest first."""
    query = select(Revision).where(Revision.article_id == article.id)
    return session.scalars(query.order_by(Revision.number.desc())).all()


def revision_numbered(session: CrmSession, article: Article, number: int) -> Revision:
    """Return a revision of an article. Raises NotFound."""
    query = select(Revision).where(Revision.article_id == article.id, Revision.number == number)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(
            _("Article {article} has no revision {number}."),
            fix=_("The newest is {newest}."),
            article=article.number,
            number=number,
            newest=article.newest,
        )
    return found


def in_work(session: CrmSession, article: Article) -> Revision | None:
    """Return the revision that is being worked on, if any."""
    query = select(Revision).where(Revision.article_id == article.id, Revision.state.in_(OPEN))
    return session.scalars(query.order_by(Revision.number.desc())).first()


def require_in_work(session: CrmSession, article: Article) -> Revision:
    """Return the revision that is being worked on. Raises NothingInWork."""
    found = in_work(session, article)
    if found is None:
        raise NothingInWork(article.number)
    return found


def next_number(session: CrmSession) -> int:
    """Return the next number of an article; two at once never get the same, and none is left out."""
    return next_numbers(session, [None])[0]


def next_numbers(session: CrmSession, wanted: Sequence[int | None]) -> list[int]:
    """Return the next numbers of articles; of those for which a number is ``wanted`` that one where it is free."""
    query = select(KnowledgeCounter).where(KnowledgeCounter.name == _COUNTER).with_for_update()
    counter = session.scalars(query).first()
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(KnowledgeCounter(name=_COUNTER, last=FIRST - 1))
        counter = session.scalars(query).one()
    named = [number for number in wanted if number is not None]
    taken = set(session.scalars(select(Article.number).where(Article.number.in_(named)))) if named else set()
    found: list[int] = []
    for number in wanted:
        given = counter.last + 1 if number is None or number in taken else number
        counter.last = max(counter.last, given)
        taken.add(given)
        found.append(given)
    session.flush()
    return found


def slug_of(session: CrmSession, title: str, number: int) -> str:
    """Return an address for an article: the words of its title in ASCII, and its number where that is taken or has
    none."""
    words, numbered = slugs_of(title, number)
    taken = session.scalar(select(Article.id).where(Article.slug == words)) if words else True
    return words if taken is None else numbered


def slugs_of(title: str, number: int) -> tuple[str, str]:
    """Return the two addresses that can be made of a title: its words, and with the number of the article."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:100].strip("-")
    return words, f"{words}-{number}".strip("-")


def _missing(message: str, name: str, known: list[str]) -> NotFound:
    close = ", ".join(difflib.get_close_matches(name, known, 3) or sorted(known)[:10]) or "–"
    return NotFound(message, fix=_("There are: {known}."), name=name or "–", known=close)
