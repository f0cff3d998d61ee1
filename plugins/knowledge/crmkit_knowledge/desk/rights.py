"""What whoever reads may do with articles, for buttons; the gate decides again when one is pressed."""

from __future__ import annotations

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article, Revision, Space

ARTICLE = "knowledge.article"


def may(session: CrmSession, action: str, resource: str = ARTICLE) -> bool:
    """Say whether whoever reads may do something with some record of a resource."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


def own_id(session: CrmSession) -> object:
    """Return the id of the user who reads, or None."""
    return session.guarding.rights.user_id


def may_approve(session: CrmSession, article: Article, revision: Revision, space: Space) -> bool:
    """Say whether whoever reads may approve a revision: with the right, and not their own where four eyes are
    wanted."""
    own = revision.author_id is not None and revision.author_id == own_id(session)
    return may(session, "approve") and not (own and space.four_eyes)
