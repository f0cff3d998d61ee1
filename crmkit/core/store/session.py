"""Sessions: one actor, one transaction, and a declared intent to read or to write.

A flush outside an operation is refused. What belongs to the transaction besides rows (events, audit records, jobs that
wait for the commit) is collected in the session's `Unit`. Must not know what operations do.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Delete, Insert, TextClause, Update, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.store.history import changes_of, write_changes
from crmkit.core.store.model import Model, Record
from crmkit.errors import JobError, StaleWrite, WriteOutsideOperation
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        self.actor = actor
        self.mode = mode
        self.unit = unit

    @property
    def crm(self) -> Any:
        """Return the `CRM` that the session belongs to."""
        return self.gate.crm

    def today(self) -> date:
        """Return the business's calendar day, in the company's time zone."""
        return self.gate.clock.today(self.crm.config.get(self).zone)

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
        if not self.unit.depth:
            raise WriteOutsideOperation(_("Jobs are deferred by operations only."))
        if job not in self.gate.registry.jobs:
            raise JobError(_('There is no job "{name}".'), name=job)
        self.unit.defer(job, arguments, run_at=run_at, unique=unique)

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
    session.unit.now_flushing(_as_changes(session, new, dirty, deleted), session)
    write_changes(session, dirty, deleted)


def _as_changes(
    session: CrmSession, new: Iterable[Any], dirty: Iterable[Any], deleted: Iterable[Any]
) -> Callable[[], list[Change]]:
    def build() -> list[Change]:
        from crmkit.hooks.contributions import Change

        found: list[Change] = []
        for kind, items in (("create", new), ("update", dirty), ("delete", deleted)):
            for item in items:
                fields = changes_of(item, kind)
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


event.listen(CrmSession, "before_flush", _before_flush)
event.listen(CrmSession, "do_orm_execute", _execute)


def stale(error: StaleDataError, items: Iterable[Any] = ()) -> StaleWrite:
    """Return the named error for SQLAlchemy's report that a row had another version."""
    return StaleWrite(fix=_("Read it again and repeat the change."))


def is_persistent(item: Any) -> bool:
    """Say whether a record is in the database already."""
    return bool(inspect(item).persistent)
