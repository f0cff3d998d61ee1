"""The home of the knowledge base: its spaces and categories, what waits for whoever reads, and the search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import func, select

from crmkit import CrmSession, SearchHit, texts
from crmkit_knowledge.articles.models import Article, Category, Revision, Space
from crmkit_knowledge.articles.words import KINDS, OPEN, SHOWN, STATES
from crmkit_knowledge.asked.logging import ask
from crmkit_knowledge.desk.article_page import HOME, wording
from crmkit_knowledge.desk.queues import overdue_of, waiting_for
from crmkit_knowledge.desk.rights import may, own_id
from crmkit_knowledge.patterns.finding import patterns_of

_ = texts("crmkit_knowledge")

HITS, LISTED, MOST, NEWEST = 200, 100, 2000, 8
"""Hits, and articles without a search, among which facets count; articles in a list, and on a card."""
FACETS = ("space", "kind", "language", "state", "tag")


@frozen(kw_only=True)
class Branch:
    """A category with those below it, and how many articles it and they show."""

    category: Category
    count: int
    branches: tuple[Branch, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Found:
    """An article that was found, or of it what facets count; the words that it was found by are marked in
    ``parts``."""

    article: Any
    parts: tuple[tuple[str, bool], ...] = field(default=(), converter=tuple)


def home_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the home, or what a search or a choice of space, category, kind, language, state or tag finds."""
    spaces = session.scalars(select(Space).where(Space.active.is_(True)).order_by(Space.title)).all()
    categories = session.scalars(select(Category).order_by(Category.position, Category.title)).all()
    said = {name: query.get(name, "").strip()[:60] for name in (*FACETS, "category")}
    said["text"] = query.get("text", "").strip()[:200]
    common = {
        **wording(),
        "spaces": spaces,
        "space_titles": {each.id: each.title for each in spaces},
        "said": said,
        "home": HOME,
        "facet_query": lambda name, key: {key_: value for key_, value in {**said, name: key}.items() if value},
        "may_write": may(session, "create"),
        "may_manage": may(session, "manage", "knowledge.space"),
        "may_approve": may(session, "approve"),
        "patterns": patterns_of(session) if may(session, "create") else (),
    }
    if any(said.values()):
        return {**common, **_results(session, said, spaces, categories)}
    counts = _counts(session)
    return {
        **common,
        "found": None,
        "trees": [
            (each, counts["space"].get(each.id, 0), _branches(categories, counts["category"], each.id))
            for each in spaces
        ],
        "waiting": waiting_for(session, limit=NEWEST),
        "drafts": _drafts(session),
        "overdue": overdue_of(session, own=True, limit=NEWEST),
        "newest": session.scalars(
            select(Article).where(Article.state.in_(SHOWN)).order_by(Article.released_at.desc()).limit(NEWEST)
        ).all(),
    }


def _results(
    session: CrmSession, said: Mapping[str, str], spaces: Sequence[Space], categories: Sequence[Category]
) -> Mapping[str, Any]:
    names = {each.id: each.name for each in spaces}
    space = next((each for each in spaces if each.name == said["space"]), None)
    below = _below(categories, said["category"], space)
    every = _searched(session, said["text"]) if said["text"] else _listed(session)
    if below is not None:
        every = [each for each in every if each.article.category_id in below]
    facets: list[tuple[str, list[tuple[str, str, int]]]] = []
    for name in FACETS:
        # A facet counts what the other choices leave, so that one can be exchanged for another.
        others = {other: value for other, value in said.items() if other in FACETS and other != name and value}
        left = [each for each in every if _fits(each.article, others, names)]
        counted = Counter(value for each in left for value in _values(each.article, name, names))
        titles = {each.name: each.title for each in spaces} if name == "space" else _TITLES.get(name, {})
        facets.append((name, [(key, titles.get(key, key), count) for key, count in counted.most_common(12)]))
    chosen = {name: value for name, value in said.items() if name in FACETS and value}
    found = [each for each in every if _fits(each.article, chosen, names)]
    return {
        "found": _loaded(session, found[:LISTED]),
        "more": len(found) > LISTED,
        "facets": facets,
        "facet_titles": _FACET_TITLES,
        "category": next((each for each in categories if each.name == said["category"]), None),
    }


_TITLES: Mapping[str, Mapping[str, str]] = {"kind": KINDS, "state": STATES}
_FACET_TITLES = {
    "space": _("Space"),
    "kind": _("Kind"),
    "language": _("Language"),
    "state": _("State"),
    "tag": _("Tag"),
}


def _searched(session: CrmSession, text: str) -> list[Found]:
    if text.isascii() and text.isdigit() and len(text) < 9:
        numbered = session.scalars(select(Article).where(Article.number == int(text))).all()
        if numbered:
            return [Found(article=each) for each in numbered]
    hits = {UUID(hit.ref.partition(":")[2]): hit for hit in ask(session, text, limit=HITS).hits}
    articles = {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(list(hits))))}
    return [Found(article=articles[key], parts=marked(hit)) for key, hit in hits.items() if key in articles]


def marked(hit: SearchHit) -> list[tuple[str, bool]]:
    """Return the snippet of a hit in parts, each with whether it is what was searched for."""
    text, place = hit.snippet or "", 0
    parts: list[tuple[str, bool]] = []
    for begin, end in sorted(hit.highlights):
        if begin < place:
            continue
        parts += [(text[place:begin], False), (text[begin:end], True)]
        place = end
    return [(each, mark) for each, mark in [*parts, (text[place:], False)] if each]


def _listed(session: CrmSession) -> list[Found]:
    # What is counted is read without the texts; what is shown is loaded in the end.
    query = select(Article.id, Article.space_id, Article.category_id, Article.kind, Article.language, Article.state)
    query = query.add_columns(Article.tags).order_by(Article.released_at.desc().nulls_last(), Article.number.desc())
    return [Found(article=each) for each in session.execute(query.limit(MOST))]


def _loaded(session: CrmSession, found: Sequence[Found]) -> list[Found]:
    ids = [each.article.id for each in found]
    articles = {each.id: each for each in session.scalars(select(Article).where(Article.id.in_(ids)))}
    return [evolve(each, article=articles[each.article.id]) for each in found if each.article.id in articles]


def _values(article: Any, name: str, spaces: Mapping[UUID, str]) -> Iterable[str]:
    if name == "space":
        return [spaces[article.space_id]] if article.space_id in spaces else []
    if name == "tag":
        return [str(each) for each in article.tags]
    return [str(getattr(article, name))]


def _fits(article: Any, wanted: Mapping[str, str], spaces: Mapping[UUID, str]) -> bool:
    return all(value in _values(article, name, spaces) for name, value in wanted.items())


def _below(categories: Sequence[Category], name: str, space: Space | None) -> set[UUID] | None:
    """Return the categories of a name with all below them, or None where none is asked for."""
    if not name:
        return None
    found = {each.id for each in categories if each.name == name and (space is None or each.space_id == space.id)}
    grown = True
    while grown:
        more = {each.id for each in categories if each.parent_id in found} - found
        found |= more
        grown = bool(more)
    return found


def _counts(session: CrmSession) -> Mapping[str, Mapping[Any, int]]:
    counted: dict[str, dict[Any, int]] = {"space": {}, "category": {}}
    query = select(Article.space_id, Article.category_id, func.count()).where(Article.state.in_(SHOWN))
    for space, category, count in session.execute(query.group_by(Article.space_id, Article.category_id)):
        counted["space"][space] = counted["space"].get(space, 0) + count
        counted["category"][category] = counted["category"].get(category, 0) + count
    return counted


def _branches(
    categories: Sequence[Category], counts: Mapping[Any, int], space: UUID, parent: UUID | None = None
) -> list[Branch]:
    found: list[Branch] = []
    for each in categories:
        if each.space_id == space and each.parent_id == parent:
            below = _branches(categories, counts, space, each.id)
            count = counts.get(each.id, 0) + sum(branch.count for branch in below)
            found.append(Branch(category=each, count=count, branches=below))
    return found


def _drafts(session: CrmSession) -> Sequence[tuple[Revision, Article]]:
    query = (
        select(Revision, Article)
        .join(Article, Article.id == Revision.article_id)
        .where(Revision.author_id == own_id(session), Revision.state.in_(OPEN))
        .order_by(Revision.written_at.desc())
        .limit(NEWEST)
    )
    return [(revision, article) for revision, article in session.execute(query)]
