"""Taking an article over from elsewhere: it is known again by what it is called there. Must not know files."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import category_named, in_work, revision_numbered
from crmkit_knowledge.articles.inputs import (
    Body,
    CategoryName,
    Kind,
    Language,
    NewArticle,
    Readers,
    ReadersOf,
    Revised,
    Slug,
    SpaceName,
    Summary,
    Tags,
    Title,
)
from crmkit_knowledge.articles.models import Article, KnowledgeCounter, Revision, Space
from crmkit_knowledge.articles.readers import set_readers, show_outside
from crmkit_knowledge.articles.releasing import archive, hide, put_out
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.articles.writing import create_article, revise, slug_of_text
from crmkit_knowledge.rendering.plain import plain_text
from crmkit_knowledge.rendering.redirects import article_at, remember_address
from crmkit_knowledge.tags.finding import known_tags, set_tags

_ = texts("crmkit_knowledge")

IMPORT = "knowledge.article.import"
TITLE = 80
"""Characters of a title that is made."""
Became = Literal["created", "updated", "unchanged", "in_work"]
State = Literal["draft", "published", "needs_verification", "hidden", "archived"]


@frozen(kw_only=True)
class TakenOver:
    """What became of an article: its id and number, and whether it was made, was changed, said the same already, or is
    being worked on here and was left as it is."""

    id: UUID
    number: int
    became: Became


@operation(IMPORT, title=_("Take an article over"), permission=IMPORT, effect="create")
def take_over(
    session: CrmSession,
    *,
    source: Annotated[str, Input(title=_("System"), max_length=60, classified="internal")],
    external_id: Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")],
    body: Body,
    title: Title = "",
    summary: Summary = "",
    space: SpaceName = "",
    category: CategoryName = "",
    kind: Kind | None = None,
    language: Language = "",
    tags: Tags | None = None,
    audience: Readers | None = None,
    audience_of: ReadersOf = (),
    slug: Slug = "",
    state: Annotated[State | None, Input(title=_("State"), classified="internal")] = None,
    verify_on: Annotated[date | None, Input(title=_("Verify by"), classified="internal")] = None,
    translates: Annotated[
        str, Input(title=_("Translation of"), help=_("Its address."), max_length=120, classified="public")
    ] = "",
    stale: Annotated[bool, Input(title=_("The translation is behind"), classified="internal")] = False,
    number: Annotated[
        int | None, Input(title=_("Number"), help=_("Kept where it is free."), minimum=1, classified="public")
    ] = None,
    id: Annotated[UUID | None, Input(title=_("Article"), classified="public")] = None,
    publish: Annotated[bool, Input(title=_("Publish at once"), classified="internal")] = True,
) -> TakenOver:
    """Take an article over that another system has, or what has changed of it since. It is published at once unless
    said otherwise: it was approved where it comes from. What is being worked on here is left as it is.

    An article is known again by ``id``, where this base has it, else by what it is called elsewhere. What is not given
    of one that is known stays. One without a title gets one from its first words. Tags that are not known are added.
    Raises InvalidInput, NotFound for a space, category or source of a translation that there is not.
    """
    title = " ".join(title.split()) or _first_words(body)
    article = session.get(Article, id) if id is not None else None
    if article is None:
        query = select(Article).where(Article.external_source == source, Article.external_id == external_id)
        article = session.scalars(query).first()
    became: Became = "created"
    out = publish and state != "draft"
    if article is None:
        new = NewArticle(
            title=title, body=body, summary=summary, space=space, category=category, kind=kind or "how_to",
            language=language, tags=tuple(known_tags(session, tags or (), add=True)),
        )  # fmt: skip
        article = create_article(session, new)
        article.external_source, article.external_id = source, external_id
        if number is not None:
            _number(session, article, number)
    elif in_work(session, article) is not None:
        draft = _draft(session, article)
        if out or draft.state != "draft" or article.released is not None:
            return TakenOver(id=article.id, number=article.number, became="in_work")
        became = "unchanged" if _same(draft, title, summary, body) else "updated"
        if became == "updated":
            revise(session, article, Revised(title=title, summary=summary, body=body))
    else:
        before = revision_numbered(session, article, article.newest)
        became = "unchanged" if _same(before, title, summary, body) else "updated"
        if became == "updated":
            revise(session, article, Revised(title=title, summary=summary, body=body))
    moved = _place(session, article, category, kind, tags, slug) | _reach(session, article, audience, audience_of)
    moved |= _translate(session, article, translates, stale)
    if out and in_work(session, article) is not None:
        put_out(session, article, _draft(session, article))
    moved |= out and _stand(session, article, state, verify_on)
    if moved:
        show_outside(session, article)
    return TakenOver(
        id=article.id, number=article.number, became="updated" if moved and became == "unchanged" else became
    )


def _first_words(body: str) -> str:
    """Return the first sentence of a text, or as much of it as a title holds."""
    said = next((line for line in plain_text(body[: TITLE * 50]).splitlines() if line.strip()), "")
    sentence = re.split(r"(?<=[.!?])\s|(?<=[。！？])", said, maxsplit=1)[0].strip()
    if len(sentence) <= TITLE:
        return sentence
    head, _space, _rest = sentence[:TITLE].rpartition(" ")
    return f"{head or sentence[: TITLE - 1]}…"


def _same(before: Revision, title: str, summary: str, body: str) -> bool:
    return (before.title, before.summary or "", before.body) == (" ".join(title.split()), summary.strip(), body)


def _number(session: CrmSession, article: Article, number: int) -> None:
    """Give an article the number that it had elsewhere, where nobody has it here."""
    if number == article.number or session.scalar(select(Article.id).where(Article.number == number)) is not None:
        return
    counter = session.scalars(select(KnowledgeCounter)).one()
    # The number that it was given is the last one: it is nobody's now, and comes again.
    counter.last = max(counter.last - 1, number)
    article.number = number
    session.flush()


def _place(
    session: CrmSession, article: Article, category: str, kind: str | None, tags: tuple[str, ...] | None, slug: str
) -> bool:
    before = (article.category_id, article.kind, list(article.tags), article.slug)
    if category:
        article.category_id = category_named(session, session.get_one(Space, article.space_id), category).id
    if kind is not None:
        article.kind = kind
    if tags is not None:
        names = known_tags(session, tags, add=True)
        if names != list(article.tags):
            set_tags(session, article, names, add=True)
    if slug and slug != article.slug:
        if slug != slug_of_text(slug):
            raise problem("slug", _("An address has small letters, digits and single hyphens."))
        taken = session.scalar(select(Article.id).where(Article.slug == slug, Article.id != article.id))
        if taken is None:
            old, article.slug = article.slug, slug
            if article.released is not None:
                remember_address(session, article, old)
    return before != (article.category_id, article.kind, list(article.tags), article.slug)


def _reach(session: CrmSession, article: Article, audience: str | None, names: tuple[str, ...]) -> bool:
    if audience is None or (audience, list(names)) == (article.audience, list(article.audience_of)):
        return False
    set_readers(session, article, audience, names)
    return True


def _translate(session: CrmSession, article: Article, slug: str, stale: bool) -> bool:
    if not slug:
        return False
    found = article_at(session, slug)
    if found is None or found.id == article.id:
        raise problem("translates", _('There is no article at "{slug}" that this one translates.'), slug=slug)
    number = (found.released or 1) - 1 if stale else found.released
    before = (article.translates_id, article.translates_number)
    article.translates_id, article.translates_number = found.id, number
    return before != (found.id, number)


def _stand(session: CrmSession, article: Article, state: str | None, verify_on: date | None) -> bool:
    before = (article.state, article.verify_on)
    if state == "archived" and article.state in STANDING:
        archive(session, article)
    elif state in ("needs_verification", "hidden") and article.state != state and article.state in STANDING:
        article.state = "needs_verification"
        if state == "hidden":
            hide(session, article)
    if verify_on is not None and article.state in STANDING:
        article.verify_on = verify_on
    return before != (article.state, article.verify_on)


def _draft(session: CrmSession, article: Article) -> Revision:
    found = in_work(session, article)
    assert found is not None
    return found


OPERATIONS = [take_over]
