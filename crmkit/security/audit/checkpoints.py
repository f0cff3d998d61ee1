"""Checkpoints: signed statements of where the chain stood, kept outside the database, against which a log that was cut
off or made anew is told.

Made after so many records, after an hour, and on demand. Must not know where statements are sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from attrs import frozen
from sqlalchemy import Connection, insert, select

from crmkit.core.operations.audit_chain import Head, head_of
from crmkit.core.operations.audit_form import canonical
from crmkit.core.operations.auditing import CHECKPOINT
from crmkit.core.operations.events import Internal, event
from crmkit.core.operations.operation import operation
from crmkit.core.operations.tables import AuditCheckpoint
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.keyring import Vault
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts
from crmkit.security.audit import sinks

_ = texts("crmkit")

FORM = "crmkit audit checkpoint 1"
checkpoints: Any = cast(Any, AuditCheckpoint).__table__


@event("audit.checkpointed")
class AuditCheckpointed:
    """The end of the audit log was signed. ``statement`` is the signed line: keep it where the database's
    administrators cannot change it."""

    seq: int
    statement: Internal


@frozen(kw_only=True)
class Checkpoint:
    """A checkpoint: the chain had ``count`` links at ``at`` (UTC), the last with the code ``mac``."""

    seq: int
    mac: bytes
    count: int
    at: datetime
    instance: UUID
    statement: str


def make_statement(vault: Vault, head: Head, at: datetime) -> str:
    """Return the signed statement of where the chain stands: one line of JSON. The signature covers the canonical JSON
    of everything else in it."""
    said: dict[str, Any] = {
        "form": FORM,
        "instance": str(vault.instance_id),
        "seq": head.seq,
        "mac": head.mac.hex(),
        "count": head.seq,
        "at": at.isoformat(),
        "key": vault.public_key.hex(),
    }
    return canonical({**said, "signature": vault.sign(canonical(said)).hex()}).decode()


def read_statement(vault: Vault, line: str) -> Checkpoint | None:
    """Return the checkpoint that a line states, or None where it is none or its signature does not hold."""
    try:
        said: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
        signature = bytes.fromhex(said.pop("signature"))
        if said["form"] != FORM or not vault.verify(canonical(said), signature):
            return None
        return Checkpoint(
            seq=said["seq"],
            mac=bytes.fromhex(said["mac"]),
            count=said["count"],
            at=datetime.fromisoformat(said["at"]),
            instance=UUID(said["instance"]),
            statement=line,
        )
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError):
        return None


def statements(connection: Connection, after: int = 0) -> list[str]:
    """Return the statements that the database keeps, by place, those after one."""
    query = select(checkpoints.c.statement).where(checkpoints.c.seq > after).order_by(checkpoints.c.seq)
    return [str(line) for line in connection.execute(query).scalars()]


def last_place(connection: Connection) -> int:
    """Return the place of the last checkpoint, 0 for none."""
    query = select(checkpoints.c.seq).order_by(checkpoints.c.seq.desc()).limit(1)
    return int(connection.execute(query).scalar() or 0)


@operation(CHECKPOINT, title=_("Sign where the audit log stands"), permission="audit.admin", effect="other")
def checkpoint(session: CrmSession) -> int:
    """Sign where the audit log stands and send the statement out of the database. Returns the place; when there is a
    checkpoint of it already, nothing new is made, and what a sink has missed is sent again."""
    connection = session.connection()
    with region(session, "signing the end of the audit log"):
        session.gate.auditor.chain_pending(connection)
        head, last = head_of(connection), last_place(connection)
        if head.seq > last:
            now = session.gate.clock.now()
            statement = make_statement(session.crm.vault, head, now)
            connection.execute(insert(checkpoints).values(seq=head.seq, statement=statement, recorded_at=now))
            session.emit(AuditCheckpointed(seq=head.seq, statement=statement))
    session.on_commit(lambda: deliver(session.crm))
    return head.seq


def deliver(crm: Any) -> None:
    """Send every sink the statements that it has not got yet. Raises OSError when one cannot be written to."""
    places = sinks.sinks_of(crm.settings)
    if not places:
        return
    why = "sending checkpoints of the audit log"
    with crm.session(crm.system(why)) as session, region(session, why):
        for place in places:
            after = place.last(lambda line: read_statement(crm.vault, line), crm.vault.instance_id)
            lines = statements(session.connection(), after)
            place.send(lines if place.keeps else lines[-1:])


def checkpoint_when_idle(session: CrmSession, *, tick: datetime) -> None:
    """Make a checkpoint for the records of the last hour, if there are any beside those of checkpoints."""
    connection = session.connection()
    with region(session, "looking whether the audit log has grown"):
        grown = head_of(connection).seq - last_place(connection)
    if grown > 1:
        session.run(CHECKPOINT)


OPERATIONS = [checkpoint]
EVENTS = [AuditCheckpointed]
JOBS = [
    Job(
        name="audit.checkpoint_hourly",
        handler=checkpoint_when_idle,
        every="hour",
        catch_up="latest",
        title=_("Sign where the audit log stands"),
        acts_as="system",
    )
]
