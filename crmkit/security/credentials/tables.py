"""The tables of the credentials: nothing in them opens anything, as only hashes and keyed fingerprints are kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.core.store.model import Access, Model, field


class Password(Model):
    """A user's password, as its Argon2id hash."""

    __tablename__ = "crm_password"
    __access__ = Access.system()

    user_id: Mapped[UUID] = field(
        ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    hash: Mapped[str] = field(String(200), classified="internal")
    changed_at: Mapped[datetime] = field(classified="internal")


class OneTimeCode(Model):
    """A code that lets a user set a password once, or sign in once, as the SHA-256 of its signs. ``purpose`` is
    invite, reset or link."""

    __tablename__ = "crm_one_time_code"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True, default=new_id)
    user_id: Mapped[UUID] = field(ForeignKey("crm_user.id", ondelete="CASCADE"), classified="internal", index=True)
    purpose: Mapped[str] = field(String(10), classified="internal")
    hash: Mapped[bytes] = field(LargeBinary(32), classified="internal", unique=True)
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    expires_at: Mapped[datetime] = field(classified="internal")
    used_at: Mapped[datetime | None] = field(classified="internal")
    """When it was redeemed, or given up for a newer one."""


class Throttle(Model):
    """How many guesses somebody has left. ``key`` is a kind of bucket and a keyed fingerprint of what it is for."""

    __tablename__ = "crm_throttle"
    __access__ = Access.system()

    key: Mapped[str] = field(String(80), classified="internal", primary_key=True)
    count: Mapped[int] = field(Integer, classified="internal", default=0)
    """Guesses that were counted since the bucket was last empty."""
    strikes: Mapped[int] = field(Integer, classified="internal", default=0)
    """How often it was full in a row: each time the wait is longer."""
    refused: Mapped[int] = field(Integer, classified="internal", default=0)
    """Attempts that were turned away since it is full."""
    until: Mapped[datetime] = field(classified="internal")
    """When it will be empty again, or what its kind means by it."""
    updated_at: Mapped[datetime] = field(classified="internal")
