"""Addresses that articles had, and where they lead now. Must not know links in texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, CrmSession
from crmkit_knowledge.articles.models import Article, PublicText
from crmkit_knowledge.rendering.models import Redirect

PART = 500


def remember_address(session: CrmSession, article: Article, old_slug: str) -> None:
    """Have an address that an article had lead to where it is now, within an operation. An address that another article
    had before is this one's from now on; the one that it has got is nobody's earlier one."""
    for slug in (old_slug, article.slug):
        known = session.get(Redirect, slug)
        if known is not None:
            session.delete(known)
    session.flush()
    if old_slug and old_slug != article.slug:
        session.add(Redirect(slug=old_slug, article_id=article.id))


def article_at(session: CrmSession, slug: str) -> Article | None:
    """Return the article that stands at an address, or that once did; None where there is none that the reader sees."""
    found = session.scalars(select(Article).where(Article.slug == slug)).first()
    if found is None:
        query = select(Article).join(Redirect, Redirect.article_id == Article.id).where(Redirect.slug == slug)
        found = session.scalars(query).first()
    return found


def shown_at(session: CrmSession, slug: str) -> str | None:
    """Return the address of the text which visitors read now that once stood at an address. A visitor sees no articles,
    and no more than the text's address is told."""
    with session.crm.session(Actor.system("an address that an article had")) as whole:
        article_id = whole.scalar(select(Redirect.article_id).where(Redirect.slug == slug))
    if article_id is None:
        return None
    return session.scalar(select(PublicText.slug).where(PublicText.article_id == article_id))


def articles_named(session: CrmSession, names: Collection[str]) -> Mapping[str, UUID]:
    """Return the ids of the articles that numbers, addresses and earlier addresses mean, by these."""
    found: dict[str, UUID] = {}
    ordered = sorted(names)
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        query = select(Redirect.slug, Redirect.article_id).where(Redirect.slug.in_(part))
        found.update((str(slug), id_) for slug, id_ in session.execute(query))
        slugs = select(Article.slug, Article.id).where(Article.slug.in_(part))
        found.update((str(slug), id_) for slug, id_ in session.execute(slugs))
        numbers = [int(each) for each in part if is_number(each)]
        numbered = select(Article.number, Article.id).where(Article.number.in_(numbers))
        found.update((str(number), id_) for number, id_ in session.execute(numbered))
    return found


def names_of(session: CrmSession, article: Article) -> list[str]:
    """Return what links may call an article: its number, its address, and those that it had."""
    earlier = session.scalars(select(Redirect.slug).where(Redirect.article_id == article.id))
    return [str(article.number), article.slug, *earlier]


def is_number(name: str) -> bool:
    """Say whether a link names an article by its number."""
    return name.isascii() and name.isdigit() and len(name) < 10 and not name.startswith("0")
