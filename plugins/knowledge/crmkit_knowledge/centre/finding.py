"""Finding what visitors read: spaces, categories and texts, each in the language that is nearest to theirs.

Everything is read by the visitor's own rights, from the copies that hold what is for everybody. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select
from sqlalchemy.orm import defer

from crmkit import CrmSession, SearchHit
from crmkit_knowledge.articles.models import Category, PublicText, Space

NEWEST = 8
"""Texts that are named as new on the first page."""
HITS = 20


@frozen(kw_only=True)
class Shelf:
    """A category with its texts and those below it."""

    category: Category
    texts: tuple[PublicText, ...] = ()
    below: tuple[Shelf, ...] = field(default=())

    @property
    def number(self) -> int:
        """Return how many texts stand in it, and below."""
        return len(self.texts) + sum(each.number for each in self.below)


@frozen(kw_only=True)
class Found:
    """A text that a search has found, with the part of it that was looked for in pieces: whether it is the very words,
    and what it says."""

    text: PublicText
    hit: SearchHit
    pieces: tuple[tuple[bool, str], ...] = ()


def spaces_of(session: CrmSession) -> Sequence[Space]:
    """Return the spaces that visitors read, by title."""
    query = select(Space).where(Space.active.is_(True), Space.audience == "public")
    return session.scalars(query.order_by(Space.title, Space.name)).all()


def text_at(session: CrmSession, slug: str) -> PublicText | None:
    """Return the text that stands at an address."""
    return session.scalars(select(PublicText).where(PublicText.slug == slug)).first()


def texts_in(session: CrmSession, space: Space, language: str) -> tuple[PublicText, ...]:
    """Return the texts of a space without their bodies, each in one language, by title."""
    query = (
        select(PublicText)
        .where(PublicText.space_id == space.id)
        .options(defer(PublicText.body), defer(PublicText.plain))
    )
    return in_one_language(
        session.scalars(query.order_by(PublicText.title, PublicText.number)), language, space.language
    )


def newest(session: CrmSession, language: str) -> tuple[PublicText, ...]:
    """Return the texts that were released last, each in one language."""
    query = (
        select(PublicText)
        .options(defer(PublicText.body), defer(PublicText.plain))
        .order_by(PublicText.released_at.desc(), PublicText.number)
    )
    return in_one_language(session.scalars(query.limit(NEWEST * 4)), language, "en")[:NEWEST]


def shelves(
    session: CrmSession, space: Space, texts: Iterable[PublicText]
) -> tuple[tuple[Shelf, ...], tuple[PublicText, ...]]:
    """Return the tree of categories that have any texts, and the texts that stand in none."""
    query = select(Category).where(Category.space_id == space.id).order_by(Category.position, Category.title)
    categories = session.scalars(query).all()
    by_category: dict[UUID | None, list[PublicText]] = {}
    for each in texts:
        by_category.setdefault(each.category_id, []).append(each)

    def below(parent: UUID | None) -> tuple[Shelf, ...]:
        made = (
            Shelf(category=each, texts=tuple(by_category.get(each.id, ())), below=below(each.id))
            for each in categories
            if each.parent_id == parent
        )
        return tuple(each for each in made if each.number)

    return below(None), tuple(by_category.get(None, ()))


def way_to(session: CrmSession, category_id: UUID | None) -> tuple[Category, ...]:
    """Return the categories above a text, the widest first."""
    found: list[Category] = []
    while category_id is not None and (category := session.get(Category, category_id)) is not None:
        if category in found:
            break
        found.append(category)
        category_id = category.parent_id
    return tuple(reversed(found))


def languages_of(session: CrmSession, text: PublicText) -> Mapping[str, str]:
    """Return the addresses of a text by language: its own and those of its translations."""
    source = text.translates_id or text.article_id
    query = select(PublicText.language, PublicText.slug).where(
        (PublicText.article_id == source) | (PublicText.translates_id == source)
    )
    return {str(language): str(slug) for language, slug in session.execute(query.order_by(PublicText.language))}


def in_one_language(texts: Iterable[PublicText], language: str, usual: str) -> tuple[PublicText, ...]:
    """Return of each text the one in the language that is nearest: the visitor's, then the usual one, then any."""
    best: dict[UUID, PublicText] = {}

    def rank(text: PublicText) -> int:
        return (
            0 if text.language == language
            else 1 if _main(text.language) == _main(language)
            else 2 if text.language == usual
            else 3
        )  # fmt: skip

    for each in texts:
        source = each.translates_id or each.article_id
        if source not in best or rank(each) < rank(best[source]):
            best[source] = each
    return tuple(best.values())


def search_texts(session: CrmSession, text: str, language: str, *, limit: int = HITS) -> tuple[Found, ...]:
    """Return the texts that a search finds, the best first; of translations the one that was found, unless the one in
    the visitor's language was found, too."""
    from crmkit.engines.search.searching import search

    hits = search(session, text, within=["knowledge.public_text"], limit=limit * 2).hits
    ids = [UUID(each.ref.rpartition(":")[2]) for each in hits]
    query = select(PublicText).where(PublicText.id.in_(ids)).options(defer(PublicText.body), defer(PublicText.plain))
    by_id = {each.id: each for each in session.scalars(query)}
    found = {id_: hit for id_, hit in zip(ids, hits, strict=True) if id_ in by_id}
    kept = {each.id for each in in_one_language((by_id[id_] for id_ in found), language, language)}
    best = [(by_id[id_], hit) for id_, hit in found.items() if id_ in kept][:limit]
    return tuple(Found(text=each, hit=hit, pieces=_pieces(hit)) for each, hit in best)


def _pieces(hit: SearchHit) -> tuple[tuple[bool, str], ...]:
    pieces: list[tuple[bool, str]] = []
    at = 0
    for start, end in hit.highlights:
        pieces += [(False, hit.snippet[at:start]), (True, hit.snippet[start:end])]
        at = end
    return tuple(piece for piece in (*pieces, (False, hit.snippet[at:])) if piece[1])


def _main(language: str) -> str:
    return language.partition("_")[0].partition("-")[0]
