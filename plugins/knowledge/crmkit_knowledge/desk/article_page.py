"""The pages of one article: its text with everything about it, two revisions side by side, and who wrote which line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CrmSession, NotFound, Team, User, texts
from crmkit_knowledge.articles.finding import article_numbered, in_work, revision_numbered, revisions_of
from crmkit_knowledge.articles.models import Article, Category, Revision, Space, Verification
from crmkit_knowledge.articles.readers import audience_of
from crmkit_knowledge.articles.words import (
    AUDIENCES,
    KINDS,
    REVISIONS,
    STANDING,
    STATES,
    VERIFICATIONS,
)
from crmkit_knowledge.articles.writing import is_stale
from crmkit_knowledge.desk.acting import acts_of
from crmkit_knowledge.desk.comparing import blame, compare, near, words
from crmkit_knowledge.desk.editing import editing_of
from crmkit_knowledge.desk.rights import may, own_id
from crmkit_knowledge.desk.showing import looks
from crmkit_knowledge.files.operations import files_of
from crmkit_knowledge.files.pages import address_of
from crmkit_knowledge.rendering.references import linked_from, links_to
from crmkit_knowledge.tags.related import related

_ = texts("crmkit_knowledge")

HOME = "/modules/knowledge"
LOG, RELATED = 20, 5
TONES = {
    "new": "info",
    "published": "good",
    "needs_verification": "warn",
    "hidden": "bad",
    "archived": "",
    "draft": "info",
    "in_review": "warn",
    "approved": "accent",
    "released": "good",
    "superseded": "",
    "verified": "good",
    "overdue": "warn",
}


def article_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of an article shows; ``revision`` says which text, the released one unless said.
    Raises NotFound."""
    article = found_article(session, query)
    space = session.get_one(Space, article.space_id)
    revisions = revisions_of(session, article)
    work = in_work(session, article)
    shown = _shown(session, article, work, query.get("revision", ""))
    source = session.get(Article, article.translates_id) if article.translates_id is not None else None
    stale = is_stale(article, source)
    log = verifications_of(session, article)
    leads_to, leads_from = links_to(session, article), linked_from(session, article)
    people = (each for revision in revisions for each in (revision.author_id, revision.reviewer_id))
    update = may(session, "update")
    return {
        **wording(),
        "article": article,
        "space": space,
        "path": path_to(session, article),
        "audience": audience_of(space, article),
        "shown": shown,
        "html": looks(session, article, shown.body),
        "work": work,
        "revisions": revisions,
        "acts": acts_of(session, article, space, work, source, stale=stale),
        "own_review": _waits_for_others(session, work, space),
        "source": source,
        "stale": stale,
        "translations": translations_of(session, article, source),
        "is_stale": is_stale,
        "log": log,
        "names": names_of(session, User, [article.owner_id, *people, *(each.user_id for each in log)]),
        "teams": names_of(session, Team, [article.team_id]),
        "held": editing_of(session, article),
        "related": related(session, article, RELATED, linked=[each.id for each in (*leads_to, *leads_from)]),
        "files": [(each, address_of(article.number, each.name)) for each in files_of(session, article.id)],
        "links_to": leads_to,
        "links_from": leads_from,
        "today": session.today(),
        "may_edit": update and (work is None or work.state == "draft"),
        "may_restore": update and work is None,
        "may_update": update,
        "is_standing": article.state in STANDING,
        "here": article_path(article),
        "home": HOME,
    }


def compare_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return two revisions of an article side by side: ``a`` and ``b``, the newest one and the one before it unless
    said. Raises NotFound."""
    article = found_article(session, query)
    revisions = revisions_of(session, article)
    newest = revisions[0].number
    right = revision_numbered(session, article, _number(query.get("b", ""), newest))
    left = revision_numbered(session, article, _number(query.get("a", ""), _before(article, right.number)))
    rows = compare(left.body, right.body)
    every = query.get("every") == "1"
    return {
        **wording(),
        "article": article,
        "revisions": revisions,
        "left": left,
        "right": right,
        "titles": words(left.title, right.title) if left.title != right.title else None,
        "summaries": words(left.summary or "", right.summary or "") if left.summary != right.summary else None,
        "rows": rows if every else near(rows),
        "every": every,
        "added": sum(row.kind in ("added", "changed") for row in rows),
        "removed": sum(row.kind in ("removed", "changed") for row in rows),
        "names": names_of(session, User, [left.author_id, right.author_id]),
        "may_restore": may(session, "update") and in_work(session, article) is None,
        "here": article_path(article),
        "home": HOME,
    }


def blame_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the lines of an article's newest text, each with the revision that it came with. Raises NotFound."""
    article = found_article(session, query)
    revisions = {each.number: each for each in reversed(revisions_of(session, article))}
    lines = blame([(number, each.body) for number, each in revisions.items()])
    return {
        **wording(),
        "article": article,
        "lines": lines,
        "revisions": revisions,
        "names": names_of(session, User, (each.author_id for each in revisions.values())),
        "here": article_path(article),
        "home": HOME,
    }


def article_path(article: Article) -> str:
    """Return the path of the page of an article."""
    return f"{HOME}/article?id={article.id}"


def found_article(session: CrmSession, query: Mapping[str, str]) -> Article:
    """Return the article that a page is about, by its ``id`` or its ``number``. Raises NotFound."""
    number = query.get("number", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return article_numbered(session, int(number))
    try:
        found = session.get(Article, UUID(query.get("id", "")))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such article."))
    return found


def path_to(session: CrmSession, article: Article) -> Sequence[Category]:
    """Return the categories that an article stands in, the widest first."""
    found: list[Category] = []
    here = article.category_id
    while here is not None and len(found) < 20:
        category = session.get(Category, here)
        if category is None:
            break
        found.insert(0, category)
        here = category.parent_id
    return found


def translations_of(session: CrmSession, article: Article, source: Article | None) -> Sequence[Article]:
    """Return the other articles that say the same in other languages, the source first."""
    root = source.id if source is not None else article.id
    query = select(Article).where(or_(Article.id == root, Article.translates_id == root), Article.id != article.id)
    return sorted(session.scalars(query), key=lambda each: (each.id != root, each.language))


def verifications_of(session: CrmSession, article: Article) -> Sequence[Verification]:
    """Return the last times that an article was verified or was not, the last one first."""
    query = select(Verification).where(Verification.article_id == article.id)
    return session.scalars(query.order_by(Verification.at.desc(), Verification.id.desc()).limit(LOG)).all()


def names_of(session: CrmSession, model: Any, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Return names by ids."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(wanted)))}


def wording() -> dict[str, Any]:
    """Return the words that templates show for values."""
    return {
        "states": STATES,
        "revision_states": REVISIONS,
        "kinds": KINDS,
        "audiences": AUDIENCES,
        "outcomes": VERIFICATIONS,
        "tones": TONES,
        "article_path": article_path,
    }


def _shown(session: CrmSession, article: Article, work: Revision | None, said: str) -> Revision:
    if said.isascii() and said.isdigit() and len(said) < 9:
        return revision_numbered(session, article, int(said))
    if article.released is not None:
        return revision_numbered(session, article, article.released)
    return work if work is not None else revision_numbered(session, article, article.newest)


def _waits_for_others(session: CrmSession, work: Revision | None, space: Space) -> bool:
    if work is None or work.state != "in_review" or not space.four_eyes or not may(session, "approve"):
        return False
    return work.author_id is not None and work.author_id == own_id(session)


def _before(article: Article, number: int) -> int:
    """Return what a revision is compared with: what is released where it is newer than that, else the one before."""
    released = article.released
    return released if released is not None and released < number else max(number - 1, 1)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default
