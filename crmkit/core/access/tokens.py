"""API tokens, as far as rights depend on them: an actor who came by a token has rights only while the token is alive.

Must not know how a token is made, nor how one that comes in is recognised.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.model import Access, Model, field
from crmkit.core.store.types import json_type


class ApiToken(Model):
    """A user's API token, as the SHA-256 of its text. ``prefix`` is the beginning, by which its owner tells it."""

    __tablename__ = "crm_token"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True)
    name: Mapped[str] = field(String(120), classified="internal")
    prefix: Mapped[str] = field(String(20), classified="internal")
    hash: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True)
    scopes: Mapped[list[str]] = field(json_type(), classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    expires_at: Mapped[datetime] = field(classified="internal")
    last_used_at: Mapped[datetime | None] = field(classified="internal")
    """Moved on at most once a minute."""
    revoked_at: Mapped[datetime | None] = field(classified="internal")


_TOKEN: Any = cast(Any, ApiToken).__table__


def is_alive(connection: Connection, token_id: UUID, now: datetime) -> bool:
    """Say whether a token is neither revoked nor expired at an instant (UTC)."""
    alive = select(_TOKEN.c.id).where(_TOKEN.c.id == token_id, _TOKEN.c.revoked_at.is_(None), _TOKEN.c.expires_at > now)
    return connection.execute(alive).first() is not None
