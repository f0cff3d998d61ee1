"""Who reads an article: which colleagues, and who else. Must not know how texts are written.

The audience of an article narrows that of its space. Colleagues read everything but what is for roles they have not;
everybody else reads copies, which hold what is for them and nothing besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists, func, select

from crmkit import AccessRule, Actor, CrmkitError, CrmSession, Id, Role, UserRole, catalogue_of, customers_where, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article, PublicText, ReaderRole, Space
from crmkit_knowledge.articles.words import OUTSIDE, SHOWN
from crmkit_knowledge.rendering.audiences import text_for
from crmkit_knowledge.rendering.plain import plain_text

_ = texts("crmkit_knowledge")

ADMIN = "admin"
REASON = _("The article is for colleagues with other roles.")
_WIDTH = {"public": 0, "customers": 1, "segment": 2, "internal": 3, "role": 3}


def audience_of(space: Space, article: Article) -> str:
    """Return for whom an article is: the narrower one of what it and its space say."""
    own = article.audience or space.audience
    return max(space.audience, own, key=_WIDTH.__getitem__) if own != "role" else own


def set_readers(session: CrmSession, article: Article, audience: str | None, names: Sequence[str]) -> None:
    """Have an article be for an audience; ``names`` are the segments or roles that it is for. Raises InvalidInput where
    there are none of them, or where one is not known."""
    named = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if audience in ("segment", "role") and not named:
        raise problem("audience_of", _("Say for which."))
    if audience not in ("segment", "role") and named:
        raise problem("audience_of", _("This is for segments and roles alone."))
    for name in named:
        _check(session, audience or "", name)
    article.audience, article.audience_of = audience, named
    session.flush()
    for row in session.scalars(select(ReaderRole).where(ReaderRole.article_id == article.id)):
        session.delete(row)
    session.flush()
    session.add_all(ReaderRole(article_id=article.id, role=name) for name in named if audience == "role")


def show_outside(session: CrmSession, article: Article) -> None:
    """Have people who are no colleagues read what is released of an article, or nothing where it is not for them."""
    copy = session.scalars(select(PublicText).where(PublicText.article_id == article.id)).first()
    made = copy_for(session, article, session.get_one(Space, article.space_id), copy)
    if made is None and copy is not None:
        session.delete(copy)
    elif made is not None and copy is None:
        session.add(made)


def copy_for(session: CrmSession, article: Article, space: Space, copy: PublicText | None = None) -> PublicText | None:
    """Return what people who are no colleagues read of an article, in the copy that there is or a new one; None where
    it is not for them."""
    audience = audience_of(space, article)
    if article.state not in SHOWN or audience not in OUTSIDE or not space.active or article.body is None:
        return None
    if copy is None:
        copy = PublicText(article_id=article.id, number=article.number)
    readers = frozenset({"public"} if audience == "public" else {"public", "customers"})
    copy.revision, copy.space_id, copy.category_id = article.released or 0, article.space_id, article.category_id
    copy.kind, copy.language, copy.slug = article.kind, article.language, article.slug
    copy.title, copy.summary, copy.body = article.title, article.summary, text_for(article.body, readers)
    copy.plain = plain_text(copy.body)
    copy.audience, copy.audience_of = audience, list(article.audience_of)
    copy.translates_id = article.translates_id
    copy.released_at = article.released_at or session.gate.clock.business_now()
    return copy


def is_for(session: CrmSession, copy: PublicText, customer_id: UUID | None) -> bool:
    """Say whether a text is for a visitor: a customer whose link was followed, or somebody who is not known."""
    if copy.audience == "public":
        return True
    if customer_id is None:
        return False
    if copy.audience == "customers":
        return True
    with session.crm.session(Actor.system("who reads a text")) as whole:
        for name in copy.audience_of:
            try:
                inside = customers_where(whole, f"segment.{name}", among=[customer_id])
                if whole.scalars(inside).first() is not None:
                    return True
            except CrmkitError:
                continue  # a segment that is gone has nobody in it
    return False


def _check(session: CrmSession, audience: str, name: str) -> None:
    if audience == "role":
        known = sorted(session.scalars(select(Role.name).where(Role.active.is_(True))))
        if name not in known:
            message = _('There is no role "{name}". There are: {known}.')
            raise problem("audience_of", message, name=name, known=", ".join(known))
        return
    try:
        catalogue_of(session).checked(f"segment.{name}")
    except CrmkitError as error:
        raise problem("audience_of", _("{reason}"), reason=error.render()) from error


# Who acts is a parameter of every statement: one compiled statement serves everybody.
_USER = bindparam("crmkit_user", type_=Id())


def _not_mine() -> ColumnElement[bool]:
    mine = select(Role.name).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == _USER)
    allowed = exists().where(ReaderRole.article_id == Article.id, ReaderRole.role.in_(mine))
    own = Article.owner_id.is_not(None) & (Article.owner_id == _USER)
    admin = exists().where(UserRole.user_id == _USER, UserRole.role_id == Role.id, Role.name == ADMIN)
    return (func.coalesce(Article.audience, "") == "role") & ~own & ~allowed & ~admin


_DENIED = [AccessRule(effect="deny", where=_not_mine(), reason=REASON)]

_NOT_FOR_THEM = _("The text is for others.")
_STRANGER = [AccessRule(effect="deny", where=PublicText.audience != "public", reason=_NOT_FOR_THEM)]
_CUSTOMER = [AccessRule(effect="deny", where=PublicText.audience == "segment", reason=_NOT_FOR_THEM)]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Keep articles that are for roles from colleagues without them, and texts that are for customers from visitors
    who are none. What is for segments is opened by `is_for` alone."""
    if resource == "knowledge.article" and actor.user_id is not None:
        return _DENIED
    if resource == "knowledge.public_text" and actor.kind == "public":
        return _STRANGER if actor.customer_id is None else _CUSTOMER
    return None
