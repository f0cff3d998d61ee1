"""The outbox: what a transaction has to tell is written with it, and delivered after it.

Durable subscriptions become jobs in the same transaction; the others are called at once after the commit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from attrs import asdict
from sqlalchemy import Connection, insert
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.events import Emitted, event_payload
from crmkit.core.operations.tables import AuditRecord, EventRecord, JobRecord
from crmkit.core.operations.unit import AuditLine, DeferredJob, Unit
from crmkit.core.store.actor import Actor
from crmkit.core.store.ids import new_id

if TYPE_CHECKING:
    from crmkit.core.operations.gate import Gate
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.contributions import Subscription

_log = logging.getLogger("crmkit.outbox")
DELIVER = "deliver:"
"""Prefix of the jobs that deliver an event to a durable subscription."""


class Bell:
    """Wakes the workers of this process when a transaction has put jobs in the queue."""

    def __init__(self) -> None:
        self._listeners: set[threading.Event] = set()

    def listen(self, listener: threading.Event) -> None:
        """Set an event whenever jobs were queued."""
        self._listeners = {*self._listeners, listener}

    def forget(self, listener: threading.Event) -> None:
        """Leave an event alone again."""
        self._listeners = self._listeners - {listener}

    def ring(self) -> None:
        """Wake everybody who listens."""
        for listener in self._listeners:
            listener.set()


def write(session: CrmSession, registry: Registry, *, joined: bool = False) -> None:
    """Write the audit records, events and jobs that a transaction has collected."""
    unit = session.unit
    connection = session.connection()
    for emitted in unit.events:
        for subscription in registry.subscribers(emitted.name):
            if subscription.phase == "after_commit" and (subscription.durable or joined):
                unit.jobs.append(
                    DeferredJob(
                        name=DELIVER + subscription.name,
                        arguments={"event": str(emitted.id)},
                        max_attempts=subscription.attempts,
                        cause_id=emitted.id,
                        depth=emitted.depth + 1,
                    )
                )
    if unit.lines:
        write_audit(connection, unit.lines)
    if unit.events:
        connection.execute(insert(cast(Any, EventRecord).__table__), [_event_row(item) for item in unit.events])
    if unit.jobs:
        write_jobs(connection, registry, unit.jobs, session.actor.id, now=session.gate.clock.now())
        unit.on_commit.append(session.gate.bell.ring)


def write_audit(connection: Connection, lines: Sequence[AuditLine]) -> None:
    """Write audit records."""
    connection.execute(insert(cast(Any, AuditRecord).__table__), [asdict(line) for line in lines])


def write_jobs(
    connection: Connection, registry: Registry, jobs: Sequence[DeferredJob], actor_id: str, *, now: datetime
) -> None:
    """Put jobs in the queue; one whose unique key waits already is left out."""
    rows: list[dict[str, Any]] = []
    for job in jobs:
        declared = registry.jobs.get(job.name)
        attempts = job.max_attempts or (declared.attempts if declared else 12)
        rows.append(
            {
                "id": new_id(),
                "name": job.name,
                "arguments": dict(job.arguments),
                "state": "queued",
                "run_at": job.run_at or now,
                "attempts": 0,
                "max_attempts": attempts,
                "token": 0,
                "unique_key": job.unique,
                "actor_id": actor_id,
                "cause_id": job.cause_id,
                "depth": job.depth,
                "created_at": now,
            }
        )
    dialect = cast(Any, postgresql if connection.dialect.name == "postgresql" else sqlite)
    connection.execute(dialect.insert(cast(Any, JobRecord).__table__).on_conflict_do_nothing(), rows)


def _event_row(item: Emitted) -> dict[str, Any]:
    return {
        "id": item.id,
        "recorded_at": item.recorded_at,
        "name": item.name,
        "payload": event_payload(item.event),
        "actor_id": item.actor_id,
        "operation": item.operation,
        "cause_id": item.cause_id,
        "depth": item.depth,
    }


def deliver_now(gate: Gate, subscription: Subscription, emitted: Emitted) -> None:
    """Call a subscription that is not durable, in a transaction of its own. What it raises costs its own effect only
    and is logged with its name."""
    unit = Unit(cause=emitted.id, cause_depth=emitted.depth + 1)
    try:
        with gate.writing(Actor.job(f"on:{subscription.name}"), unit) as session:
            subscription.handler(session, emitted.event)
    except (Exception, SystemExit):
        _log.exception("subscription %s failed on event %s", subscription.name, emitted.id)
