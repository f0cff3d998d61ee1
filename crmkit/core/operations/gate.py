"""The gate: the one way in for every change.

In this order: structure and validate the input; begin a transaction (a nested call takes a savepoint, a host's can be
joined); answer from the idempotency key; load the target; check the permission; run; write the audit record; put the
events and jobs in the outbox. Must not know any particular operation.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.operations.audit_lines import customers_of, details_of, line_of, payload_of
from crmkit.core.operations.idempotency import Idempotency
from crmkit.core.operations.inputs import structure
from crmkit.core.operations.operation import Operation
from crmkit.core.operations.outcome import Outcome
from crmkit.core.operations.permits import Permits
from crmkit.core.operations.registry import KERNEL, Registry
from crmkit.core.operations.transactions import DEPTH, Transactions
from crmkit.core.operations.translate import database_error, is_transient
from crmkit.core.operations.unit import AuditLine
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.core.store.engine import Engines
from crmkit.core.store.guard import region
from crmkit.core.store.ids import parse_id
from crmkit.core.store.model import Model
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

if TYPE_CHECKING:
    from crmkit.core.access.rights import Rights

_ = texts("crmkit")

RETRIES = 10
"""Tries of a change before its conflict is told. Where n changes of one row begin at once, one of them gets through
each round, so the last meets n - 1 conflicts in a row: six tries were too few for four busy callers. Ten wait 1.6 s
altogether on average, as a wait doubles up to 0.32 s only."""


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
        rights: Callable[[CrmSession], Rights],
    ) -> None:
        super().__init__(crm=crm, engines=engines, registry=registry, dispatcher=dispatcher, clock=clock)
        self.permits = Permits()
        self.watch: Callable[[str, str], None] | None = None
        """Called with the name and the outcome of every operation that has ended, for metrics; must not raise."""
        self._rights = rights
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

    def run_many(
        self, actor: Actor, name: str, items: Sequence[Mapping[str, Any] | Any], *, key: str | None = None
    ) -> list[Outcome]:
        """Run an operation for many inputs in one transaction. An input that is refused costs itself alone."""
        operation = self.registry.operation(name)

        def once() -> list[Outcome]:
            with self.writing(actor) as session:
                if key is not None:
                    earlier = self._idempotency.begin(session, operation, key, [dict(item) for item in items], None)
                    if earlier is not None:
                        self._checked(session, operation, None, lambda: self.permits.check(session, operation))
                        return self._idempotency.answer_many(session, earlier)
                outcomes = self._many(session, operation, items)
                if key is not None:
                    session.flush()
                    self._idempotency.finish_many(session, operation, key, outcomes)
                return outcomes

        return self.retrying(once)

    def level(self, session: CrmSession, model: Any, classified: str) -> str:
        """Return how a session's actor reads fields of a class of a model: "none", "masked" or "full"."""
        return self.rights(session).level(self.registry.resource_of(model), classified)

    def rights(self, session: CrmSession) -> Rights:
        """Return what a session's actor may do, as it was when the transaction first asked."""
        return self._rights(session)

    def may(self, session: CrmSession, actions: Sequence[str], record: Any, *, resource: str | None = None) -> bool:
        """Say whether a session's actor may do one of some actions with a record that the session has loaded.

        One query, and none where all records of the resource are allowed by right and no rule speaks of it.
        """
        return self.crm.guard.may(session, tuple(actions), record, resource=resource)

    def retrying(self, once: Callable[[], Any]) -> Any:
        """Do something in transactions of its own, again when the database asks for it (deadlock, serialisation), or
        when somebody else changed a row after it was read."""
        for attempt in range(RETRIES):
            try:
                return once()
            except CrmkitError as error:
                if attempt == RETRIES - 1 or not _may_succeed(error.__cause__):
                    raise
                time.sleep(0.01 * 2 ** min(attempt, 5) * random.uniform(0.5, 1.5))  # noqa: S311
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
                    self._check_again(session, operation, target, given)
                    return self._idempotency.answer(session, earlier)
            result = self._step(session, operation, given, target, version)
            if key is not None:
                session.flush()
                self._idempotency.finish(session, operation, key, result)
            return result

    def _check_again(self, session: CrmSession, operation: Operation[Any, Any], target: Any, given: Any) -> None:
        """Check whether an actor who asks again may still run the operation: what it had answered is for nobody else.

        A target that is gone says nothing, as it may have gone by that very call; one that is hidden is not found.
        """
        self._checked(session, operation, target, lambda: self.permits.check(session, operation), given)
        if operation.target is None or target is None:
            return
        with _looking(session, operation.target):
            record = _find(session, operation.target, target)
        if record is not None:
            self._checked(
                session, operation, record, lambda: self.permits.check_target(session, operation, record), given
            )
            return
        with region(session, "whether the target of an operation is gone"):
            gone = _find(session, operation.target, target) is None
        if not gone:
            self._checked(session, operation, target, lambda: self._target(session, operation, target, None), given)

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
        with self.savepoint(session):
            return self._step(session, known, given, target, version)

    def nested_many(
        self, session: CrmSession, operation: str | Operation[Any, Any], items: Sequence[Mapping[str, Any] | Any]
    ) -> list[Outcome]:
        """Run an operation for many inputs inside an open transaction."""
        known = self.registry.operation(operation if isinstance(operation, str) else operation.name)
        with self.savepoint(session):
            return self._many(session, known, items)

    @contextmanager
    def savepoint(self, session: CrmSession) -> Generator[None]:
        """Undo what the block has changed, and what it had to tell, when it fails; the transaction can go on."""
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
        # Whether the operation is allowed at all is said before its target is looked for, and tells nothing of it.
        self._checked(session, operation, target, lambda: self.permits.check(session, operation), given)
        record = self._checked(
            session, operation, target, lambda: self._target(session, operation, target, version), given
        )
        if record is not None:
            self._checked(
                session, operation, record, lambda: self.permits.check_target(session, operation, record), given
            )
        with self._running(session, operation, record, given) as subjects:
            result = operation.call(session, record, given)
            session.flush()
        about = record if record is not None else result
        unit.lines.append(self._line(session, operation, about, "done", given=given, subjects=subjects))
        return result

    def _many(
        self, session: CrmSession, operation: Operation[Any, Any], items: Sequence[Mapping[str, Any] | Any]
    ) -> list[Outcome]:
        unit = session.unit
        if operation.bulk is None or operation.target is not None:
            return [self._one(session, operation, item) for item in items]
        self._checked(session, operation, None, lambda: self.permits.check(session, operation))
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
        with self._running(session, operation, None, items=len(items)) as subjects:
            results: Sequence[Any] = operation.bulk(session, good) if good else ()
            session.flush()
        done = 0
        for place, result in zip(places, results, strict=True):
            if isinstance(result, CrmkitError):
                outcomes[place] = Outcome(problems=result.problems)
            else:
                outcomes[place] = Outcome(result=result)
                done += 1
        if items:
            details = {"rejected": len(items) - done} if done < len(items) else None
            outcome = "done" if done else "failed"
            unit.lines.append(
                self._line(session, operation, None, outcome, items=done, subjects=subjects, details=details)
            )
        return cast("list[Outcome]", outcomes)

    def _one(self, session: CrmSession, operation: Operation[Any, Any], item: Any) -> Outcome:
        target, version, values = None, None, item
        try:
            if operation.target is not None:
                target, version, values = item.get("target"), item.get("version"), cast(Any, item.get("values") or {})
            given = structure(operation.inputs, values)
            with self.savepoint(session):
                return Outcome(result=self._step(session, operation, given, target, version))
        except CrmkitError as error:
            return Outcome(problems=error.problems)

    def _target(self, session: CrmSession, operation: Operation[Any, Any], target: Any, version: int | None) -> Any:
        model = operation.target
        if model is None:
            if target is not None:
                raise InvalidInput(_("The operation {name} acts on no record."), name=operation.name)
            return None
        with _looking(session, model):
            record = _find(session, model, target)
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

    @contextmanager
    def _running(
        self, session: CrmSession, operation: Operation[Any, Any], record: Any, given: Any = None, *, items: int = 1
    ) -> Generator[set[UUID]]:
        """Note that an operation runs; what it is refused or fails with is audited. Gives the customers whom it turns
        out to be about."""
        unit = session.unit
        unit.stack.append(operation.name)
        unit.owners.append(self.registry.owners.get(("operation", operation.name), KERNEL))
        subjects: set[UUID] = set()
        unit.frames.append(subjects)
        # Known beforehand: after a flush that failed the record can't be read any more.
        target: UUID | None = getattr(record, "id", None)
        concerned = customers_of(record)
        try:
            yield subjects
        except CrmkitError as error:
            unit.refuse(
                self._line(
                    session,
                    operation,
                    target,
                    _outcome(error),
                    given=given,
                    items=items,
                    error=error,
                    subjects=concerned,
                )
            )
            raise
        finally:
            unit.frames.pop()
            unit.owners.pop()
            unit.stack.pop()

    def _checked(
        self,
        session: CrmSession,
        operation: Operation[Any, Any],
        about: Any,
        check: Callable[[], Any],
        given: Any = None,
    ) -> Any:
        try:
            return check()
        except CrmkitError as error:
            session.unit.refuse(self._line(session, operation, about, _outcome(error), given=given, error=error))
            raise

    def _line(
        self,
        session: CrmSession,
        operation: Operation[Any, Any],
        about: Any,
        outcome: str,
        *,
        given: Any = None,
        subjects: Iterable[UUID] = (),
        details: Mapping[str, Any] | None = None,
        items: int = 1,
        error: CrmkitError | None = None,
    ) -> AuditLine:
        if self.watch is not None:
            self.watch(operation.name, outcome)
        concerned = tuple(dict.fromkeys((*customers_of(about), *subjects)))
        return line_of(
            session.actor,
            operation.name,
            outcome,
            recorded_at=self.clock.now(),
            correlation=session.unit.correlation,
            resource=operation.resource,
            target=about if isinstance(about, Model) else _named(operation, about),
            subjects=concerned,
            details=details_of(given) if details is None and given is not None else details,
            # What was refused or failed has changed nothing that its input would have to explain; what is about several
            # is not kept.
            payload=payload_of(given) if outcome == "done" and given is not None and len(concerned) == 1 else None,
            items=items,
            code=error.code if error else None,
        )


def _named(operation: Operation[Any, Any], target: Any) -> Any:
    """Return what a caller named as the target, as its table and id, where the operation acts on a record."""
    if operation.target is None or target is None:
        return None
    return operation.target.__tablename__, target if isinstance(target, UUID) else parse_id(str(target))


def _find(session: CrmSession, model: Any, target: Any) -> Any:
    if isinstance(target, model):
        return target if target in session else session.get(model, target.id)
    identity = target if isinstance(target, UUID) else parse_id(str(target)) if target is not None else None
    return session.get(model, identity) if identity is not None else None


def _looking(session: CrmSession, model: Any) -> AbstractContextManager[None]:
    """Return a region for a target of a table that the framework alone reads: there is no reading it by right, and
    whether the actor may run the operation was asked before."""
    if model.__access__ is not None and model.__access__.kind == "system":
        return region(session, "the target of an operation")
    return nullcontext()


def _outcome(error: CrmkitError) -> str:
    return "refused" if isinstance(error, Refused) else "failed"


def _may_succeed(cause: BaseException | None) -> bool:
    # A caller who said which version he had seen is refused at the next attempt, when the record is read again.
    return isinstance(cause, StaleDataError) or (isinstance(cause, OperationalError) and is_transient(cause))
