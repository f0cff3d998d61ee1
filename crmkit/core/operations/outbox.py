"""The outbox: what a transaction has to tell is written with it, and delivered after it.

Durable subscriptions become jobs in the same transaction; the others are called at once after the commit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.events import Emitted, event_payload
from crmkit.core.operations.failures import describe
from crmkit.core.operations.tables import EventRecord, JobRecord
from crmkit.core.operations.unit import DeferredJob, Unit
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.seals import seal_rows

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
                if subscription.wanted is not None and not subscription.wanted(session, emitted.event):
                    continue
                unit.jobs.append(
                    DeferredJob(
                        name=DELIVER + subscription.name,
                        arguments={"event": str(emitted.id)},
                        max_attempts=subscription.attempts,
                        cause_id=emitted.id,
                        correlation_id=emitted.correlation_id,
                        depth=emitted.depth + 1,
                    )
                )
    with region(session, "what a transaction tells"):
        if unit.events:
            connection.execute(insert(cast(Any, EventRecord).__table__), [_event_row(item) for item in unit.events])
        if unit.jobs:
            write_jobs(session, unit.jobs, session.actor)
            unit.on_commit.append(session.gate.bell.ring)
        if unit.lines:
            # Last, since from here on others may have to wait for the chain.
            unit.writer = session.gate.auditor.write(connection, unit.lines, session)


def write_jobs(session: CrmSession, jobs: Sequence[DeferredJob], actor: Actor) -> None:
    """Put jobs in the queue for an actor, their arguments sealed; one whose unique key waits already is left out."""
    connection = session.connection()
    now = session.gate.clock.now()
    rows: list[dict[str, Any]] = []
    for job in jobs:
        declared = session.gate.registry.jobs.get(job.name)
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
                "unique_key": None if job.unique is None else session.crm.vault.fingerprint(job.unique),
                "actor_id": actor.id,
                "actor": _kept(actor),
                "cause_id": job.cause_id,
                "correlation_id": job.correlation_id,
                "depth": job.depth,
                "created_at": now,
            }
        )
    seal_rows(session, JobRecord, rows)
    dialect = cast(Any, postgresql if connection.dialect.name == "postgresql" else sqlite)
    connection.execute(dialect.insert(cast(Any, JobRecord).__table__).on_conflict_do_nothing(), rows)


def _kept(actor: Actor) -> dict[str, Any] | None:
    """Return what has to be kept of an actor beside its id, for a job that acts as it."""
    if actor.kind == "host":
        return {"roles": list(actor.roles), "user_id": None if actor.user_id is None else str(actor.user_id)}
    if actor.limits is None and actor.token_id is None:
        return None
    return {
        "limits": None if actor.limits is None else list(actor.limits),
        "token_id": None if actor.token_id is None else str(actor.token_id),
    }


def _event_row(item: Emitted) -> dict[str, Any]:
    return {
        "id": item.id,
        "recorded_at": item.recorded_at,
        "name": item.name,
        "payload": event_payload(item.event),
        "actor_id": item.actor_id,
        "operation": item.operation,
        "cause_id": item.cause_id,
        "correlation_id": item.correlation_id,
        "depth": item.depth,
    }


def deliver_now(gate: Gate, subscription: Subscription, emitted: Emitted) -> None:
    """Call a subscription that is not durable, in a transaction of its own. What it raises costs its own effect only
    and is logged with its name."""
    unit = Unit(cause=emitted.id, cause_depth=emitted.depth + 1, correlation=emitted.correlation_id, carrying=True)
    try:
        with gate.writing(evolve(Actor.job(f"on:{subscription.name}"), reason=subscription.name), unit) as session:
            subscription.handler(session, emitted.event)
    except (Exception, SystemExit) as error:
        _log.error("subscription %s failed on event %s: %s", subscription.name, emitted.id, describe(error))
