"""The queue of jobs: claiming one under a lease, carrying it out exactly once, putting it back or aside.

A job is claimed in a short transaction and carried out in another, which also completes it: what the handler wrote and
the mark that it is done commit together. The completion names the claim's token, so a worker that has lost its lease
writes nothing. Must not know threads, polling or periods.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from attrs import evolve, field as attr, fields, frozen
from sqlalchemy import ColumnElement, Connection, Update, and_, case, func, or_, select, update

from crmkit.core.operations.events import event_from
from crmkit.core.operations.failures import describe as describe, show_traceback
from crmkit.core.operations.operation import operation
from crmkit.core.operations.outbox import DELIVER
from crmkit.core.operations.registry import EVERY
from crmkit.core.operations.tables import EventRecord, JobRecord
from crmkit.core.operations.unit import Unit
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import parse_id
from crmkit.core.store.sealed import OpenItem, from_bytes, mask
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, JobError, LeaseLost, NestingTooDeep
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.gate import Gate
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")
_log = logging.getLogger("crmkit.jobs")
_JOB = cast(Any, JobRecord).__table__

LEASE = 60
"""Seconds for which a job is claimed where it does not say otherwise; a delivery always takes these."""
LONGEST_PAUSE = 3600.0
"""Most seconds between two attempts."""
WHY = "the queue of jobs"
TICK = "tick"
"""The argument by which a periodic job gets its tick."""

State = Literal["queued", "running", "done", "dead"]
Outcome = Literal["done", "retry", "dead", "lost"]


@frozen(kw_only=True)
class Claim:
    """A job that one worker holds until ``lease_until``. ``token`` tells this claim from earlier and later ones.

    Its arguments stay sealed until it is carried out: see `arguments_of`.
    """

    id: UUID
    name: str
    sealed: bytes | None = attr(repr=False)
    token: int
    attempt: int
    max_attempts: int
    lease: int
    lease_until: datetime
    actor_id: str
    actor: Mapping[str, Any] | None
    cause_id: UUID | None
    depth: int
    correlation_id: UUID | None = None
    apart: bool = False


# --- claiming --------------------------------------------------------------------------------------------------------


def runnable(registry: Registry, *, apart: bool | None = None) -> tuple[str, ...]:
    """Return the names of the jobs that can be carried out here: all, or those alone that run apart, or do not. Jobs of
    any other name stay in the queue untouched, until the plugin that knows them is back."""
    names = sorted(name for name, job in registry.jobs.items() if apart is None or job.apart == apart)
    if apart:
        return tuple(names)
    deliveries = [
        DELIVER + item.name
        for item in registry.subscriptions.values()
        if item.phase == "after_commit" and (item.event == EVERY or item.event in registry.events)
    ]
    return (*names, *sorted(deliveries))


def claim(gate: Gate, worker: str, *, apart: bool | None = None) -> Claim | None:
    """Take the next job that is due, by time and then by id, for as long as its lease says, or return None. ``apart``
    chooses among those that run apart, or do not.

    Each claim counts as an attempt. A job whose worker let its lease run out is put back first, or aside when it has
    no attempt left. Claims of several workers never meet: SQLite has one writer, PostgreSQL skips locked rows.
    """
    now = gate.clock.now()
    names = runnable(gate.registry, apart=apart)
    if not names:
        return None
    with gate.engines.system_read.connect() as connection:
        # Looking needs no lock: workers that find nothing must not stand in the way of those who write.
        if connection.execute(select(_JOB.c.id).where(_is_due(names, now)).limit(1)).first() is None:
            return None
    with gate.engines.system_write.begin() as connection:
        _reclaim(connection, now)
        row = connection.execute(
            select(_JOB)
            .where(_JOB.c.state == "queued", _JOB.c.run_at <= now, _JOB.c.name.in_(names))
            .order_by(_JOB.c.run_at, _JOB.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        declared = gate.registry.jobs.get(row.name)
        lease = declared.lease if declared else LEASE
        until = now + timedelta(seconds=lease)
        connection.execute(
            update(_JOB)
            .where(_JOB.c.id == row.id)
            .values(
                state="running",
                token=row.token + 1,
                attempts=row.attempts + 1,
                lease_until=until,
                worker=worker,
            )
        )
    return Claim(
        id=row.id,
        name=row.name,
        sealed=row.arguments,
        token=row.token + 1,
        attempt=row.attempts + 1,
        max_attempts=row.max_attempts,
        lease=lease,
        lease_until=until,
        actor_id=row.actor_id,
        actor=row.actor,
        cause_id=row.cause_id,
        depth=row.depth,
        correlation_id=row.correlation_id,
        apart=declared is not None and declared.apart,
    )


def _is_due(names: Sequence[str], now: datetime) -> ColumnElement[bool]:
    queued = and_(_JOB.c.state == "queued", _JOB.c.run_at <= now, _JOB.c.name.in_(names))
    return or_(queued, and_(_JOB.c.state == "running", _JOB.c.lease_until < now))


def _reclaim(connection: Connection, now: datetime) -> None:
    expired = (
        select(_JOB.c.id).where(_JOB.c.state == "running", _JOB.c.lease_until < now).with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(expired.limit(100)).scalars())
    if not ids:
        return
    spent = _JOB.c.attempts >= _JOB.c.max_attempts
    connection.execute(
        update(_JOB)
        .where(_JOB.c.id.in_(ids))
        .values(
            state=case((spent, "dead"), else_="queued"),
            finished_at=case((spent, now), else_=None),
            unique_key=case((spent, None), else_=_JOB.c.unique_key),
            error="LeaseLost: the worker stopped, or took longer than its lease",
            lease_until=None,
            worker=None,
        )
    )
    _log.warning("%d jobs of workers that stopped were taken back", len(ids))


def renew(gate: Gate, held: Claim) -> datetime | None:
    """Prolong a claim by its lease, on a connection of its own; return until when, or None where it no longer stands.

    Only PostgreSQL needs this, and jobs that run apart. On SQLite another handler holds the only write lock from its
    beginning to its completion, so nobody can take the job away from it, and nobody could write the renewal.
    """
    until = gate.clock.now() + timedelta(seconds=held.lease)
    with gate.engines.system_write.begin() as connection:
        renewed = connection.execute(update(_JOB).where(*_held(held)).values(lease_until=until)).rowcount == 1
    return until if renewed else None


def _held(held: Claim) -> tuple[Any, ...]:
    return (_JOB.c.id == held.id, _JOB.c.token == held.token, _JOB.c.state == "running")


# --- carrying out ----------------------------------------------------------------------------------------------------


def execute(gate: Gate, held: Claim) -> Outcome:
    """Carry out a claimed job and return what became of it; what its handler raises is kept with the job.

    "done": effect and completion were committed together. "retry": it is queued again, later each time. "dead": it is
    on the dead-letter list, since no attempt is left or another one could not succeed. "lost": another worker has
    taken over; nothing was written.
    """
    try:
        if held.apart:
            _apart(gate, held)
        else:
            gate.retrying(lambda: _once(gate, held))
    except LeaseLost:
        return "lost"
    except (Exception, SystemExit) as error:
        return _failed(gate, held, error)
    return "done"


def _once(gate: Gate, held: Claim) -> None:
    unit = Unit(cause=held.cause_id, cause_depth=held.depth, correlation=held.correlation_id, carrying=True)
    with gate.writing(actor_of(gate.registry, held), unit) as session:
        # Asked again here, since on SQLite the claim may have run out while other writers had the lock.
        _require_standing(session, held)
        _handle(session, held)
        session.flush()
        with region(session, WHY):
            if session.connection().execute(_finished(gate, held)).rowcount != 1:
                raise LeaseLost


def _apart(gate: Gate, held: Claim) -> None:
    """Carry out a job that opens its own transactions, and note afterwards that it is done."""
    actor = actor_of(gate.registry, held)
    with gate.reading(actor) as session:
        _require_standing(session, held)
        arguments = _declared_arguments(session, held)
    gate.registry.jobs[held.name].handler(gate.crm, actor, **arguments)
    with gate.engines.system_write.begin() as connection:
        if connection.execute(_finished(gate, held)).rowcount != 1:
            raise LeaseLost


def _require_standing(session: CrmSession, held: Claim) -> None:
    with region(session, WHY):
        standing = session.connection().execute(select(_JOB.c.id).where(*_held(held))).first()
    if standing is None:
        raise LeaseLost
    if session.gate.rights(session).because == "inactive":
        raise JobError(_("Whoever deferred the job is no active user any more."))


def _finished(gate: Gate, held: Claim) -> Update:
    values = {"finished_at": gate.clock.now(), "unique_key": None, "lease_until": None, "worker": None, "error": None}
    return update(_JOB).where(*_held(held)).values(state="done", **values)


def _handle(session: CrmSession, held: Claim) -> None:
    registry = session.gate.registry
    if held.name.startswith(DELIVER):
        subscription = registry.subscriptions[held.name.removeprefix(DELIVER)]
        subscription.handler(session, _event(session, held))
        return
    registry.jobs[held.name].handler(session, **_declared_arguments(session, held))


def _declared_arguments(session: CrmSession, held: Claim) -> dict[str, Any]:
    job = session.gate.registry.jobs[held.name]
    arguments = arguments_of(session, held)
    if (job.every or job.cron) and isinstance(arguments.get(TICK), str):
        arguments[TICK] = datetime.fromisoformat(arguments[TICK])
    return arguments


def arguments_of(session: CrmSession, held: Claim) -> dict[str, Any]:
    """Return the arguments of a job. Raises JobError when they cannot be opened any more."""
    found = _opened(session, {held.id: held.sealed})
    if held.id not in found:
        raise JobError(_("The arguments of the job cannot be opened."))
    return found[held.id]


def _opened(session: CrmSession, sealed: Mapping[UUID, bytes | None]) -> dict[UUID, dict[str, Any]]:
    """Return the arguments of jobs by their ids; jobs whose arguments cannot be opened are left out."""
    items = [
        OpenItem(table=_JOB.name, field="arguments", record=identity, sealed=envelope)
        for identity, envelope in sealed.items()
        if envelope is not None
    ]
    found: dict[UUID, dict[str, Any]] = {identity: {} for identity, envelope in sealed.items() if envelope is None}
    for item, value in zip(items, session.crm.vault.open_each(session, items), strict=True):
        if isinstance(value, bytes):
            found[item.record] = from_bytes(value, dict[str, Any])
    return found


def _event(session: CrmSession, held: Claim) -> Any:
    identity = parse_id(str(arguments_of(session, held).get("event")))
    table = cast(Any, EventRecord).__table__
    with region(session, WHY):
        row = session.connection().execute(select(table.c.name, table.c.payload).where(table.c.id == identity)).first()
    if row is None:
        raise JobError(_("The event is no longer there."))
    return event_from(session.gate.registry.events[row.name], row.payload)


def actor_of(registry: Registry, held: Claim) -> Actor:
    """Return the actor that a job runs as: whoever deferred it, or the job itself in system scope, as it declares.

    What system scope has deferred runs in system scope.
    """
    if held.name.startswith(DELIVER):
        name = held.name.removeprefix(DELIVER)
        return evolve(Actor.job(f"on:{name}"), reason=name)
    job = registry.jobs[held.name]
    kind, _colon, identity = held.actor_id.partition(":")
    if job.acts_as == "actor" and kind in ("user", "host"):
        return stored_actor(kind, identity, held.actor or {})
    if job.acts_as == "actor" and kind not in ("system", "job"):
        # Nobody gets system scope by having somebody else do it.
        raise JobError(_("The job does not say who deferred it."))
    return evolve(Actor.job(held.name), reason=str(job.title or held.name))


def stored_actor(kind: str, identity: str, kept: Mapping[str, Any]) -> Actor:
    """Return an actor from what a job keeps of it; rights are found out anew."""
    if kind == "host":
        user_id = parse_id(str(kept.get("user_id") or ""))
        return Actor.host(identity, roles=tuple(kept.get("roles", ())), user_id=user_id)
    user_id = parse_id(identity)
    if user_id is None:
        raise JobError(_("The job does not say who deferred it."))
    limits, token = kept.get("limits"), kept.get("token_id")
    return evolve(
        Actor.user(user_id),
        limits=None if limits is None else tuple(limits),
        token_id=None if token is None else parse_id(token),
    )


def _failed(gate: Gate, held: Claim, error: BaseException) -> Outcome:
    show_traceback(error)
    final = held.attempt >= held.max_attempts or isinstance(error, (JobError, NestingTooDeep))
    now = gate.clock.now()
    values: dict[str, Any] = {"error": describe(error), "lease_until": None, "worker": None}
    if final:
        values |= {"state": "dead", "finished_at": now, "unique_key": None}
    else:
        values |= {"state": "queued", "run_at": now + timedelta(seconds=pause(held.attempt))}
    with gate.engines.system_write.begin() as connection:
        if connection.execute(update(_JOB).where(*_held(held)).values(values)).rowcount != 1:
            return "lost"
    return "dead" if final else "retry"


def pause(attempt: int, chance: Callable[[], float] = random.random) -> float:
    """Return the seconds to wait after an attempt failed: 1, 2, 4 … up to an hour, less up to a half by chance, so that
    jobs that failed together do not come back together."""
    longest = min(2.0 ** min(attempt - 1, 20), LONGEST_PAUSE)
    return longest * (1 - chance() / 2)


# --- the list of jobs ------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class JobLine:
    """A job as lists show it; all instants are UTC. ``error`` is what the last attempt failed with, ``arguments`` are
    masked."""

    id: UUID
    name: str
    state: State
    run_at: datetime
    attempts: int
    max_attempts: int
    worker: str | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    arguments: Mapping[str, Any]


def list_jobs(
    session: CrmSession, *, state: State | None = None, name: str | None = None, limit: int = 100
) -> list[JobLine]:
    """Return jobs by time and id, at most ``limit``; the dead-letter list is the one of state "dead"."""
    query = select(_JOB).order_by(_JOB.c.run_at, _JOB.c.id).limit(limit)
    if state is not None:
        query = query.where(_JOB.c.state == state)
    if name is not None:
        query = query.where(_JOB.c.name == name)
    names = [item.name for item in fields(JobLine) if item.name != "arguments"]
    rows = session.execute(query).all()
    known = _opened(session, {row.id: row.arguments for row in rows})
    return [
        JobLine(**{name: getattr(row, name) for name in names}, arguments=mask(known.get(row.id, {}))) for row in rows
    ]


def count_jobs(session: CrmSession) -> dict[tuple[str, State], int]:
    """Return how many jobs there are, by name and state; those that are done are left out."""
    query = select(_JOB.c.name, _JOB.c.state, func.count()).where(_JOB.c.state != "done")
    return {(name, state): number for name, state, number in session.execute(query.group_by(_JOB.c.name, _JOB.c.state))}


@operation("job.retry", title=_("Try a dead job again"), effect="update", permission="job.admin")
def retry_job(session: CrmSession, job: JobRecord) -> JobRecord:
    """Put a job of the dead-letter list back in the queue, with all its attempts. Raises Conflict for any other."""
    if job.state != "dead":
        raise Conflict(_("The job is not on the dead-letter list."))
    job.state = "queued"
    job.attempts = 0
    job.run_at = session.gate.clock.now()
    job.finished_at = None
    return job


@operation("job.discard", title=_("Discard a job"), effect="delete", permission="job.admin")
def discard_job(session: CrmSession, job: JobRecord) -> None:
    """Remove a job that is dead or waits, so that it is never carried out. Raises Conflict while it runs, and for one
    that is done."""
    if job.state not in ("dead", "queued"):
        raise Conflict(_("Only a job that is dead or waits can be discarded."))
    session.delete(job)


OPERATIONS = [retry_job, discard_job]
