"""The pages of the help centre, below ``/s/help``. Must not know how texts are found or rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import func, select

from crmkit import (
    CrmSession,
    InvalidInput,
    NotFound,
    PageFile,
    PublicSite,
    SiteAnswer,
    SiteMove,
    SitePage,
    SiteVisit,
    texts,
)
from crmkit_knowledge.articles.models import PublicText, Space
from crmkit_knowledge.asked.logging import note_search
from crmkit_knowledge.centre.embedding import found_file, text_file
from crmkit_knowledge.centre.feeds import PART, feed, sitemap, sitemap_index
from crmkit_knowledge.centre.finding import (
    Shelf,
    languages_of,
    newest,
    search_texts,
    shelves,
    spaces_of,
    text_at,
    texts_in,
    way_to,
)
from crmkit_knowledge.centre.showing import file_of, rendered, went_to
from crmkit_knowledge.helpful.counting import VISITOR_RIGHTS, note_view, vote
from crmkit_knowledge.helpful.words import REASONS
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

PATH = "help"
MOST = 5
"""Texts of a category that the page of its space names."""
XML = "application/xml"


def answer(session: CrmSession, visit: SiteVisit) -> SiteAnswer | None:
    """Return the page, file or other address at a path of the help centre, or None."""
    first, _slash, rest = visit.path.partition("/")
    if not visit.path:
        return _home(session, visit)
    if visit.path in ("search", "search.json"):
        return _search(session, visit)
    if visit.path == "feed.xml":
        title = session.business().name
        content = feed(newest(session, visit.language), title=title, at=_at(visit))
        return PageFile(content=content, media_type="application/atom+xml")
    if not rest and (part := re.fullmatch(r"sitemap(?:-([1-9][0-9]{0,4}))?\.xml", first)):
        return _map(session, visit, int(part[1]) if part[1] else None)
    if first == "in" and rest:
        return _space(session, visit, *rest.partition("/")[::2])
    if first == "a" and rest:
        slug, _slash, more = rest.partition("/")
        return _text(session, visit, slug) if not more else _file(session, slug, more)
    return None


def _home(session: CrmSession, visit: SiteVisit) -> SitePage:
    spaces = [(space, _shelves(session, space, visit)) for space in spaces_of(session)]
    shown = [(space, found) for space, found in spaces if found[0] or found[1]]
    context = {"spaces": shown, "newest": newest(session, visit.language), "said": "", "most": MOST}
    return SitePage(title=_("Help"), template="knowledge/centre/home.html", canonical="", context=context)


def _space(session: CrmSession, visit: SiteVisit, name: str, category: str) -> SitePage | None:
    space = next((each for each in spaces_of(session) if each.name == name), None)
    if space is None:
        return None
    tree, without = _shelves(session, space, visit)
    if not category:
        context = {"space": space, "shelf": None, "below": tree, "texts": without, "way": (), "said": "", "most": MOST}
        canonical = f"in/{space.name}"
        return SitePage(title=space.title, template="knowledge/centre/space.html", canonical=canonical, context=context)
    shelf = _named(tree, category)
    if shelf is None:
        return None
    context = {
        "space": space,
        "shelf": shelf,
        "below": shelf.below,
        "texts": shelf.texts,
        "way": way_to(session, shelf.category.parent_id),
        "said": "",
        "most": MOST,
    }
    return SitePage(
        title=shelf.category.title,
        template="knowledge/centre/space.html",
        canonical=f"in/{space.name}/{shelf.category.name}",
        context=context,
    )


def _text(session: CrmSession, visit: SiteVisit, slug: str) -> SiteAnswer | None:
    if slug.endswith(".json"):
        embedded = text_at(session, slug.removesuffix(".json"))
        return text_file(session, visit, embedded, _at(visit)) if embedded is not None else None
    text = text_at(session, slug)
    if text is None:
        moved = went_to(session, slug)
        return SiteMove(path=f"a/{moved}", for_ever=True) if moved else None
    languages = languages_of(session, text)
    if visit.chosen and visit.chosen != text.language and visit.chosen in languages:
        return SiteMove(path=f"a/{languages[visit.chosen]}")
    if visit.key:
        search_id, rank = _came_from(visit)
        note_view(session, text.article_id, visit_key=visit.key, door="centre", search_id=search_id, rank=rank)
    space = session.get_one(Space, text.space_id)
    context = {
        "text": text,
        "reasons": REASONS,
        "voted": "voted" in visit.query,
        "space": space,
        "way": way_to(session, text.category_id),
        "body": rendered(session, text, base=visit.base),
        "others": {language: path for language, path in languages.items() if language != text.language},
        "wanted": visit.language if visit.language != text.language else None,
        "said": "",
    }
    return SitePage(
        title=text.title,
        template="knowledge/centre/text.html",
        canonical=f"a/{text.slug}",
        others={language: f"a/{path}" for language, path in languages.items()} if len(languages) > 1 else {},
        language=text.language,
        context=context,
    )


def submit(session: CrmSession, visit: SiteVisit, values: Mapping[str, tuple[str, ...]]) -> SiteAnswer:
    """Keep what a visitor says of a text. Raises NotFound for a text that there is not, InvalidInput for what nobody
    can say."""
    first, _slash, slug = visit.path.partition("/")
    text = text_at(session, slug) if first == "a" else None
    if text is None:
        raise NotFound(_("There is no such text."))

    def said(name: str) -> str:
        return values.get(name, ("",))[0].strip()

    if said("helpful") not in ("yes", "no") or said("reason") not in ("", *REASONS):
        raise InvalidInput(_("This form cannot be read."))
    helpful = said("helpful") == "yes"
    vote(
        session,
        text.article_id,
        helpful=helpful,
        visit_key=visit.key or "machine",
        reason=None if helpful or not said("reason") else cast(Any, said("reason")),
        comment="" if helpful else said("comment"),
    )
    return SiteMove(path=f"a/{text.slug}?voted=1#helpful")


def _came_from(visit: SiteVisit) -> tuple[UUID | None, int]:
    """Return the search that has led to a text, and the place that it had there."""
    noted, _dot, rank = visit.query.get("from", ("",))[0].partition(".")
    try:
        return UUID(noted), int(rank[:4] or 1)
    except ValueError:
        return None, 1


def _file(session: CrmSession, slug: str, rest: str) -> PageFile | None:
    text = text_at(session, slug)
    kind, _slash, name = rest.partition("/")
    return file_of(session, text, name) if text is not None and kind == "file" else None


def _search(session: CrmSession, visit: SiteVisit) -> SiteAnswer:
    said = " ".join(" ".join(visit.query.get("q", ("",))).split())
    found = search_texts(session, said, visit.language) if said else ()
    noted = None
    if said and visit.key:
        hits = [each.hit for each in found]
        noted = note_search(session, said, hits=hits, where="centre", visit_key=visit.key, language=visit.language)
    if visit.path == "search.json":
        return found_file(said, found, _at(visit))
    spaces = {each.id: each for each in spaces_of(session)}
    context: Mapping[str, Any] = {"said": said, "found": found, "spaces": spaces, "noted": noted}
    return SitePage(title=_("Search"), template="knowledge/centre/search.html", indexed=False, context=context)


def _map(session: CrmSession, visit: SiteVisit, part: int | None) -> PageFile | None:
    number = session.scalar(select(func.count()).select_from(PublicText)) or 0
    parts = max(1, -(-number // PART))
    if part is None and parts > 1:
        return PageFile(content=sitemap_index(parts, at=_at(visit)), media_type=XML)
    if part is not None and part > parts:
        return None
    query = select(PublicText.slug, PublicText.released_at).order_by(PublicText.number)
    rows = session.execute(query.limit(PART).offset(PART * ((part or 1) - 1)))
    pages = [(f"a/{slug}", released_at) for slug, released_at in rows]
    first = [("", None)] if (part or 1) == 1 else []
    return PageFile(content=sitemap([*first, *pages], at=_at(visit)), media_type=XML)


def _shelves(session: CrmSession, space: Space, visit: SiteVisit) -> tuple[tuple[Shelf, ...], tuple[PublicText, ...]]:
    return shelves(session, space, texts_in(session, space, visit.language))


def _named(tree: tuple[Shelf, ...], name: str) -> Shelf | None:
    for each in tree:
        found = each if each.category.name == name else _named(each.below, name)
        if found is not None:
            return found
    return None


def _at(visit: SiteVisit) -> Callable[[str], str]:
    return lambda path: f"{visit.base}/{quote(path)}" if path else visit.base


PUBLIC_SITES = [
    PublicSite(
        name="knowledge.centre",
        path=PATH,
        title=_("Help centre"),
        answer=answer,
        submit=submit,
        rights=[
            "knowledge.public_text.read",
            "knowledge.space.read",
            "knowledge.category.read",
            "knowledge.synonym.read",
            *VISITOR_RIGHTS,
        ],
        embedders=lambda settings: settings_of(settings).embed_origins,
    )
]
