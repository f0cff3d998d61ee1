"""Writing the audit log: signing records, sealing what was given, giving records their place in the chain.

A record, whom it is about and what was given are written with the change, by a handful of statements however many
records there are. Must not know operations, nor who may read the log.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import define
from sqlalchemy import Connection

from crmkit.core.operations import audit_chain, audit_form
from crmkit.core.operations.audit_chain import Head, Signer
from crmkit.core.operations.sealer import Sealer
from crmkit.core.operations.unit import AuditLine
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import SealItem

if TYPE_CHECKING:
    from crmkit.core.operations.transactions import Transactions
    from crmkit.core.store.session import CrmSession

_log = logging.getLogger("crmkit.audit")

CHECKPOINT_EVERY = 1_000
"""Records after which the end of the chain is signed and sent out of the database."""
CHECKPOINT = "audit.checkpoint"
"""The operation that does it."""
SALT = 32


@define
class Writer:
    """One line of records that are counted without a gap; lent to one transaction at a time."""

    id: UUID
    counter: int = 0
    head: Head | None = None
    """The end of the chain as the transaction leaves it, where it chains."""


class Auditor:
    """Writes the audit log of one CRM. It may be used from several threads."""

    def __init__(self, transactions: Transactions, checkpoint: Callable[[], None]) -> None:
        self._house = transactions
        self._checkpoint = checkpoint
        self._writers: list[Writer] = []
        self._lock = threading.Lock()
        self._head: Head | None = None
        self._due = threading.Event()
        self.sealer = Sealer(self.seal, name="crmkit-sealer")

    @cached_property
    def signer(self) -> Signer:
        """Return what records are signed with."""
        codes = self._house.crm.vault.codes(audit_form.PURPOSE)
        return Signer(version=codes.version, mac=codes.versions[codes.version])

    @property
    def deferred(self) -> bool:
        """Say whether records are chained after their transaction instead of in it."""
        return self._house.engines.dialect == "postgresql" and self._house.crm.settings.audit != "strict"

    def write(self, connection: Connection, lines: Sequence[AuditLine], session: CrmSession | None = None) -> Writer:
        """Write records in a transaction. What was given is kept where a session can seal it.

        Returns the writer that counted them; it is to be given to `committed` once the transaction has committed, and
        forgotten otherwise.
        """
        signer = self.signer
        with self._lock:
            writer = self._writers.pop() if self._writers else Writer(new_id())
        sealed = self._sealed(session, lines)
        rows: list[dict[str, Any]] = []
        signed: list[tuple[UUID, bytes]] = []
        for line in lines:
            writer.counter += 1
            row = _row(line)
            if line.id in sealed:
                payload = sealed[line.id]
                row["commitment"] = audit_form.commitment(payload["salt"], cast(bytes, line.payload))
                row["payload_hash"] = audit_form.hash_of_payload(payload["salt"], payload["sealed"])
            row["writer"], row["counter"], row["key_version"] = writer.id, writer.counter, signer.version
            code = signer.mac(audit_form.signed_bytes([audit_form.stored(row[name]) for name in audit_form.SIGNED]))
            row["row_mac"] = code
            rows.append(row)
            signed.append((line.id, code))
        about = [{"audit_id": line.id, "customer_id": subject} for line in lines for subject in line.subjects]
        audit_chain.insert_records(connection, rows, about, list(sealed.values()), deferred=self.deferred)
        if self.deferred:
            self.sealer.expect()
        else:
            audit_chain.hold_chain(connection)
            writer.head = audit_chain.append(connection, signer, signed, self._head)
            self._reached(writer.head.seq, len(signed))
        return writer

    def committed(self, writer: Writer) -> None:
        """Take a writer back whose transaction has committed, and do what has become due."""
        with self._lock:
            self._writers.append(writer)
            self._head = writer.head
        if self.deferred:
            self.sealer.expect()
        elif self._due.is_set():
            self._make_checkpoint()

    def seal(self, *, wait: bool = False) -> int | None:
        """Chain what is pending; return how many records, or None while somebody else does it."""
        with self._house.engines.system_write.begin() as connection:
            done = audit_chain.seal_pending(connection, self.signer, wait=wait)
            if done:
                self._reached(audit_chain.head_of(connection).seq, done)
        if done and self._due.is_set():
            self._make_checkpoint()
        return done

    def chain_pending(self, connection: Connection) -> None:
        """Chain, in a transaction, everything that has been committed; others wait until it has ended."""
        if self.deferred:
            while audit_chain.seal_pending(connection, self.signer, wait=True):
                pass

    def close(self) -> None:
        """Chain what this process has written, and end its sealer."""
        if self.sealer.running:
            self.sealer.stop()
            try:
                while self.seal(wait=True):
                    pass
            except Exception as error:
                _log.warning("the last audit records are left for another process to chain (%s)", type(error).__name__)

    def _reached(self, seq: int, number: int) -> None:
        if seq // CHECKPOINT_EVERY != (seq - number) // CHECKPOINT_EVERY:
            self._due.set()

    def _make_checkpoint(self) -> None:
        self._due.clear()
        try:
            self._checkpoint()
        except Exception as error:
            # What was changed is changed; the next checkpoint covers these records as well.
            _log.warning("no checkpoint of the audit log could be made (%s)", type(error).__name__)

    def _sealed(self, session: CrmSession | None, lines: Sequence[AuditLine]) -> dict[UUID, dict[str, Any]]:
        """Return the rows of the payloads, by record. A payload is kept where the record is about one customer: under
        several persons' keys nobody's erasure would be whole, and under nobody's none would be possible."""
        kept = [line for line in lines if line.payload is not None and len(line.subjects) == 1]
        if session is None or not kept:
            return {}
        items = [
            SealItem(
                subject=line.subjects[0],
                table=audit_chain.payloads.name,
                field="payload",
                record=line.id,
                value=cast(bytes, line.payload),
            )
            for line in kept
        ]
        envelopes = session.crm.vault.seal_many(session, items)
        return {
            line.id: {"audit_id": line.id, "salt": os.urandom(SALT), "sealed": sealed}
            for line, sealed in zip(kept, envelopes, strict=True)
        }


def _row(line: AuditLine) -> dict[str, Any]:
    """Return the columns of a record that do not depend on its writer. Texts are made harmless and fit."""
    harmless = audit_form.harmless
    return {
        "id": line.id,
        "recorded_at": line.recorded_at,
        "actor_id": harmless(line.actor_id, 80),
        "method": harmless(line.method, 20),
        "token_id": line.token_id,
        "address": harmless(line.address, 64),
        "operation": harmless(line.operation, 120),
        "resource": harmless(line.resource, 120),
        "outcome": line.outcome,
        "target_table": line.target_table,
        "target_id": line.target_id,
        "items": line.items,
        "code": line.code,
        "reason": harmless(line.reason, 2_000),
        "correlation_id": line.correlation_id,
        "details": audit_form.details_text(line.details),
        "subjects_hash": audit_form.hash_of_subjects(subject.bytes for subject in line.subjects),
        "commitment": None,
        "payload_hash": None,
    }
