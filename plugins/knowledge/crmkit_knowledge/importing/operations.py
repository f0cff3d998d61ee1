"""Taking an article over from elsewhere: it is known again by what it is called there. Must not know files."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from crmkit import CrmSession, operation, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import category_named, in_work, revision_numbered
from crmkit_knowledge.articles.inputs import NewArticle, Revised
from crmkit_knowledge.articles.models import Article, KnowledgeCounter, Revision, Space
from crmkit_knowledge.articles.readers import set_readers, show_outside
from crmkit_knowledge.articles.releasing import archive, hide, put_out
from crmkit_knowledge.articles.words import STANDING
from crmkit_knowledge.articles.writing import create_article, revise
from crmkit_knowledge.importing.inputs import IMPORT, Became, PastArticle, TakenOver, check_slug, title_of
from crmkit_knowledge.importing.many import take_over_many
from crmkit_knowledge.rendering.redirects import article_at, remember_address
from crmkit_knowledge.tags.finding import known_tags, set_tags

_ = texts("crmkit_knowledge")


@operation(IMPORT, title=_("Take an article over"), permission=IMPORT, effect="create", bulk=take_over_many)
def take_over(session: CrmSession, past: PastArticle) -> TakenOver:
    """Take an article over that another system has, or what has changed of it since. It is published at once unless
    said otherwise: it was approved where it comes from. What is being worked on here is left as it is.

    An article is known again by ``id``, where this base has it, else by what it is called elsewhere. What is not given
    of one that is known stays. One without a title gets one from its first words. Tags that are not known are added.
    Raises InvalidInput, NotFound for a space, category or source of a translation that there is not.
    """
    title = title_of(past)
    article = session.get(Article, past.id) if past.id is not None else None
    if article is None:
        query = select(Article).where(Article.external_source == past.source)
        article = session.scalars(query.where(Article.external_id == past.external_id)).first()
    became: Became = "created"
    out = past.publish and past.state != "draft"
    if article is None:
        new = NewArticle(
            title=title, body=past.body, summary=past.summary, space=past.space, category=past.category,
            kind=past.kind or "how_to", language=past.language,
            tags=tuple(known_tags(session, past.tags or (), add=True)),
        )  # fmt: skip
        article = create_article(session, new)
        article.external_source, article.external_id = past.source, past.external_id
        if past.number is not None:
            _number(session, article, past.number)
    else:
        draft = in_work(session, article)
        if draft is not None and (out or draft.state != "draft" or article.released is not None):
            return TakenOver(id=article.id, number=article.number, became="in_work")
        before = draft or revision_numbered(session, article, article.newest)
        became = "unchanged" if _same(before, title, past) else "updated"
        if became == "updated":
            revise(session, article, Revised(title=title, summary=past.summary, body=past.body))
    moved = _place(session, article, past) | _reach(session, article, past)
    moved |= _translate(session, article, past.translates, past.stale)
    if out and (draft := in_work(session, article)) is not None:
        put_out(session, article, draft)
    moved |= out and _stand(session, article, past.state, past.verify_on)
    if moved:
        show_outside(session, article)
    return TakenOver(
        id=article.id, number=article.number, became="updated" if moved and became == "unchanged" else became
    )


def _same(before: Revision, title: str, past: PastArticle) -> bool:
    return (before.title, before.summary or "", before.body) == (title, past.summary.strip(), past.body)


def _number(session: CrmSession, article: Article, number: int) -> None:
    """Give an article the number that it had elsewhere, where nobody has it here."""
    if number == article.number or session.scalar(select(Article.id).where(Article.number == number)) is not None:
        return
    counter = session.scalars(select(KnowledgeCounter)).one()
    # The number that it was given is the last one: it is nobody's now, and comes again.
    counter.last = max(counter.last - 1, number)
    article.number = number
    session.flush()


def _place(session: CrmSession, article: Article, past: PastArticle) -> bool:
    before = (article.category_id, article.kind, list(article.tags), article.slug)
    if past.category:
        article.category_id = category_named(session, session.get_one(Space, article.space_id), past.category).id
    if past.kind is not None:
        article.kind = past.kind
    if past.tags is not None:
        names = known_tags(session, past.tags, add=True)
        if names != list(article.tags):
            set_tags(session, article, names, add=True)
    if past.slug and past.slug != article.slug:
        check_slug(past.slug)
        taken = session.scalar(select(Article.id).where(Article.slug == past.slug, Article.id != article.id))
        if taken is None:
            old, article.slug = article.slug, past.slug
            if article.released is not None:
                remember_address(session, article, old)
    return before != (article.category_id, article.kind, list(article.tags), article.slug)


def _reach(session: CrmSession, article: Article, past: PastArticle) -> bool:
    if past.audience is None:
        return False
    if (past.audience, list(past.audience_of)) == (article.audience, list(article.audience_of)):
        return False
    set_readers(session, article, past.audience, past.audience_of)
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


OPERATIONS = [take_over]
