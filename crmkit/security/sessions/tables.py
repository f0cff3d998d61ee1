"""The tables of signing in: sessions, steps on the way to one, second factors. None of them holds what opens anything.

Of tokens and codes there are digests; the secret of a second factor is sealed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.model import Access, Model, field
from crmkit.core.store.types import json_type


class BrowserSession(Model):
    """Somebody who is signed in to the pages, as the SHA-256 of the token in the cookie. A session that has ended is
    deleted: the audit log keeps that it was there."""

    __tablename__ = "crm_session"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True)
    hash: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True)
    method: Mapped[str] = field(String(20), classified="internal")
    """password, link, code or sso."""
    factor: Mapped[str | None] = field(String(10), classified="internal")
    """The second factor that was given: totp or recovery."""
    provider: Mapped[str | None] = field(String(60), classified="internal")
    language: Mapped[str | None] = field(String(10), classified="internal")
    agent: Mapped[str | None] = field(String(120), classified="internal")
    """The browser and the system, in a few words, by which its user tells it."""
    address: Mapped[str | None] = field(String(64), classified="internal")
    """Where it was opened from."""
    signed_in_at: Mapped[datetime] = field(classified="internal")
    seen_at: Mapped[datetime] = field(classified="internal", index=True)
    """Moved on at most once a minute."""
    stepped_up_at: Mapped[datetime | None] = field(classified="internal")
    expires_at: Mapped[datetime] = field(classified="internal")


class SignInStep(Model):
    """A sign-in that is not done yet, as the SHA-256 of the token that the browser keeps meanwhile; good once.

    ``kind`` is factor (a code is asked for), set_up (a factor has to be set up first) or sso (a provider was asked).
    """

    __tablename__ = "crm_sign_in_step"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    hash: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True)
    kind: Mapped[str] = field(String(10), classified="internal")
    user_id: Mapped[UUID | None] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True
    )
    method: Mapped[str] = field(String(20), classified="internal")
    provider: Mapped[str | None] = field(String(60), classified="internal")
    data: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict)
    """What the step after it has to know; nothing secret."""
    attempts: Mapped[int] = field(Integer, classified="internal", default=0)
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    expires_at: Mapped[datetime] = field(classified="internal")


class Factor(Model):
    """A user's second factor: an authenticator that makes codes of six digits out of a secret and the time."""

    __tablename__ = "crm_factor"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", unique=True)
    secret: Mapped[str | None] = field(classified="secret")
    confirmed_at: Mapped[datetime | None] = field(classified="internal")
    """When the first code of it was given; before that it is asked of nobody."""
    last_step: Mapped[int] = field(BigInteger, classified="internal", default=0)
    """The half-minute since 1970 of the last code that was taken: neither it nor an earlier one is taken again."""
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)


class RecoveryCode(Model):
    """A code that stands in for the second factor once, as the SHA-256 of its signs (120 bits of chance)."""

    __tablename__ = "crm_recovery_code"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True)
    hash: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True)
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    used_at: Mapped[datetime | None] = field(classified="internal")
