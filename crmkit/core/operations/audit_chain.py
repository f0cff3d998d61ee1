"""The chain of the audit log: giving signed records their places, each bound to the one before.

On SQLite in the transaction that writes them; on PostgreSQL one sealer at a time does it soon after, for whatever is
pending, so that writers need not wait for each other. Must not know what the records say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import Connection, delete, select, text

from crmkit.core.operations.audit_form import GENESIS, Mac, link_bytes
from crmkit.core.operations.tables import AuditLink, AuditPayload, AuditPending, AuditRecord, AuditSubject
from crmkit.core.store.bulk import insert_rows

links: Any = cast(Any, AuditLink).__table__
pending: Any = cast(Any, AuditPending).__table__
records: Any = cast(Any, AuditRecord).__table__
subjects: Any = cast(Any, AuditSubject).__table__
payloads: Any = cast(Any, AuditPayload).__table__

BATCH = 5_000
"""Most records that one pass of the sealer chains."""
_LOCK = "SELECT pg_{how}advisory_xact_lock(hashtextextended('crmkit audit ' || current_schema(), 0))"

_AND_PENDING = (
    "WITH written AS ({insert} RETURNING id){beside} INSERT INTO crm_audit_pending (audit_id) SELECT id FROM written"
)
_AND_SUBJECTS = (
    ", about AS (INSERT INTO crm_audit_subject (audit_id, customer_id)"
    " SELECT id, unnest(CAST(%s AS uuid[])) FROM written)"
)
_AND_PAYLOAD = (
    ", given AS (INSERT INTO crm_audit_payload (audit_id, salt, sealed)"
    " SELECT id, CAST(%s AS bytea), CAST(%s AS bytea) FROM written)"
)

_BEHIND = (
    "INSERT INTO crm_audit_chain (seq, audit_id, prev_mac, mac, key_version) SELECT ?, ?, ?, ?, ?"
    " WHERE EXISTS (SELECT 1 FROM crm_audit_chain WHERE seq = ? AND mac = ?)"
    " AND NOT EXISTS (SELECT 1 FROM crm_audit_chain WHERE seq >= ?)"
)


@frozen(kw_only=True)
class Signer:
    """The version of the key that is in use, and what makes codes with it."""

    version: int
    mac: Mac


@frozen(kw_only=True)
class Head:
    """The last link of the chain; ``seq`` is 0 while there is none."""

    seq: int
    mac: bytes


def head_of(connection: Connection) -> Head:
    """Return the end of the chain."""
    row = connection.execute(select(links.c.seq, links.c.mac).order_by(links.c.seq.desc()).limit(1)).first()
    return Head(seq=0, mac=GENESIS) if row is None else Head(seq=row.seq, mac=bytes(row.mac))


def append(
    connection: Connection, signer: Signer, signed: Sequence[tuple[UUID, bytes]], known: Head | None = None
) -> Head:
    """Chain records, given as id and code, in their order; return the new end. Whoever calls this is the only one.

    ``known`` is the end as it was when this process last saw it: on SQLite one record is put behind it by a single
    statement, if it still is the end.
    """
    if known is not None and len(signed) == 1 and connection.dialect.name == "sqlite":
        made = _append_behind(connection, signer, known, *signed[0])
        if made is not None:
            return made
    head = head_of(connection)
    seq, mac = head.seq, head.mac
    rows: list[dict[str, Any]] = []
    for audit_id, row_mac in signed:
        seq, previous = seq + 1, mac
        mac = signer.mac(link_bytes(seq, previous, audit_id.bytes, row_mac))
        rows.append({"seq": seq, "audit_id": audit_id, "prev_mac": previous, "mac": mac, "key_version": signer.version})
    insert_rows(connection, links, rows)
    return Head(seq=seq, mac=mac)


def _append_behind(connection: Connection, signer: Signer, known: Head, audit_id: UUID, row_mac: bytes) -> Head | None:
    seq = known.seq + 1
    mac = signer.mac(link_bytes(seq, known.mac, audit_id.bytes, row_mac))
    values = (seq, audit_id.bytes, known.mac, mac, signer.version, known.seq, known.mac, seq)
    put = connection.exec_driver_sql(_BEHIND, values)
    return Head(seq=seq, mac=mac) if put.rowcount == 1 else None


def hold_chain(connection: Connection) -> None:
    """Wait until nobody else chains, and hold the chain until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_LOCK.format(how="")))


def insert_records(
    connection: Connection,
    rows: Sequence[dict[str, Any]],
    about: Sequence[dict[str, Any]],
    given: Sequence[dict[str, Any]],
    *,
    deferred: bool,
) -> None:
    """Write records, whom they are ``about`` and what was ``given``. Where they are chained later, the same statement
    lets the sealer know of them, and one record is written with everything by a single statement."""
    parts = ""
    values: list[Any] = []
    if deferred and len(rows) == 1:
        if about:
            parts += _AND_SUBJECTS
            values.append([row["customer_id"] for row in about])
        for row in given:
            parts += _AND_PAYLOAD
            values += row["salt"], row["sealed"]
        about = given = ()
    within = _AND_PENDING.replace("{beside}", parts) if deferred else None
    insert_rows(connection, records, rows, within=within, beside=tuple(values))
    insert_rows(connection, subjects, about)
    insert_rows(connection, payloads, given)


def seal_pending(connection: Connection, signer: Signer, *, wait: bool = False) -> int | None:
    """Chain what is pending (PostgreSQL), a batch at most; return how many, or None while somebody else does it.

    What is pending is asked for by itself: records are committed in another order than they were made in, so none can
    be passed over by looking only behind the last one. A writer's own records stay in the order of its counter.
    """
    if wait:
        hold_chain(connection)
    elif not connection.execute(text(_LOCK.format(how="try_"))).scalar():
        return None
    rows = connection.execute(
        select(records.c.id, records.c.row_mac)
        .join(pending, pending.c.audit_id == records.c.id)
        .order_by(records.c.counter, records.c.recorded_at, records.c.id)
        .limit(BATCH)
    ).all()
    if not rows:
        return 0
    append(connection, signer, [(row.id, bytes(row.row_mac)) for row in rows])
    connection.execute(delete(pending).where(pending.c.audit_id.in_([row.id for row in rows])))
    return len(rows)
