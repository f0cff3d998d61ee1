"""The kernel's tables about itself: plugins and what they own, generations, changes of records."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.model import Access, Entry, Model, field
from crmkit.core.store.types import json_type


class PluginState(Model):
    """What the database knows of a plugin: its state, the reason where it is broken, the version that is in use.

    ``state`` is enabled, disabled, enabling, or purging (the last two mark work that was begun and has to be finished).
    """

    __tablename__ = "crm_plugin"
    __access__ = Access.system()

    name: Mapped[str] = field(String(30), classified="public", primary_key=True)
    state: Mapped[str] = field(String(12), classified="public")
    version: Mapped[str] = field(String(40), classified="public")
    package: Mapped[str] = field(String(120), classified="public")
    distribution: Mapped[str | None] = field(String(120), classified="public")
    reason: Mapped[str | None] = field(String, classified="internal")
    manifest: Mapped[dict[str, Any]] = field(json_type(), classified="public")
    changed_at: Mapped[datetime] = field(classified="internal")


class PluginTable(Model):
    """A table that a plugin owns: known even when the plugin is not loaded or no longer installed."""

    __tablename__ = "crm_plugin_table"
    __access__ = Access.system()

    table_name: Mapped[str] = field(String(63), classified="public", primary_key=True)
    plugin: Mapped[str] = field(String(30), classified="public", index=True)
    customer_column: Mapped[str | None] = field(String(63), classified="public")
    position: Mapped[int] = field(classified="public")
    """Place in the order of creation; tables are dropped the other way round."""


class PersonalDataMap(Model):
    """What a table holds about persons, and what a merge and an erasure do with it."""

    __tablename__ = "crm_personal_data"
    __access__ = Access.system()

    table_name: Mapped[str] = field(String(63), classified="public", primary_key=True)
    column_name: Mapped[str] = field(String(63), classified="public", primary_key=True)
    plugin: Mapped[str] = field(String(30), classified="public", index=True)
    columns: Mapped[list[str]] = field(json_type(), classified="public")
    purpose: Mapped[str] = field(String, classified="public")
    on_merge: Mapped[str] = field(String(12), classified="public")
    on_erase: Mapped[str] = field(String(12), classified="public")
    retention_days: Mapped[int | None] = field(classified="public")
    law: Mapped[str] = field(String(200), classified="public", default="")


class Generation(Model):
    """A counter that grows when something was changed that processes keep in memory: "plugins" or "config"."""

    __tablename__ = "crm_generation"
    __access__ = Access.system()

    name: Mapped[str] = field(String(30), classified="public", primary_key=True)
    value: Mapped[int] = field(classified="public")


class RecordChange(Entry):
    """One change to a record: per field its value before and after. What was created has no row, unless a source
    vouches for it: its first state follows from the present one and the changes since.

    ``changes`` maps a column to ``[before, after]``; for a deletion ``after`` is null throughout. What is sealed in its
    table is kept as the envelopes of its table. ``source`` is the system that vouches for the new values, such as that
    of an import; null where whoever acted does.
    """

    __tablename__ = "crm_change"

    table_name: Mapped[str] = field(String(63), classified="internal")
    record_id: Mapped[UUID] = field(classified="internal")
    customer_id: Mapped[UUID | None] = field(classified="internal")
    kind: Mapped[str] = field(String(8), classified="internal")
    actor_id: Mapped[str] = field(String(80), classified="internal")
    operation: Mapped[str] = field(String(120), classified="internal")
    changes: Mapped[dict[str, Any]] = field(json_type(), classified="personal")
    source: Mapped[str | None] = field(String(60), classified="internal")

    __table_args__ = (
        Index("ix_crm_change_record", "record_id", "recorded_at"),
        Index("ix_crm_change_customer", "customer_id", "recorded_at"),
    )
