"""Writing articles: adding them, working on a revision, going back to an earlier one, and translating.

What is released is not touched by any of it. Must not know who approves.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, given, new_id, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import RevisionInState, problem
from crmkit_knowledge.articles.finding import (
    category_named,
    in_work,
    next_number,
    revision_numbered,
    slug_of,
    slugs_of,
    space_named,
)
from crmkit_knowledge.articles.inputs import ArticleUpdate, Language, NewArticle, Number, Revised
from crmkit_knowledge.articles.models import Article, Revision, Space
from crmkit_knowledge.articles.readers import set_readers, show_outside
from crmkit_knowledge.patterns.finding import pattern_named
from crmkit_knowledge.patterns.models import Pattern
from crmkit_knowledge.rendering.redirects import remember_address
from crmkit_knowledge.tags.finding import set_tags

_ = texts("crmkit_knowledge")

CREATE, UPDATE = "knowledge.article.create", "knowledge.article.update"


@operation(CREATE, title=_("Write an article"), permission=CREATE, effect="create")
def create_article(session: CrmSession, new: NewArticle) -> Article:
    """Add an article with a first draft; it is shown to nobody but colleagues until it is released. Raises InvalidInput
    for a title that says nothing, NotFound for a space, category or template that there is not.

    With a template the space, kind, language and text are its own where nothing else is said.
    """
    pattern = pattern_named(session, new.pattern) if new.pattern else None
    space = space_named(session, new.space) if new.space or pattern is None else _space_for(session, pattern)
    category = category_named(session, space, new.category) if new.category else None
    title = _line(new.title)
    number = next_number(session)
    article = Article(
        id=new_id(),
        number=number,
        space_id=space.id,
        category_id=category.id if category is not None else None,
        kind=new.kind if pattern is None or new.kind != "how_to" else pattern.kind,
        language=new.language.strip() or (pattern.language if pattern is not None else space.language),
        slug=slug_of(session, title, number),
        title=title,
        owner_id=new.owner_id or session.actor.user_id,
    )
    session.add(article)
    session.flush()
    set_tags(session, article, new.tags)
    set_readers(session, article, new.audience, new.audience_of)
    body = new.body if pattern is None or new.body.strip() else pattern.body
    _begin(session, article, 1, title, new.summary, body, new.note)
    return article


@operation("knowledge.article.revise", title=_("Change the text"), permission=UPDATE, effect="update")
def revise(session: CrmSession, article: Article, changes: Revised) -> Revision:
    """Change the draft of an article; where there is none, a new revision begins with what is released. Raises
    RevisionInState for one that waits for approval or has it, InvalidInput for a title that says nothing."""
    said = given(changes)
    draft = in_work(session, article)
    if draft is not None and draft.state != "draft":
        raise RevisionInState(article.number, draft.number, draft.state)
    if draft is None:
        before = revision_numbered(session, article, article.newest)
        draft = _begin(session, article, article.newest + 1, before.title, before.summary, before.body, "")
    if "title" in said:
        draft.title = _line(said["title"])
    if "summary" in said:
        draft.summary = said["summary"].strip() or None
    if "body" in said:
        draft.body = said["body"]
    if "note" in said:
        draft.note = said["note"].strip() or None
    draft.author_id = session.actor.user_id or draft.author_id
    draft.written_at = session.gate.clock.business_now()
    if article.released is None and article.title != draft.title:
        # Nobody has the address yet: it goes with the title, unless somebody chose it.
        if article.slug in slugs_of(article.title, article.number):
            article.slug = slug_of(session, draft.title, article.number)
        article.title = draft.title
    return draft


@operation("knowledge.article.restore", title=_("Go back to this revision"), permission=UPDATE, effect="update")
def restore(session: CrmSession, article: Article, *, number: Number) -> Revision:
    """Begin a revision with the text of an earlier one. Raises RevisionInState while another one is being worked on,
    NotFound."""
    draft = in_work(session, article)
    if draft is not None:
        raise RevisionInState(article.number, draft.number, draft.state)
    old = revision_numbered(session, article, number)
    made = _begin(session, article, article.newest + 1, old.title, old.summary, old.body, "")
    made.note = f"← {old.number}"
    return made


@operation("knowledge.article.translate", title=_("Translate"), permission=CREATE, effect="create")
def translate_article(session: CrmSession, article: Article, *, language: Language) -> Article:
    """Begin a translation of what is released of an article, as an article of its own that knows which revision it
    translates. Raises AlreadyExists for a language that it has, InvalidInput where nothing is released."""
    source = session.get_one(Article, article.translates_id) if article.translates_id else article
    wanted = language.strip()
    if source.released is None:
        raise problem("language", _("Nothing of it is released yet."))
    known = select(Article.number).where((Article.translates_id == source.id) | (Article.id == source.id))
    there = session.scalar(known.where(Article.language == wanted))
    if not wanted or there is not None:
        raise AlreadyExists(_("In {language} it is article {number}."), language=wanted or "–", number=there or "–")
    released = revision_numbered(session, source, source.released)
    number = next_number(session)
    made = Article(
        id=new_id(),
        number=number,
        space_id=source.space_id,
        category_id=source.category_id,
        kind=source.kind,
        language=wanted,
        slug=f"{source.slug}-{wanted.lower().replace('_', '-')}"[:120],
        title=released.title,
        owner_id=session.actor.user_id or source.owner_id,
        translates_id=source.id,
        translates_number=source.released,
    )
    session.add(made)
    session.flush()
    set_tags(session, made, source.tags, add=True)
    set_readers(session, made, source.audience, source.audience_of)
    _begin(session, made, 1, released.title, released.summary, released.body, "")
    return made


@operation("knowledge.article.follow", title=_("The translation is up to date"), permission=UPDATE, effect="update")
def follow(session: CrmSession, article: Article) -> Article:
    """Say that a translation follows what is released of its source now. Raises InvalidInput for one that translates
    nothing."""
    if article.translates_id is None:
        raise problem("article", _("It translates nothing."))
    article.translates_number = session.get_one(Article, article.translates_id).released
    return article


@operation(UPDATE, title=_("Change the article"), permission=UPDATE, effect="update")
def update_article(session: CrmSession, article: Article, changes: ArticleUpdate) -> Article:
    """Change where an article stands and whose it is, at once. Raises InvalidInput for an address that is none or
    taken, NotFound for a category that the space has not."""
    said = given(changes)
    if "audience" in said or "audience_of" in said:
        audience = said.pop("audience", article.audience)
        names = said.pop("audience_of", article.audience_of if audience == article.audience else ())
        set_readers(session, article, audience, names)
    if "category" in said:
        name = said.pop("category")
        space = session.get_one(Space, article.space_id)
        article.category_id = category_named(session, space, name).id if name else None
    if "slug" in said:
        slug = said.pop("slug").strip()
        if not slug or slug != slug_of_text(slug):
            raise problem("slug", _("An address has small letters, digits and single hyphens."))
        taken = session.scalar(select(Article.id).where(Article.slug == slug, Article.id != article.id))
        if taken is not None:
            raise problem("slug", _("Another article has this address."))
        old, article.slug = article.slug, slug
        remember_address(session, article, old)
    if "tags" in said:
        set_tags(session, article, said.pop("tags"))
    for name, value in said.items():
        setattr(article, name, value)
    show_outside(session, article)
    return article


def _space_for(session: CrmSession, pattern: Pattern) -> Space:
    return session.get_one(Space, pattern.space_id) if pattern.space_id is not None else space_named(session)


def slug_of_text(text: str) -> str:
    """Return a text as far as it can be an address."""
    import re

    return "-".join(re.findall(r"[a-z0-9]+", text))


def is_stale(article: Article, source: Article | None) -> bool:
    """Say whether a translation translates what is not released any more."""
    return source is not None and source.released is not None and (article.translates_number or 0) < source.released


def _begin(
    session: CrmSession, article: Article, number: int, title: str, summary: str | None, body: str, note: str
) -> Revision:
    made = Revision(
        id=new_id(),
        article_id=article.id,
        number=number,
        title=title,
        summary=(summary or "").strip() or None,
        body=body,
        note=note.strip() or None,
        author_id=session.actor.user_id,
        written_at=session.gate.clock.business_now(),
    )
    session.add(made)
    article.newest = number
    session.flush()
    return made


def _line(text: str) -> str:
    found = " ".join(text.split())
    if not found:
        raise problem("title", _("Say what it is about."))
    return found


ArticleId = Annotated[UUID, Input(title=_("Article"), classified="public", resource="knowledge.article")]
OPERATIONS = [create_article, revise, restore, translate_article, follow, update_article]
