"""The links in released texts: noting them, and finding those that lead nowhere, both ends of them, and what nobody
links to. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import exists, select

from crmkit import CrmSession, Input, Subscription, operation, texts
from crmkit_knowledge.articles.models import Article, Space
from crmkit_knowledge.articles.readers import audience_of
from crmkit_knowledge.articles.words import SHOWN, STANDING
from crmkit_knowledge.files.models import ArticleFile
from crmkit_knowledge.rendering.audiences import COLLEAGUES, CUSTOMERS, EVERYBODY, INTERNAL, PUBLIC
from crmkit_knowledge.rendering.markdown import address_in, render
from crmkit_knowledge.rendering.models import Reference
from crmkit_knowledge.rendering.redirects import articles_named, is_number, names_of

_ = texts("crmkit_knowledge")

NOTE = "knowledge.article.note_links"
MOST = 500
"""Links of one text that are noted."""
PART = 500
_NOTED = "knowledge.references"
_WIDTH = {PUBLIC: 0, CUSTOMERS: 1, "segment": 2, INTERNAL: 3, "role": 4}
WHY = {
    "missing": _("There is no such article"),
    "not_shown": _("The article is not published"),
    "narrower": _("The article is for fewer readers"),
    "file": _("There is no such file"),
    "anchor": _("The text has no such part"),
}


@frozen(kw_only=True)
class Broken:
    """A link that leads nowhere: the article in which it stands, its address as it is written, and why."""

    article_id: UUID
    number: int
    title: str
    address: str
    why: str


def note_references(session: CrmSession, article: Article) -> None:
    """Write the links of what is released of an article anew, within an operation."""
    for row in session.scalars(select(Reference).where(Reference.article_id == article.id)).all():
        session.delete(row)
    session.flush()
    session.add_all(_references(article))
    session.flush()


def note_new(session: CrmSession, articles: Iterable[Article]) -> None:
    """Add the links of articles that are released for the first time, within an operation that flushes them; they are
    not noted again when their release is told."""
    noted: set[UUID] = session.info.setdefault(_NOTED, set())
    for article in articles:
        session.add_all(_references(article))
        noted.add(article.id)


def _references(article: Article) -> list[Reference]:
    return [
        Reference(article_id=article.id, position=at, kind=kind, address=address[:300], named=name, audience=to)
        for at, (kind, name, address, to) in enumerate(_found(article.body or "")[:MOST])
    ]


def broken_links(session: CrmSession) -> list[Broken]:
    """Return the links of published articles that lead to nothing, to what is not published, or to what some of their
    readers must not see; by article."""
    shown = select(Article.id).where(Article.state.in_(STANDING))
    rows = session.scalars(
        select(Reference).where(Reference.article_id.in_(shown)).order_by(Reference.article_id, Reference.position)
    ).all()
    names = articles_named(session, {each.named for each in rows if each.kind == "article"})
    articles = _articles(session, {each.article_id for each in rows} | set(names.values()))
    spaces = {each.id: each for each in session.scalars(select(Space))}
    files = _files(session, {each.article_id for each in rows if each.kind == "file"})
    found: list[Broken] = []
    for row in rows:
        source = articles[row.article_id]
        why = "anchor" if row.kind == "anchor" else None
        if row.kind == "file":
            why = None if (row.article_id, row.named) in files else "file"
        elif row.kind == "article":
            target = articles.get(names[row.named]) if row.named in names else None
            why = _why(row, source, target, spaces)
        if why is not None:
            found.append(
                Broken(article_id=source.id, number=source.number, title=source.title, address=row.address, why=why)
            )
    return sorted(found, key=lambda each: each.number)


def orphans(session: CrmSession) -> list[Article]:
    """Return the published articles that stand in no category and that no published article links to, by number.
    Translations are reached from what they translate."""
    query = select(Article).where(
        Article.state.in_(SHOWN), Article.category_id.is_(None), Article.translates_id.is_(None)
    )
    alone = session.scalars(query.order_by(Article.number)).all()
    shown = select(Article.id).where(Article.state.in_(SHOWN))
    pairs = session.execute(
        select(Reference.article_id, Reference.named)
        .where(Reference.kind == "article", Reference.article_id.in_(shown))
        .distinct()
    ).all()
    names = articles_named(session, {name for _source, name in pairs})
    reached = {names[name] for source, name in pairs if name in names and names[name] != source}
    return [each for each in alone if each.id not in reached]


def linked_from(session: CrmSession, article: Article) -> Sequence[Article]:
    """Return the published articles that link to an article, by number."""
    links = exists().where(
        Reference.article_id == Article.id,
        Reference.kind == "article",
        Reference.named.in_(names_of(session, article)),
    )
    query = select(Article).where(links, Article.state.in_(SHOWN), Article.id != article.id)
    return session.scalars(query.order_by(Article.number)).all()


def links_to(session: CrmSession, article: Article) -> Sequence[Article]:
    """Return the articles that an article links to, by number."""
    rows = session.scalars(
        select(Reference.named).where(Reference.article_id == article.id, Reference.kind == "article")
    )
    ids = set(articles_named(session, set(rows)).values()) - {article.id}
    return sorted(_articles(session, ids).values(), key=lambda each: each.number)


def named_by(address: str) -> tuple[str, str] | None:
    """Return the kind and the name of what an address within the base means, or None for one that leads elsewhere.

    An article is meant by its number, its slug, or a path that ends with its slug.
    """
    kind, rest = address_in(address)
    if kind == "anchor" and rest:
        return "anchor", rest[:255]
    if kind == "file":
        return "file", rest[:255]
    if kind != "article":
        return None
    path = rest.partition("#")[0].partition("?")[0].rstrip("/")
    last = path.rpartition("/")[2].removesuffix(".md").removesuffix(".html")
    return ("article", (str(int(last)) if is_number(last) else last)[:255]) if last else None


def _found(body: str) -> list[tuple[str, str, str, str]]:
    """Return the links of a text: kind, name, address, and the widest audience that sees them."""
    if "[" not in body and "<" not in body:
        return []  # without these there is no link
    found: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    readers = (
        [(PUBLIC, EVERYBODY), (CUSTOMERS, EVERYBODY | {CUSTOMERS}), (INTERNAL, COLLEAGUES)]
        if ":::" in body or "：" in body
        else [(PUBLIC, COLLEAGUES)]
    )
    for audience, reader in readers:
        made = render(body, reader=reader)
        ids = {each.id.partition("-")[2] for each in made.headings}
        for address in made.links:
            meant = named_by(address)
            if meant is None or (meant[0] == "anchor" and meant[1] in ids):
                continue
            found.setdefault(meant, (*meant, address, audience))
    return list(found.values())


def _why(row: Reference, source: Article, target: Article | None, spaces: dict[UUID, Space]) -> str | None:
    if target is None:
        return "missing"
    if target.state not in SHOWN:
        return "not_shown"
    mine = max(_WIDTH[audience_of(spaces[source.space_id], source)], _WIDTH[row.audience])
    theirs = _WIDTH[audience_of(spaces[target.space_id], target)]
    return "narrower" if theirs > mine else None


def _articles(session: CrmSession, ids: set[UUID]) -> dict[UUID, Article]:
    found: dict[UUID, Article] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), PART):
        query = select(Article).where(Article.id.in_(ordered[start : start + PART]))
        found.update({each.id: each for each in session.scalars(query)})
    return found


def _files(session: CrmSession, ids: set[UUID]) -> set[tuple[UUID, str]]:
    found: set[tuple[UUID, str]] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), PART):
        query = select(ArticleFile.article_id, ArticleFile.name)
        part = ordered[start : start + PART]
        found.update((id_, name) for id_, name in session.execute(query.where(ArticleFile.article_id.in_(part))))
    return found


@operation(NOTE, title=_("Note the links of an article"), permission="knowledge.article.read", hidden=True)
def note_links(
    session: CrmSession, *, article_id: Annotated[UUID, Input(title=_("Article"), classified="internal")]
) -> None:
    """Write the links of what is released of an article anew; of one that there is not, nothing."""
    article = session.get(Article, article_id)
    if article is not None:
        note_references(session, article)


def _on_release(session: CrmSession, event: Any) -> None:
    noted: set[UUID] = session.info.get(_NOTED, set())
    if event.article_id in noted:
        noted.remove(event.article_id)
    else:
        session.run(NOTE, {"article_id": event.article_id})


OPERATIONS = [note_links]
SUBSCRIPTIONS = [
    Subscription(
        name="knowledge.references",
        event="knowledge.article.released",
        handler=_on_release,
        phase="before_commit",
        durable=False,
    )
]
