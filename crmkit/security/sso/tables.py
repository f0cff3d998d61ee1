"""Who a user is at a provider of single sign-on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.model import Access, Model, field


class Identity(Model):
    """A user's account at a provider: its issuer and the subject that the issuer gives, which together never change."""

    __tablename__ = "crm_identity"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True)
    issuer: Mapped[str] = field(String(500), classified="internal")
    subject: Mapped[str] = field(String(255), classified="internal")
    linked_at: Mapped[datetime] = field(classified="internal", default=system_now)
    last_used_at: Mapped[datetime | None] = field(classified="internal")

    __table_args__ = (UniqueConstraint("issuer", "subject"),)
