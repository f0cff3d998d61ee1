"""Which policy holds of an article. Must not know what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article, Category, Space
from crmkit_knowledge.policies.models import Policy


@frozen(kw_only=True)
class Policies:
    """The policies as they stand now, with what is needed to say which of them holds of an article."""

    policies: Sequence[Policy]
    spaces: Mapping[UUID, Space]
    parents: Mapping[UUID, UUID | None]

    def of(self, article: Article) -> Policy | None:
        """Return the first policy that an article falls under, or None."""
        return next((each for each in self.policies if self._fits(each, article)), None)

    def months(self, article: Article) -> int:
        """Return after how many months an article has to be verified, 0 for never."""
        found = self.of(article)
        return found.months if found is not None else self.spaces[article.space_id].verify_months

    def _fits(self, policy: Policy, article: Article) -> bool:
        audience = article.audience or self.spaces[article.space_id].audience
        return (
            policy.space_id in (None, article.space_id)
            and (policy.category_id is None or policy.category_id in self._above(article.category_id))
            and policy.kind in (None, article.kind)
            and policy.audience in (None, audience)
            and (policy.tag is None or policy.tag in article.tags)
            and policy.owner_id in (None, article.owner_id)
            and policy.team_id in (None, article.team_id)
        )

    def _above(self, category: UUID | None) -> set[UUID]:
        found: set[UUID] = set()
        while category is not None and category not in found:
            found.add(category)
            category = self.parents.get(category)
        return found


def policies_of(session: CrmSession) -> Policies:
    """Return the policies as they stand now, in their order."""
    policies = _active(session)
    parents: dict[UUID, UUID | None] = {}
    if any(each.category_id is not None for each in policies):
        parents = dict(session.execute(select(Category.id, Category.parent_id)).all())
    return Policies(
        policies=policies, spaces={each.id: each for each in session.scalars(select(Space))}, parents=parents
    )


def months_for(session: CrmSession, article: Article) -> int:
    """Return after how many months an article has to be verified, 0 for never."""
    if not _active(session):
        return session.get_one(Space, article.space_id).verify_months
    return policies_of(session).months(article)


def _active(session: CrmSession) -> Sequence[Policy]:
    query = select(Policy).where(Policy.active.is_(True)).order_by(Policy.position, Policy.name)
    return session.scalars(query).all()
