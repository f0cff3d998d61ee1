"""The whole base as a folder: a file of Markdown for each article, its files beside it, and a list of the spaces.

What is released is written; of an article of which nothing is, the draft. All that it was before, and what is being
worked on, is written besides where that is asked for. What its reader does not see is left out.
Must not know the command line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import func, select

from crmkit import CRM, Actor, CrmSession, User
from crmkit_knowledge.articles.finding import revision_numbered
from crmkit_knowledge.articles.models import Article, Category, Revision, Space
from crmkit_knowledge.articles.writing import is_stale
from crmkit_knowledge.exchange.beside import put, whole_folder
from crmkit_knowledge.exchange.frontmatter import joined
from crmkit_knowledge.exchange.words import BASE, FILES, REVISIONS
from crmkit_knowledge.files.operations import file_named, files_of

BATCH = 200


@define(kw_only=True)
class Exported:
    """What was written."""

    articles: int = 0
    files: int = 0
    revisions: int = 0
    spaces: int = 0


@define(kw_only=True)
class _Places:
    """Spaces and categories by id."""

    spaces: dict[UUID, Space] = field(factory=dict)
    categories: dict[UUID, Category] = field(factory=dict)

    def way(self, category_id: UUID | None) -> tuple[Category, ...]:
        """Return the categories above an article, the widest first."""
        found: list[Category] = []
        while category_id is not None and (category := self.categories.get(category_id)) not in (None, *found):
            assert category is not None
            found.append(category)
            category_id = category.parent_id
        return tuple(reversed(found))


def export_folder(
    crm: CRM,
    actor: Actor,
    target: Path,
    *,
    replace: bool = False,
    revisions: bool = False,
    done: Callable[[int, int], None] = lambda number, of: None,
) -> Exported:
    """Write the base as a folder and return what was written. ``done`` is told how many of how many articles are;
    with ``revisions`` each of these stands in a file of its own, for people to read: an import takes none.

    Raises InvalidInput for a folder that has something in it.
    """
    made = Exported()
    with whole_folder(target, mark=BASE, replace=replace) as root:
        with crm.session(actor) as session:
            places = _Places(
                spaces={each.id: each for each in session.scalars(select(Space))},
                categories={each.id: each for each in session.scalars(select(Category))},
            )
            session.expunge_all()
            total = session.scalar(select(func.count()).select_from(Article)) or 0
        put(root, BASE, _base(places))
        made.spaces = len(places.spaces)
        last = 0
        while True:
            with crm.session(actor) as session:
                query = select(Article).where(Article.number > last).order_by(Article.number).limit(BATCH)
                articles = session.scalars(query).all()
                if not articles:
                    break
                sources = _sources(session, articles)
                for article in articles:
                    place, files = _write(session, root, places, article, sources)
                    made.files += files
                    made.revisions += _write_revisions(session, root, place, article) if revisions else 0
                    made.articles += 1
                last = articles[-1].number
            done(made.articles, total)
    return made


def _write(
    session: CrmSession, root: Path, places: _Places, article: Article, sources: Mapping[UUID, Article]
) -> tuple[str, int]:
    """Write an article with its files; return where, without an ending, and how many files it has."""
    body, above = _said(session, article)
    space, way = places.spaces[article.space_id], places.way(article.category_id)
    source = sources.get(article.translates_id) if article.translates_id is not None else None
    head: dict[str, str | Sequence[str]] = {
        "number": str(article.number),
        "id": str(article.id),
        **above,
        "kind": article.kind,
        "language": article.language,
        "space": space.name,
        "category": [each.name for each in way],
        "audience": article.audience or "",
        "audience_of": list(article.audience_of),
        "tags": list(article.tags),
        "slug": article.slug,
        "state": "draft" if article.released is None else article.state,
        "verify_on": article.verify_on.isoformat() if article.verify_on is not None else "",
        "translation_of": source.slug if source is not None else "",
        "stale": "true" if is_stale(article, source) else "",
        "source": article.external_source or "",
        "external_id": article.external_id or "",
    }
    place = "/".join([space.name, *(each.name for each in way), article.slug])
    text = joined({name: value for name, value in head.items() if value}, body)
    put(root, f"{place}.md", f"{text}\n".encode())
    files = files_of(session, article.id)
    for each in files:
        put(root, f"{place}{FILES}/{each.name}", file_named(session, article.id, each.name).content)
        session.expire_all()
    return place, len(files)


def _write_revisions(session: CrmSession, root: Path, place: str, article: Article) -> int:
    found = session.scalars(select(Revision).where(Revision.article_id == article.id).order_by(Revision.number)).all()
    ids = {each for one in found for each in (one.author_id, one.reviewer_id) if each is not None}
    people = {each.id: each.login for each in session.scalars(select(User).where(User.id.in_(ids)))}
    for each in found:
        head = {
            "revision": str(each.number),
            "title": each.title,
            "summary": each.summary or "",
            "state": each.state,
            "note": each.note or "",
            "written_by": people.get(each.author_id, "") if each.author_id else "",
            "written_at": each.written_at.isoformat(),
            "approved_by": people.get(each.reviewer_id, "") if each.reviewer_id else "",
            "released_at": each.released_at.isoformat() if each.released_at else "",
        }
        text = joined({name: value for name, value in head.items() if value}, each.body)
        put(root, f"{place}{REVISIONS}/{each.number}.md", f"{text}\n".encode())
    session.expire_all()
    return len(found)


def _said(session: CrmSession, article: Article) -> tuple[str, dict[str, str]]:
    """Return the text of an article with its title and summary: what is released, else its draft."""
    if article.released is not None:
        return article.body or "", {"title": article.title, "summary": article.summary or ""}
    draft = revision_numbered(session, article, article.newest)
    return draft.body, {"title": draft.title, "summary": draft.summary or ""}


def _sources(session: CrmSession, articles: Sequence[Article]) -> dict[UUID, Article]:
    ids = {each.translates_id for each in articles if each.translates_id is not None}
    return {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(ids)))} if ids else {}


def _base(places: _Places) -> bytes:
    spaces: list[dict[str, Any]] = [
        {
            "name": each.name,
            "title": each.title,
            "description": each.description or "",
            "audience": each.audience,
            "language": each.language,
            "four_eyes": each.four_eyes,
            "verify_months": each.verify_months,
        }
        for each in sorted(places.spaces.values(), key=lambda each: each.name)
    ]
    # What others are part of comes first, so that each can be added in its turn.
    ordered = sorted(places.categories.values(), key=lambda each: (len(places.way(each.id)), each.position, each.name))
    categories = [
        {
            "space": places.spaces[each.space_id].name,
            "name": each.name,
            "title": each.title,
            "parent": places.categories[each.parent_id].name if each.parent_id in places.categories else "",
            "position": each.position,
        }
        for each in ordered
    ]
    text = json.dumps({"format": 1, "spaces": spaces, "categories": categories}, ensure_ascii=False, indent=2)
    return f"{text}\n".encode()
