"""The tables of the gate: idempotency keys, the audit log, events, jobs, ticks and heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped

from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Entry, Model, field
from crmkit.core.store.sealed import SealedBytes
from crmkit.core.store.types import json_type


class IdempotencyKey(Model):
    """A key that a caller sent with an operation, with a fingerprint of its input and a reference to its result;
    ``answer`` is a result that is no record, sealed."""

    __tablename__ = "crm_idempotency"
    __access__ = Access.system()

    actor_id: Mapped[str] = field(String(80), classified="internal", primary_key=True)
    operation: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    key: Mapped[str] = field(String(200), classified="internal", primary_key=True)
    input_hash: Mapped[str] = field(String(64), classified="internal")
    result: Mapped[dict[str, Any] | None] = field(json_type(), classified="internal")
    answer: Mapped[bytes | None] = field(SealedBytes, classified="internal")
    recorded_at: Mapped[datetime] = field(classified="internal", default=system_now, index=True)


class AuditRecord(Entry):
    """One operation that was run, refused or failed, or one thing that was noted (a reveal, an export, a sign-in). A
    batch is one record with the number of its items.

    Every column is covered by ``row_mac``. Nothing in a record is sensitive; ids stand for persons.
    """

    __tablename__ = "crm_audit"
    __access__ = Access.system()

    actor_id: Mapped[str] = field(String(80), classified="internal")
    method: Mapped[str | None] = field(String(20), classified="internal")
    """How the actor had signed in."""
    token_id: Mapped[UUID | None] = field(classified="internal")
    address: Mapped[str | None] = field(String(64), classified="internal")
    """The network address that the call came from."""
    operation: Mapped[str] = field(String(120), classified="internal")
    resource: Mapped[str | None] = field(String(120), classified="internal")
    outcome: Mapped[str] = field(String(8), classified="internal")
    """done, refused or failed."""
    target_table: Mapped[str | None] = field(String(63), classified="internal")
    target_id: Mapped[UUID | None] = field(classified="internal")
    items: Mapped[int] = field(Integer, classified="internal", default=1)
    code: Mapped[str | None] = field(String(10), classified="internal")
    """Code of the error of what was refused or failed."""
    reason: Mapped[str | None] = field(String, classified="internal")
    """Why system scope was used, or why something was revealed."""
    correlation_id: Mapped[UUID | None] = field(classified="internal")
    """The same for everything that one call from outside led to, jobs and deliveries included."""
    details: Mapped[str | None] = field(String, classified="internal")
    """A JSON object, kept as text so that its bytes stay as they were signed: names of fields, counts, hashes."""
    subjects_hash: Mapped[bytes | None] = field(LargeBinary, classified="internal")
    """SHA-256 of the sorted ids of the customers that it is about, null for none."""
    commitment: Mapped[bytes | None] = field(LargeBinary, classified="internal")
    """SHA-256 of the payload's salt and the payload; tells nothing once the salt is gone."""
    payload_hash: Mapped[bytes | None] = field(LargeBinary, classified="internal")
    """SHA-256 of the payload's row, so that it can be checked without the key."""
    writer: Mapped[UUID] = field(classified="internal")
    counter: Mapped[int] = field(BigInteger, classified="internal")
    """Counts the writer's records without a gap, so that one is missed that is taken away before it is chained."""
    key_version: Mapped[int] = field(SmallInteger, classified="internal")
    row_mac: Mapped[bytes] = field(LargeBinary, classified="internal")

    __table_args__ = (
        Index("ix_crm_audit_target", "target_id", "recorded_at"),
        Index("ix_crm_audit_recorded", "recorded_at"),
        Index("ix_crm_audit_actor", "actor_id", "recorded_at"),
    )


class AuditSubject(Model):
    """A customer whom an audit record is about. There is no foreign key: the record outlives the customer."""

    __tablename__ = "crm_audit_subject"
    __access__ = Access.system()
    __append_only__ = True

    audit_id: Mapped[UUID] = field(classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(classified="internal", primary_key=True)

    __table_args__ = (Index("ix_crm_audit_subject_customer", "customer_id", "audit_id"),)


class AuditPayload(Model):
    """What an operation was given, sealed under the key of the one customer it is about. Erasing deletes it."""

    __tablename__ = "crm_audit_payload"
    __access__ = Access.system()

    audit_id: Mapped[UUID] = field(classified="internal", primary_key=True)
    salt: Mapped[bytes] = field(LargeBinary, classified="internal")
    sealed: Mapped[bytes] = field(LargeBinary, classified="internal")


class AuditLink(Model):
    """The place of an audit record in the chain: ``mac`` covers the place, the link before, and the record."""

    __tablename__ = "crm_audit_chain"
    __access__ = Access.system()
    __append_only__ = True

    seq: Mapped[int] = field(BigInteger, classified="internal", primary_key=True, autoincrement=False)
    audit_id: Mapped[UUID] = field(classified="internal", unique=True)
    prev_mac: Mapped[bytes] = field(LargeBinary, classified="internal")
    mac: Mapped[bytes] = field(LargeBinary, classified="internal")
    key_version: Mapped[int] = field(SmallInteger, classified="internal")


class AuditPending(Model):
    """A signed audit record that waits for its place in the chain (PostgreSQL)."""

    __tablename__ = "crm_audit_pending"
    __access__ = Access.system()

    audit_id: Mapped[UUID] = field(classified="internal", primary_key=True)


class AuditCheckpoint(Model):
    """A signed statement of where the chain stood; the same line is kept outside the database."""

    __tablename__ = "crm_audit_checkpoint"
    __access__ = Access.system()
    __append_only__ = True

    seq: Mapped[int] = field(BigInteger, classified="internal", primary_key=True, autoincrement=False)
    statement: Mapped[str] = field(String, classified="internal")
    """The line as it was signed and sent out, in JSON."""
    recorded_at: Mapped[datetime] = field(classified="internal", default=system_now)


class EventRecord(Entry):
    """A domain event in the outbox: written in the transaction of the change that it tells of."""

    __tablename__ = "crm_event"
    __access__ = Access.system()

    name: Mapped[str] = field(String(120), classified="internal")
    payload: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    actor_id: Mapped[str] = field(String(80), classified="internal")
    operation: Mapped[str] = field(String(120), classified="internal")
    cause_id: Mapped[UUID | None] = field(classified="internal")
    correlation_id: Mapped[UUID | None] = field(classified="internal")
    depth: Mapped[int] = field(Integer, classified="internal", default=0)
    position: Mapped[int | None] = field(BigInteger, classified="internal")
    """Its place among all events that were committed, from 1 without a gap; given once somebody reads them in order."""

    __table_args__ = (
        Index("ix_crm_event_name", "name", "recorded_at"),
        Index("ix_crm_event_recorded", "recorded_at"),
        Index("ix_crm_event_position", "position", unique=True),
    )


class JobRecord(Model):
    """A job in the queue. ``state`` is queued, running, done or dead; ``token`` grows with each lease and fences off a
    worker whose lease has run out."""

    __tablename__ = "crm_job"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    name: Mapped[str] = field(String(160), classified="internal")
    arguments: Mapped[dict[str, Any]] = field(json_type(), classified="sensitive", default=dict)
    state: Mapped[str] = field(String(8), classified="internal", default="queued")
    run_at: Mapped[datetime] = field(classified="internal")
    attempts: Mapped[int] = field(Integer, classified="internal", default=0)
    max_attempts: Mapped[int] = field(Integer, classified="internal", default=12)
    token: Mapped[int] = field(Integer, classified="internal", default=0)
    lease_until: Mapped[datetime | None] = field(classified="internal")
    worker: Mapped[str | None] = field(String(120), classified="internal")
    unique_key: Mapped[str | None] = field(String(200), classified="internal", unique=True)
    """Set while the job waits or runs; cleared when it ends, so that the same key can be used again. It is a
    fingerprint, since nobody knows what a key is made of."""
    actor_id: Mapped[str] = field(String(80), classified="internal")
    actor: Mapped[dict[str, Any] | None] = field(json_type(), classified="internal")
    """What makes up the actor who deferred it beside the id: the scopes of a token, the roles of a host's actor."""
    cause_id: Mapped[UUID | None] = field(classified="internal")
    correlation_id: Mapped[UUID | None] = field(classified="internal")
    depth: Mapped[int] = field(Integer, classified="internal", default=0)
    error: Mapped[str | None] = field(String, classified="internal")
    created_at: Mapped[datetime] = field(classified="internal", default=system_now)
    finished_at: Mapped[datetime | None] = field(classified="internal")

    __table_args__ = (Index("ix_crm_job_due", "state", "run_at", "id"),)


class Schedule(Model):
    """When something that is done from time to time was done last: a periodic job's last tick that was put in the
    queue, or the last backup."""

    __tablename__ = "crm_schedule"
    __access__ = Access.system()

    name: Mapped[str] = field(String(160), classified="internal", primary_key=True)
    last_tick: Mapped[datetime] = field(classified="internal")


class Heartbeat(Model):
    """A worker that is alive, or was when it was last seen."""

    __tablename__ = "crm_heartbeat"
    __access__ = Access.system()

    worker: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    started_at: Mapped[datetime] = field(classified="internal")
    seen_at: Mapped[datetime] = field(classified="internal")
    generation: Mapped[int] = field(Integer, classified="internal", default=0)
