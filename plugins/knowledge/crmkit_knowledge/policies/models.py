"""The tables of verification policies, and of what was done because of one."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, Record, Team, User, field, kernel_key, texts
from crmkit_knowledge.articles.models import Article, Category, Space
from crmkit_knowledge.articles.words import AUDIENCES, KINDS
from crmkit_knowledge.policies.words import STEPS

_ = texts("crmkit_knowledge")


class Policy(Record):
    """How often the articles of a kind have to be verified. Of those that an article falls under the first one holds.

    It falls under a policy where everything fits that the policy says: its space, its category or one above it, its
    kind, its readers, a tag, its owner, its team. Days are counted from the day by which it has to be verified:
    ``remind_days`` before it the responsible person is reminded, 0 for never; ``escalate_days`` after it
    ``escalate_to_id``, else the lead of the team, is told; ``hide_days`` after it the article is hidden.
    """

    __tablename__ = "knowledge_policy"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal", default=100)
    space_id: Mapped[UUID | None] = field(
        ForeignKey(Space.id, ondelete="CASCADE"), title=_("Space"), classified="internal", index=True
    )
    category_id: Mapped[UUID | None] = field(
        ForeignKey(Category.id, ondelete="CASCADE"), title=_("Category"), classified="internal", index=True
    )
    kind: Mapped[str | None] = field(String(15), title=_("Kind"), classified="internal", choices=KINDS)
    audience: Mapped[str | None] = field(String(9), title=_("For"), classified="internal", choices=AUDIENCES)
    tag: Mapped[str | None] = field(String(60), title=_("Tag"), classified="internal")
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True
    )
    months: Mapped[int] = field(Integer, title=_("Verified every (months)"), classified="internal", default=12)
    responsible_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Verified by"), classified="internal", index=True
    )
    responsible_team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Verified by the team"), classified="internal", index=True
    )
    remind_days: Mapped[int] = field(Integer, title=_("Reminded before (days)"), classified="internal", default=14)
    escalate_days: Mapped[int | None] = field(Integer, title=_("Escalated after (days)"), classified="internal")
    escalate_to_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Escalated to"), classified="internal", index=True
    )
    hide_days: Mapped[int | None] = field(Integer, title=_("Hidden after (days)"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class PolicyStep(Entry):
    """That somebody was reminded or told of an article, or that it was hidden: once for each day by which it has to be
    verified."""

    __tablename__ = "knowledge_policy_step"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal"
    )
    kind: Mapped[str] = field(String(9), title=_("Step"), classified="internal", choices=STEPS)
    verify_on: Mapped[date] = field(title=_("Verify by"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    policy_id: Mapped[UUID | None] = field(
        ForeignKey(Policy.id, ondelete="SET NULL"), title=_("Policy"), classified="internal", index=True
    )

    __table_args__ = (Index("uq_knowledge_policy_step", "article_id", "verify_on", "kind", unique=True),)


MODELS = [Policy, PolicyStep]
