"""The gate: the one way in for every change.

In this order: structure and validate the input; begin a transaction (a nested call takes a savepoint, a host's can be
joined); answer from the idempotency key; load the target; check the permission; run; write the audit record; put the
events and jobs in the outbox. Must not know any particular operation.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.operations.idempotency import Idempotency
from crmkit.core.operations.inputs import structure
from crmkit.core.operations.operation import Operation
from crmkit.core.operations.outcome import Outcome
from crmkit.core.operations.permits import Permits
from crmkit.core.operations.registry import Registry
from crmkit.core.operations.transactions import DEPTH, Transactions
from crmkit.core.operations.translate import database_error, is_transient
from crmkit.core.operations.unit import AuditLine
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.core.store.engine import Engines
from crmkit.core.store.ids import new_id, parse_id
from crmkit.core.store.session import CrmSession, Mode
from crmkit.errors import (
    CrmkitError,
    InvalidInput,
    NestingTooDeep,
    NotFound,
    Refused,
    StaleWrite,
    WriteOutsideOperation,
)
from crmkit.hooks.dispatch import Dispatcher
from crmkit.i18n import texts

_ = texts("crmkit")

RETRIES = 6


class Gate(Transactions):
    """The gate of one CRM: its transactions, and running operations in them."""

    def __init__(
        self,
        *,
        crm: Any,
        engines: Engines,
        registry: Registry,
        dispatcher: Dispatcher,
        clock: Clock,
        permits: Permits | None = None,
    ) -> None:
        super().__init__(crm=crm, engines=engines, registry=registry, dispatcher=dispatcher, clock=clock)
        self.permits = permits or Permits()
        self._idempotency = Idempotency(registry)

    def run(
        self,
        actor: Actor,
        name: str,
        values: Mapping[str, Any] | Any,
        *,
        target: Any = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        """Run one operation in a transaction of its own; tried again when the database asks for it."""
        operation = self.registry.operation(name)
        given = structure(operation.inputs, values)
        return self.retrying(lambda: self._run_once(actor, operation, given, target, version, key))

    def run_many(self, actor: Actor, name: str, items: Sequence[Mapping[str, Any] | Any]) -> list[Outcome]:
        """Run an operation for many inputs in one transaction. An input that is refused costs itself alone."""
        operation = self.registry.operation(name)

        def once() -> list[Outcome]:
            with self.writing(actor) as session:
                return self._many(session, operation, items)

        return self.retrying(once)

    def retrying(self, once: Callable[[], Any]) -> Any:
        """Do something in transactions of its own, again when the database asks for it (deadlock, serialisation), or
        when somebody else changed a row after it was read."""
        for attempt in range(RETRIES):
            try:
                return once()
            except CrmkitError as error:
                if attempt == RETRIES - 1 or not _may_succeed(error.__cause__):
                    raise
                time.sleep(0.01 * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311
        raise AssertionError("unreachable")

    def _run_once(
        self,
        actor: Actor,
        operation: Operation[Any, Any],
        given: Any,
        target: Any,
        version: int | None,
        key: str | None,
    ) -> Any:
        with self.writing(actor) as session:
            if key is not None:
                earlier = self._idempotency.begin(session, operation, key, given, target)
                if earlier is not None:
                    return earlier.answer
            result = self._step(session, operation, given, target, version)
            if key is not None:
                session.flush()
                self._idempotency.finish(session, operation, key, result)
            return result

    def nested(
        self,
        session: CrmSession,
        operation: str | Operation[Any, Any],
        values: Mapping[str, Any] | Any,
        *,
        target: Any = None,
        version: int | None = None,
    ) -> Any:
        """Run an operation inside an open transaction, in a savepoint that is undone when it fails."""
        known = self.registry.operation(operation if isinstance(operation, str) else operation.name)
        given = structure(known.inputs, values)
        with self._savepoint(session):
            return self._step(session, known, given, target, version)

    def nested_many(
        self, session: CrmSession, operation: str | Operation[Any, Any], items: Sequence[Mapping[str, Any] | Any]
    ) -> list[Outcome]:
        """Run an operation for many inputs inside an open transaction."""
        known = self.registry.operation(operation if isinstance(operation, str) else operation.name)
        with self._savepoint(session):
            return self._many(session, known, items)

    @contextmanager
    def _savepoint(self, session: CrmSession) -> Generator[None]:
        if session.mode is not Mode.WRITE:
            raise WriteOutsideOperation(
                _("This session was opened to read."), fix=_("Open a transaction to run operations.")
            )
        mark = session.unit.mark()
        try:
            with session.begin_nested():
                yield
                session.flush()
        except BaseException as error:
            session.unit.cut(mark)
            if isinstance(error, StaleDataError):
                raise StaleWrite(fix=_("Read it again and repeat the change.")) from error
            if isinstance(error, DBAPIError):
                raise database_error(error) from error
            raise

    def _step(
        self, session: CrmSession, operation: Operation[Any, Any], given: Any, target: Any, version: int | None
    ) -> Any:
        unit = session.unit
        if unit.depth >= DEPTH:
            raise NestingTooDeep(operation=operation.name)
        record = self._target(session, operation, target, version)
        self._permit(session, operation, record)
        unit.stack.append(operation.name)
        try:
            result = operation.call(session, record, given)
            session.flush()
        except Refused as error:
            unit.refuse(self._line(session, operation, record, "refused", error=error))
            raise
        finally:
            unit.stack.pop()
        about = record if record is not None else result
        unit.lines.append(self._line(session, operation, about, "done"))
        return result

    def _many(
        self, session: CrmSession, operation: Operation[Any, Any], items: Sequence[Mapping[str, Any] | Any]
    ) -> list[Outcome]:
        unit = session.unit
        if operation.bulk is None or operation.target is not None:
            return [self._one(session, operation, item) for item in items]
        self._permit(session, operation, None)
        outcomes: list[Outcome | None] = [None] * len(items)
        good: list[Any] = []
        places: list[int] = []
        shape = operation.inputs
        for place, item in enumerate(items):
            try:
                good.append(structure(shape, item))
                places.append(place)
            except InvalidInput as error:
                outcomes[place] = Outcome(problems=error.problems)
        unit.stack.append(operation.name)
        try:
            results: Sequence[Any] = operation.bulk(session, good) if good else ()
            session.flush()
        finally:
            unit.stack.pop()
        done = 0
        for place, result in zip(places, results, strict=True):
            if isinstance(result, CrmkitError):
                outcomes[place] = Outcome(problems=result.problems)
            else:
                outcomes[place] = Outcome(result=result)
                done += 1
        if done:
            unit.lines.append(self._line(session, operation, None, "done", items=done))
        return cast("list[Outcome]", outcomes)

    def _one(self, session: CrmSession, operation: Operation[Any, Any], item: Any) -> Outcome:
        try:
            given = structure(operation.inputs, item)
            with self._savepoint(session):
                return Outcome(result=self._step(session, operation, given, None, None))
        except CrmkitError as error:
            return Outcome(problems=error.problems)

    def _target(self, session: CrmSession, operation: Operation[Any, Any], target: Any, version: int | None) -> Any:
        model = operation.target
        if model is None:
            if target is not None:
                raise InvalidInput(_("The operation {name} acts on no record."), name=operation.name)
            return None
        record: Any
        if isinstance(target, model):
            record = target if target in session else session.get(model, target.id)
        else:
            identity = target if isinstance(target, UUID) else parse_id(str(target)) if target is not None else None
            record = session.get(model, identity) if identity is not None else None
        if record is None:
            raise NotFound(
                _("There is no such record: {id}.")
                if target is not None
                else _("The operation {name} needs a record to act on."),
                id=getattr(target, "id", target),
                name=operation.name,
            )
        if version is not None and record.version != version:
            raise StaleWrite(fix=_("Read it again and repeat the change."))
        return record

    def _permit(self, session: CrmSession, operation: Operation[Any, Any], record: Any) -> None:
        try:
            self.permits.check(session, operation, record)
        except Refused as error:
            session.unit.refuse(self._line(session, operation, record, "refused", error=error))
            raise

    def _line(
        self,
        session: CrmSession,
        operation: Operation[Any, Any],
        about: Any,
        outcome: str,
        *,
        items: int = 1,
        error: CrmkitError | None = None,
    ) -> AuditLine:
        return AuditLine(
            id=new_id(),
            recorded_at=self.clock.now(),
            actor_id=session.actor.id,
            operation=operation.name,
            outcome=outcome,
            target_table=getattr(about, "__tablename__", None),
            target_id=getattr(about, "id", None) if hasattr(about, "__tablename__") else None,
            items=items,
            code=error.code if error else None,
            reason=session.actor.reason,
        )


def _may_succeed(cause: BaseException | None) -> bool:
    # A caller who said which version he had seen is refused at the next attempt, when the record is read again.
    return isinstance(cause, StaleDataError) or (isinstance(cause, OperationalError) and is_transient(cause))
