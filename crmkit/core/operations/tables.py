"""The tables of the gate: idempotency keys, audit records, events, jobs, ticks and heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Entry, Model, field
from crmkit.core.store.types import json_type


class IdempotencyKey(Model):
    """A key that a caller sent with an operation, with a hash of its input and a reference to its result."""

    __tablename__ = "crm_idempotency"

    actor_id: Mapped[str] = field(String(80), classified="internal", primary_key=True)
    operation: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    key: Mapped[str] = field(String(200), classified="internal", primary_key=True)
    input_hash: Mapped[str] = field(String(64), classified="internal")
    result: Mapped[dict[str, Any] | None] = field(json_type(), classified="internal")
    recorded_at: Mapped[datetime] = field(classified="internal", default=system_now, index=True)


class AuditRecord(Entry):
    """One operation that was run or refused. A batch is one record with the number of its items."""

    __tablename__ = "crm_audit"

    actor_id: Mapped[str] = field(String(80), classified="internal")
    operation: Mapped[str] = field(String(120), classified="internal")
    outcome: Mapped[str] = field(String(8), classified="internal")
    """done, refused or failed."""
    target_table: Mapped[str | None] = field(String(63), classified="internal")
    target_id: Mapped[UUID | None] = field(classified="internal")
    items: Mapped[int] = field(Integer, classified="internal", default=1)
    code: Mapped[str | None] = field(String(10), classified="internal")
    """Code of the error of what was refused or failed."""
    reason: Mapped[str | None] = field(String, classified="internal")
    """Why system scope was used."""

    __table_args__ = (
        Index("ix_crm_audit_target", "target_id", "recorded_at"),
        Index("ix_crm_audit_recorded", "recorded_at"),
    )


class EventRecord(Entry):
    """A domain event in the outbox: written in the transaction of the change that it tells of."""

    __tablename__ = "crm_event"

    name: Mapped[str] = field(String(120), classified="internal")
    payload: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    actor_id: Mapped[str] = field(String(80), classified="internal")
    operation: Mapped[str] = field(String(120), classified="internal")
    cause_id: Mapped[UUID | None] = field(classified="internal")
    depth: Mapped[int] = field(Integer, classified="internal", default=0)

    __table_args__ = (
        Index("ix_crm_event_name", "name", "recorded_at"),
        Index("ix_crm_event_recorded", "recorded_at"),
    )


class JobRecord(Model):
    """A job in the queue. ``state`` is queued, running, done or dead; ``token`` grows with each lease and fences off a
    worker whose lease has run out."""

    __tablename__ = "crm_job"

    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    name: Mapped[str] = field(String(160), classified="internal")
    arguments: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    state: Mapped[str] = field(String(8), classified="internal", default="queued")
    run_at: Mapped[datetime] = field(classified="internal")
    attempts: Mapped[int] = field(Integer, classified="internal", default=0)
    max_attempts: Mapped[int] = field(Integer, classified="internal", default=12)
    token: Mapped[int] = field(Integer, classified="internal", default=0)
    lease_until: Mapped[datetime | None] = field(classified="internal")
    worker: Mapped[str | None] = field(String(120), classified="internal")
    unique_key: Mapped[str | None] = field(String(200), classified="internal", unique=True)
    """Set while the job waits or runs; cleared when it ends, so that the same key can be used again."""
    actor_id: Mapped[str] = field(String(80), classified="internal")
    cause_id: Mapped[UUID | None] = field(classified="internal")
    depth: Mapped[int] = field(Integer, classified="internal", default=0)
    error: Mapped[str | None] = field(String, classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    finished_at: Mapped[datetime | None] = field(classified="internal")

    __table_args__ = (Index("ix_crm_job_due", "state", "run_at", "id"),)


class Schedule(Model):
    """When something that is done from time to time was done last: a periodic job's last tick that was put in the
    queue, or the last backup."""

    __tablename__ = "crm_schedule"

    name: Mapped[str] = field(String(160), classified="internal", primary_key=True)
    last_tick: Mapped[datetime] = field(classified="internal")


class Heartbeat(Model):
    """A worker that is alive, or was when it was last seen."""

    __tablename__ = "crm_heartbeat"

    worker: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    started_at: Mapped[datetime] = field(classified="internal")
    seen_at: Mapped[datetime] = field(classified="internal")
    generation: Mapped[int] = field(Integer, classified="internal", default=0)
