"""Transactions of one CRM: opening sessions to read or to write, joining a host's, and what a commit brings with it.

Audit records, events and jobs are written in the transaction; refusals in one of their own, after it. Must not know how
an operation is run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.operations import outbox
from crmkit.core.operations.audit_lines import line_of, new_correlation
from crmkit.core.operations.auditing import CHECKPOINT, Auditor
from crmkit.core.operations.events import Emitted, event_name
from crmkit.core.operations.failures import describe
from crmkit.core.operations.registry import KERNEL, Registry
from crmkit.core.operations.translate import database_error
from crmkit.core.operations.unit import AuditLine, Unit
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.core.store.engine import Engines, begin_to_write, commits_alone
from crmkit.core.store.guard import region
from crmkit.core.store.guard.dialect import guarding
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession, Mode
from crmkit.core.store.tables import Generation
from crmkit.errors import CrmkitError, NestingTooDeep, StaleWrite, WriteOutsideOperation
from crmkit.hooks.contributions import Change
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.guards import Guards
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.gate import Gate

_ = texts("crmkit")
_log = logging.getLogger("crmkit.operations")

_TABLE = cast(Any, Generation).__table__
_GENERATIONS = select(_TABLE.c.name, _TABLE.c.value)
DEPTH = 20
"""How deeply operations may nest, and how long a chain of events may be."""


class Transactions:
    """The transactions of one CRM."""

    def __init__(self, *, crm: Any, engines: Engines, registry: Registry, dispatcher: Dispatcher, clock: Clock) -> None:
        self.crm = crm
        self.engines = engines
        self.registry = registry
        self.dispatcher = dispatcher
        self.clock = clock
        self.bell = outbox.Bell()
        self.auditor = Auditor(self, self._checkpoint)
        self._pending: list[AuditLine] = []
        self._audit_lock = threading.Lock()

    @contextmanager
    def reading(self, actor: Actor) -> Generator[CrmSession]:
        """Open a session that reads."""
        session = CrmSession(
            bind=self.engines.read,
            gate=cast("Gate", self),
            actor=actor,
            mode=Mode.READ,
            unit=Unit(correlation=new_correlation()),
            autoflush=False,
        )
        try:
            yield session
        except (DBAPIError, PoolTimeout) as error:
            raise database_error(error) from error
        finally:
            session.close()

    @contextmanager
    def writing(self, actor: Actor, unit: Unit | None = None) -> Generator[CrmSession]:
        """Open a transaction in which operations can be run; it commits at the end of the block, with everything
        that the operations have to tell."""
        unit = self._prepare(unit or Unit())
        session = CrmSession(bind=self.engines.write, gate=cast("Gate", self), actor=actor, mode=Mode.WRITE, unit=unit)
        try:
            try:
                yield session
                self._finish(session)
                session.end(commit=True)
            except BaseException:
                session.end(commit=False)
                raise
            finally:
                session.close()
                self._audit_refusals(unit)
        except StaleDataError as error:
            raise StaleWrite(fix=_("Read it again and repeat the change.")) from error
        except (DBAPIError, PoolTimeout) as error:
            raise database_error(error) from error
        if unit.writer is not None:
            self.auditor.committed(unit.writer)
        self._after_commit(unit)

    @contextmanager
    def joining(self, actor: Actor, connection: Connection) -> Generator[CrmSession]:
        """Run operations inside a transaction that a host has open on ``connection``; the host commits or rolls back.

        What would follow the commit at once is put in the queue instead, as the host's commit is not ours to see.
        Refusals are audited at the next call that has a transaction of its own. On SQLite the transaction is begun to
        write (``BEGIN IMMEDIATE``) where the driver has not begun it yet. Raises WriteOutsideOperation when there is no
        transaction to join.
        """
        if not connection.in_transaction() or commits_alone(connection):
            raise WriteOutsideOperation(_("The host's connection has no open transaction to join."))
        begin_to_write(connection)
        with guarding(connection), self._joined(actor, connection) as session:
            yield session

    @contextmanager
    def acting(self, session: CrmSession, actor: Actor) -> Generator[CrmSession]:
        """Run operations as another actor inside an open transaction of a job, within that actor's rights. What it
        tells is written with the transaction; when the block fails, what it has changed is undone, and nothing else.
        """
        session.flush()
        before, connection = session.unit, session.connection()
        unit = Unit(cause=before.cause, cause_depth=before.cause_depth, correlation=before.correlation)
        with guarding(connection), self._joined(actor, connection, unit) as inner:
            yield inner
        if unit.writer is not None:
            before.on_commit.append(partial(self.auditor.committed, unit.writer))
        before.on_commit.extend(unit.on_commit)

    @contextmanager
    def _joined(self, actor: Actor, connection: Connection, unit: Unit | None = None) -> Generator[CrmSession]:
        unit = self._prepare(unit or Unit())
        session = CrmSession(
            bind=connection,
            gate=cast("Gate", self),
            actor=actor,
            mode=Mode.WRITE,
            unit=unit,
            join_transaction_mode="create_savepoint",
        )
        try:
            yield session
            self._finish(session, joined=True)
            session.end(commit=True)
        except BaseException as error:
            session.end(commit=False)
            if isinstance(error, StaleDataError):
                raise StaleWrite(fix=_("Read it again and repeat the change.")) from error
            if isinstance(error, DBAPIError):
                raise database_error(error) from error
            raise
        finally:
            session.close()
            with self._audit_lock:
                self._pending.extend(unit.refusals)

    def _prepare(self, unit: Unit) -> Unit:
        unit.correlation = unit.correlation or new_correlation()
        if self.dispatcher.implementers("crmkit_validate_change"):
            unit.validate = self._validate
        return unit

    def _validate(self, session: CrmSession, changes: Sequence[Change]) -> None:
        # Whether a change is right must not depend on what its actor happens to see.
        with region(session, "validation by plugins"):
            Guards(declared=self.registry.guarded).validate(self.dispatcher, session=session, changes=changes)

    def emit(self, session: CrmSession, item: Any, *, id: UUID | None = None) -> None:
        """Buffer an event, under an id that was made for it already, if so. Raises NestingTooDeep at the end of a chain
        of causes that does not end."""
        unit = session.unit
        if unit.cause_depth >= DEPTH:
            raise NestingTooDeep(
                _("The event {name} is the {depth}th of a chain of causes."), name=event_name(item), depth=DEPTH
            )
        unit.events.append(
            Emitted(
                id=id or new_id(),
                name=event_name(item),
                event=item,
                recorded_at=self.clock.now(),
                actor_id=session.actor.id,
                operation=unit.operation,
                cause_id=unit.cause,
                correlation_id=unit.correlation,
                depth=unit.cause_depth,
            )
        )

    def note(
        self,
        session: CrmSession,
        action: str,
        *,
        resource: str | None,
        target: Any,
        subjects: Iterable[UUID],
        details: Mapping[str, Any] | None,
        reason: str | None,
        outcome: str,
        code: str | None,
        items: int,
    ) -> None:
        """Audit what is no operation, as `CrmSession.note` says."""
        unit = session.unit
        line = line_of(
            session.actor,
            action,
            outcome,
            recorded_at=self.clock.now(),
            correlation=unit.correlation,
            resource=resource,
            target=target,
            subjects=subjects,
            details=details,
            reason=reason,
            code=code,
            items=items,
        )
        if session.mode is Mode.WRITE:
            (unit.lines if outcome == "done" else unit.refusals).append(line)
        else:
            self.audit([line])

    def audit(self, lines: Sequence[AuditLine]) -> None:
        """Write audit records in a transaction of their own, at once. Raises what the database raises: what has to be
        audited must not happen when it cannot be."""
        with self.engines.system_write.begin() as connection:
            writer = self.auditor.write(connection, lines)
        self.auditor.committed(writer)

    def _checkpoint(self) -> None:
        if CHECKPOINT in self.registry.operations:
            cast("Gate", self).run(Actor.system("so many records, or so much time, since the last"), CHECKPOINT, {})

    def _finish(self, session: CrmSession, *, joined: bool = False) -> None:
        """Tell the subscriptions before the commit, then write what was buffered."""
        self.tell(session)
        for settle in session.unit.before_commit.values():
            settle(session)
        outbox.write(session, self.registry, joined=joined)

    def tell(self, session: CrmSession) -> None:
        """Tell the subscriptions before the commit what has happened since they were told last."""
        session.flush()
        unit = session.unit
        rounds = 0
        while unit.told < len(unit.events):
            emitted = unit.events[unit.told]
            unit.told += 1
            rounds += 1
            if rounds > 10_000:
                raise NestingTooDeep(_("Subscriptions keep emitting events without end."))
            for subscription in self.registry.subscribers(emitted.name):
                if subscription.phase == "before_commit":
                    before = unit.cause, unit.cause_depth
                    unit.cause, unit.cause_depth = emitted.id, emitted.depth + 1
                    unit.owners.append(self.registry.owners.get(("subscription", subscription.name), KERNEL))
                    try:
                        subscription.handler(session, emitted.event)
                        session.flush()
                    finally:
                        unit.owners.pop()
                        unit.cause, unit.cause_depth = before

    def _after_commit(self, unit: Unit) -> None:
        for callback in unit.on_commit:
            try:
                callback()
            except (Exception, SystemExit) as error:
                # The change is made; what was to follow it must not look like its failure.
                _log.error("what was to follow a commit failed: %s", describe(error))
        for emitted in unit.events:
            for subscription in self.registry.subscribers(emitted.name):
                if subscription.phase == "after_commit" and not subscription.durable:
                    outbox.deliver_now(cast("Gate", self), subscription, emitted)

    def _audit_refusals(self, unit: Unit) -> None:
        with self._audit_lock:
            lines, self._pending = [*self._pending, *unit.refusals], []
        if not lines:
            return
        try:
            self.audit(lines)
        except (SQLAlchemyError, CrmkitError) as error:
            # The change itself is decided; the refusals are written with the next.
            _log.warning("refusals could not be audited yet (%s)", type(error).__name__)
            with self._audit_lock:
                self._pending.extend(lines)

    def flush_refusals(self) -> None:
        """Audit the refusals that happened inside a host's transaction."""
        self._audit_refusals(Unit())

    def generation(self, session: CrmSession, name: str) -> int:
        """Return the counter that tells whether what is kept in memory is still right, as the session's transaction
        found it when it asked for the first one."""
        known = session.info.get("crmkit.generations")
        if known is None or known[0] is not session.get_transaction():
            with region(session, "the generations"):
                rows = session.connection().execute(_GENERATIONS).all()
            known = (session.get_transaction(), {str(name): int(value) for name, value in rows})
            session.info["crmkit.generations"] = known
        return int(known[1].get(name, 0))
