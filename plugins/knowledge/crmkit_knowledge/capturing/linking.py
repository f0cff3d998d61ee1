"""Links between articles and records: adding them, and taking them away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, NotFound, operation, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.capturing.events import ArticleLinked
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.capturing.reading import record_of
from crmkit_knowledge.capturing.words import LINKED, LINKS

_ = texts("crmkit_knowledge")

CREATE, UPDATE = "knowledge.link.create", "knowledge.link.update"


@operation("knowledge.link.add", title=_("Link an article"), permission=CREATE, effect="create")
def add_link(
    session: CrmSession,
    *,
    article_id: Annotated[UUID, Input(title=_("Article"), resource="knowledge.article", classified="internal")],
    record: Annotated[
        str,
        Input(
            title=_("Record"),
            help=_("A record, as resource:id."),
            max_length=160,
            classified="internal",
            records=LINKED,
        ),
    ],
    kind: Annotated[
        Literal["source", "solved_by", "seen_in", "sent"],
        Input(title=_("What"), choices=LINKS, classified="internal"),
    ] = "solved_by",
) -> ArticleLink:
    """Say what an article has to do with a record: that it solved it, was sent in it, was seen in it or was written
    from it. What is said already stays as it is; what was taken away holds again from now on.

    Raises NotFound for an article or a record that the actor cannot see, InvalidInput for what names no such record.
    """
    article = session.get(Article, article_id)
    if article is None:
        raise NotFound(_("There is no such article."))
    resource, found = record_of(session, record, LINKED)
    ref = f"{resource}:{found.id}"
    now = session.gate.clock.business_now()
    query = select(ArticleLink).where(
        ArticleLink.article_id == article.id, ArticleLink.ref == ref, ArticleLink.kind == kind
    )
    link = session.scalars(query).first()
    if link is not None and link.removed_at is None:
        return link
    if link is None:
        link = ArticleLink(
            article_id=article.id,
            ref=ref,
            customer_id=getattr(found, "customer_id", None),
            kind=kind,
            at=now,
            user_id=session.actor.user_id,
        )
        session.add(link)
    else:
        link.at, link.removed_at, link.user_id = now, None, session.actor.user_id
    session.flush()
    session.emit(ArticleLinked(article_id=article.id, customer_id=link.customer_id, ref=ref, kind=kind))
    return link


@operation("knowledge.link.remove", title=_("Take the link away"), permission=UPDATE, effect="update")
def remove_link(session: CrmSession, link: ArticleLink) -> ArticleLink:
    """Say that an article has nothing to do with a record any more; until now it had."""
    if link.removed_at is None:
        link.removed_at = session.gate.clock.business_now()
    return link


def links_of(session: CrmSession, refs: Collection[str]) -> Sequence[tuple[ArticleLink, Article]]:
    """Return the links of records with their articles, as the reader sees both, the newest first."""
    query = (
        select(ArticleLink, Article)
        .join(Article, Article.id == ArticleLink.article_id)
        .where(ArticleLink.ref.in_(sorted(refs)), ArticleLink.removed_at.is_(None))
        .order_by(ArticleLink.at.desc(), ArticleLink.id.desc())
    )
    return [(link, article) for link, article in session.execute(query)]


def links_to(session: CrmSession, article_id: UUID, most: int = 100) -> Sequence[ArticleLink]:
    """Return the links of an article that the reader sees, the newest first."""
    query = select(ArticleLink).where(ArticleLink.article_id == article_id, ArticleLink.removed_at.is_(None))
    return session.scalars(query.order_by(ArticleLink.at.desc(), ArticleLink.id.desc()).limit(most)).all()


OPERATIONS = [add_link, remove_link]
