"""The tables of the vault: the installation, its root keys, and the keys that are wrapped under them.

No key is kept here in plain. Must not know how keys are wrapped.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Model, field


class Installation(Model):
    """The one row that says which installation this database is; everything sealed is bound to it."""

    __tablename__ = "crm_installation"
    __access__ = Access.system()

    id: Mapped[int] = field(Integer, classified="internal", primary_key=True, autoincrement=False)
    instance_id: Mapped[UUID] = field(classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)


class RootKey(Model):
    """A root key, which a provider keeps. ``state`` is active (new keys are wrapped under it), decrypt or retired.

    ``proof`` is a known text wrapped under it, by which another key of the same name is told.
    """

    __tablename__ = "crm_root_key"
    __access__ = Access.system()

    id: Mapped[int] = field(Integer, classified="internal", primary_key=True, autoincrement=False)
    provider: Mapped[str] = field(String(40), classified="internal")
    name: Mapped[str] = field(String(120), classified="internal")
    state: Mapped[str] = field(String(8), classified="internal")
    proof: Mapped[bytes] = field(LargeBinary, classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    backed_up_at: Mapped[datetime | None] = field(classified="internal")
    """When the key was last put into a key backup."""


class DataKey(Model):
    """The key of one subject: a customer, a record that is not about a customer yet, or a table of its own.

    ``subject_id`` follows the subject through merges; ``origin_id`` is who it was made for, which the wrapping binds
    and which never changes. A subject may have several; the newest seals.
    """

    __tablename__ = "crm_data_key"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    subject_id: Mapped[UUID] = field(classified="internal", index=True)
    origin_id: Mapped[UUID] = field(classified="internal")
    root_id: Mapped[int] = field(Integer, classified="internal", index=True)
    wrapped: Mapped[bytes] = field(LargeBinary, classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)


class PurposeKey(Model):
    """A version of a key that serves one purpose for the whole installation: lookups, signatures, and the like.

    ``state`` is coming (looked up, but nothing is written under it yet), active, decrypt (an earlier version that
    values are still kept under) or retired.
    """

    __tablename__ = "crm_purpose_key"
    __access__ = Access.system()

    name: Mapped[str] = field(String(40), classified="internal", primary_key=True)
    version: Mapped[int] = field(SmallInteger, classified="internal", primary_key=True, autoincrement=False)
    root_id: Mapped[int] = field(Integer, classified="internal")
    wrapped: Mapped[bytes] = field(LargeBinary, classified="internal")
    state: Mapped[str] = field(String(8), classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
