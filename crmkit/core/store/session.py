"""Sessions: one actor, one transaction, and a declared intent to read or to write.

A flush outside an operation is refused. What belongs to the transaction besides rows (events, audit records, jobs that
wait for the commit) is collected in the session's `Unit`. Must not know what operations do.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from sqlalchemy import Delete, Insert, TextClause, Update, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.store.guard.filtering import attach, check_refresh, proved
from crmkit.core.store.guard.state import Guarding
from crmkit.core.store.guard.writing import check_after, check_before
from crmkit.core.store.history import changes_of, write_changes
from crmkit.core.store.model import Model, Record
from crmkit.core.store.opening import remember_reader
from crmkit.core.store.sealed import HIDDEN, sealed_fields
from crmkit.core.store.seals import seal_pending
from crmkit.errors import GuardRefused, JobError, StaleWrite, WriteOutsideOperation
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmkit.core.business.config import Config
    from crmkit.core.operations.gate import Gate
    from crmkit.core.operations.unit import Unit
    from crmkit.core.store.actor import Actor
    from crmkit.hooks.contributions import Change

_ = texts("crmkit")


class Mode(enum.Enum):
    """What a session is opened for."""

    READ = "read"
    WRITE = "write"


class CrmSession(Session):
    """A session of one actor. Open it by `crmkit.CRM.session` (to read) or `crmkit.CRM.transaction` (to run
    operations); operations get one as their first argument."""

    def __init__(self, *, gate: Gate, actor: Actor, mode: Mode, unit: Unit, **options: Any) -> None:
        options.setdefault("expire_on_commit", False)
        super().__init__(**options)
        self.gate = gate
        self._actor = actor
        self.mode = mode
        self.unit = unit
        self.guarding = Guarding(self)

    @property
    def actor(self) -> Actor:
        """Return whose session it is, from its beginning to its end."""
        return self._actor

    @property
    def crm(self) -> Any:
        """Return the `CRM` that the session belongs to."""
        return self.gate.crm

    def business(self) -> Config:
        """Return what the business has configured, as this session's transaction finds it; it is read once."""
        return cast("Config", self.crm.config.get(self))

    def today(self) -> date:
        """Return the business's calendar day, in the company's time zone."""
        return self.gate.clock.today(self.business().zone)

    def level(self, model: Any, classified: str) -> str:
        """Return how the actor reads fields of a class of a model: "none", "masked" or "full"."""
        return "full" if self.actor.kind == "system" else self.gate.level(self, model, classified)

    def run(
        self,
        operation: str,
        values: Mapping[str, Any] | None = None,
        *,
        target: Any = None,
        version: int | None = None,
    ) -> Any:
        """Run an operation inside this transaction, in a savepoint of its own, and return its result.

        Raises what the operation raises; then its changes are undone and the transaction can go on.
        """
        return self.gate.nested(self, operation, values or {}, target=target, version=version)

    def run_many(self, operation: str, items: Sequence[Mapping[str, Any]]) -> Any:
        """Run an operation's bulk form inside this transaction; returns one `Outcome` for each item."""
        return self.gate.nested_many(self, operation, items)

    def emit(self, *events: Any) -> None:
        """Note domain events: they are written with the change, and subscribers get them as declared.

        Raises WriteOutsideOperation when no operation is running.
        """
        if not self.unit.depth:
            raise WriteOutsideOperation(_("Events are emitted by operations only."))
        for item in events:
            self.gate.emit(self, item)

    def defer(self, job: str, /, *, run_at: Any = None, unique: str | None = None, **arguments: Any) -> None:
        """Put a job in the queue, with the change: it exists if and only if this transaction commits.

        ``run_at`` is an aware instant; a job whose ``unique`` text waits already is not put there again. Arguments
        are kept as JSON. Raises JobError for a job that nobody has declared, InvalidInput for an argument that has no
        JSON form.
        """
        if not self.unit.may_defer:
            raise WriteOutsideOperation(_("Jobs are deferred by operations, jobs and subscriptions only."))
        if job not in self.gate.registry.jobs:
            raise JobError(_('There is no job "{name}".'), name=job)
        self.unit.defer(job, arguments, run_at=run_at, unique=unique)

    def note(
        self,
        action: str,
        /,
        *,
        resource: str | None = None,
        target: Any = None,
        subjects: Iterable[UUID] = (),
        details: Mapping[str, Any] | None = None,
        reason: str | None = None,
        outcome: Literal["done", "refused", "failed"] = "done",
        code: str | None = None,
        items: int = 1,
    ) -> None:
        """Audit what is no operation: a reveal, an export, a report, a sign-in.

        ``action`` is a dotted name such as ``customer.reveal``; ``target`` a record, or its table and id; ``subjects``
        the customers whom it is about; ``details`` plain values of which none may be sensitive: names of fields,
        counts, hashes. In a session that writes it is written with the change, a refusal whatever becomes of that; in
        one that reads it is written at once, and what cannot be written raises StoreError, so that nothing is shown
        that is not audited.
        """
        self.gate.note(
            self,
            action,
            resource=resource,
            target=target,
            subjects=subjects,
            details=details,
            reason=reason,
            outcome=outcome,
            code=code,
            items=items,
        )

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call a function once the outermost transaction has been committed.

        In a host's transaction (`crmkit.CRM.joined`) it is never called: put there what must follow in a job.
        """
        self.unit.on_commit.append(callback)

    def commit(self) -> None:
        """Refuse to, in a session that writes: the transaction commits at the end of its block, with its events and
        jobs. Raises WriteOutsideOperation."""
        self._refuse_ending()
        super().commit()

    def rollback(self) -> None:
        """Refuse to, in a session that writes: raise an error to have the transaction undone. Raises
        WriteOutsideOperation."""
        self._refuse_ending()
        super().rollback()

    def end(self, *, commit: bool) -> None:
        """Commit the transaction, or undo it: for the gate alone."""
        if commit:
            super().commit()
        else:
            super().rollback()

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what has changed. Raises WriteOutsideOperation outside an operation, Refused for what the actor may not
        write."""
        try:
            super().flush(objects)
        finally:
            self.guarding.flushing = False
            self.guarding.fresh.clear()

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return the record of a model with this primary key, or None when there is none that the actor may see."""
        found = super().get(entity, ident, **options)
        return found if found is None or proved(self, found) else None

    def refresh(self, instance: object, attribute_names: Any = None, with_for_update: Any = None) -> None:
        """Read a record anew. Raises NotFound when the actor may no longer see it."""
        check_refresh(self, instance)
        super().refresh(instance, attribute_names=attribute_names, with_for_update=with_for_update)

    def _refuse_bulk(self, *given: Any, **options: Any) -> None:
        """Refuse to: bulk methods would write past every check. Raises GuardRefused."""
        raise GuardRefused(
            _("The bulk methods of a session write past the checks of what its actor may write."),
            fix=_("Add the records to the session, or run operations by run_many."),
        )

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse_bulk

    def _refuse_ending(self) -> None:
        if self.mode is Mode.WRITE:
            raise WriteOutsideOperation(
                _("The transaction is not the operation's to end: what it changes is committed whole, or not at all."),
                fix=_("Raise an error to undo it, or use session.begin_nested() for a part that may fail."),
            )


def _before_flush(session: Session, context: UOWTransaction, instances: object) -> None:
    if not isinstance(session, CrmSession):
        return
    new, deleted = list(session.new), list(session.deleted)
    dirty = [item for item in session.dirty if item not in session.deleted and session.is_modified(item)]
    if not (new or deleted or dirty):
        return
    if session.mode is Mode.READ or not session.unit.depth:
        raise WriteOutsideOperation(
            _("{names} would be written outside an operation."),
            fix=_("Change records inside an operation, or open the session to write."),
            names=", ".join(sorted({type(item).__name__ for item in (*new, *dirty, *deleted)})),
        )
    for item in (*dirty, *deleted):
        if isinstance(item, Model) and item.__append_only__ and not session.unit.may_touch(item):
            raise WriteOutsideOperation(
                _("A {name} is never changed once it is recorded."),
                fix=_("Record a reversal instead."),
                name=type(item).__name__,
            )
    actor = session.actor.id
    for item in new:
        if isinstance(item, Record) and item.created_by is None:
            item.created_by = actor
    check_before(session, new, dirty, deleted)
    seal_pending(session, (*new, *dirty))
    session.unit.now_flushing(_as_changes(session, new, dirty, deleted), session)
    session.guarding.flushing = True
    write_changes(session, new, dirty, deleted)


def _after_flush(session: Session, context: UOWTransaction) -> None:
    if isinstance(session, CrmSession):
        session.guarding.flushing = False
        check_after(session)


def _as_changes(
    session: CrmSession, new: Iterable[Any], dirty: Iterable[Any], deleted: Iterable[Any]
) -> Callable[[], list[Change]]:
    def build() -> list[Change]:
        from crmkit.hooks.contributions import Change

        found: list[Change] = []
        for kind, items in (("create", new), ("update", dirty), ("delete", deleted)):
            for item in items:
                fields = changes_of(item, kind)
                for name in sealed_fields(type(item)):
                    if name in fields:
                        fields[name] = (HIDDEN, HIDDEN)
                resource = session.gate.registry.resource_name(item.__tablename__)
                found.append(Change(resource=resource, record=item, kind=cast(Any, kind), fields=fields))
        return found

    return build


def _execute(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, CrmSession) or (session.unit.depth and session.mode is Mode.WRITE):
        return
    statement = state.statement
    writes = isinstance(statement, (Insert, Update, Delete))
    if isinstance(statement, TextClause):
        first = statement.text.lstrip(" \t\r\n(").partition(" ")[0].upper()
        writes = first not in ("SELECT", "VALUES", "EXPLAIN", "WITH", "PRAGMA", "SHOW")
    if writes:
        raise WriteOutsideOperation(_("A statement would write outside an operation."))


def _loaded(record: Any, context: Any) -> None:
    if context is not None and isinstance(context.session, CrmSession):
        remember_reader(record, context.session)


event.listen(CrmSession, "before_flush", _before_flush)
event.listen(CrmSession, "after_flush", _after_flush)
event.listen(Model, "load", _loaded, propagate=True)
event.listen(CrmSession, "do_orm_execute", _execute)
attach(CrmSession, Model)


def stale(error: StaleDataError, items: Iterable[Any] = ()) -> StaleWrite:
    """Return the named error for SQLAlchemy's report that a row had another version."""
    return StaleWrite(fix=_("Read it again and repeat the change."))


def is_persistent(item: Any) -> bool:
    """Say whether a record is in the database already."""
    return bool(inspect(item).persistent)
