"""The unit of work beside the rows: what a transaction will write, tell or do once it ends.

Events, audit records and jobs are buffered here and cut back to a mark when a savepoint is undone, so that a nested
call that failed leaves nothing behind. Must not touch the database itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from attrs import define, field, frozen

from crmkit.core.operations.events import Emitted
from crmkit.core.store.types import json_decode, json_encode
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.contributions import Change

_ = texts("crmkit")


@frozen(kw_only=True)
class AuditLine:
    """One operation that was run, refused or failed, or one thing that was noted, as the audit log will keep it.

    ``details`` holds nothing sensitive; ``payload`` is what was given, to be sealed; ``subjects`` are customers.
    """

    id: UUID
    recorded_at: datetime
    actor_id: str
    operation: str
    outcome: str
    target_table: str | None = None
    target_id: UUID | None = None
    items: int = 1
    code: str | None = None
    reason: str | None = None
    method: str | None = None
    token_id: UUID | None = None
    address: str | None = None
    resource: str | None = None
    correlation_id: UUID | None = None
    subjects: tuple[UUID, ...] = ()
    details: Mapping[str, Any] | None = None
    payload: bytes | None = None


@frozen(kw_only=True)
class DeferredJob:
    """A job that will be in the queue if the transaction commits."""

    name: str
    arguments: Mapping[str, Any]
    run_at: datetime | None = None
    unique: str | None = None
    max_attempts: int | None = None
    cause_id: UUID | None = None
    correlation_id: UUID | None = None
    depth: int = 0


class Mark(NamedTuple):
    """How much was buffered when a savepoint was set."""

    events: int
    lines: int
    jobs: int
    on_commit: int
    told: int


@define(eq=False)
class Unit:
    """What one outermost transaction collects. ``cause`` and ``cause_depth`` say which event led to it,
    ``correlation`` which call from outside, ``carrying`` whether it carries out a job or tells a subscription."""

    cause: UUID | None = None
    cause_depth: int = 0
    correlation: UUID | None = None
    carrying: bool = False
    stack: list[str] = field(factory=list[str])
    frames: list[set[UUID]] = field(factory=list[set[UUID]])
    """For each operation that is running, the customers whom it is about as far as is known."""
    owners: list[str] = field(factory=list[str])
    """The plugins whose operations and subscriptions are running, one inside the other."""
    events: list[Emitted] = field(factory=list[Emitted])
    lines: list[AuditLine] = field(factory=list[AuditLine])
    refusals: list[AuditLine] = field(factory=list[AuditLine])
    jobs: list[DeferredJob] = field(factory=list[DeferredJob])
    on_commit: list[Callable[[], None]] = field(factory=list[Callable[[], None]])
    before_commit: dict[str, Callable[[CrmSession], None]] = field(factory=dict[str, "Callable[[CrmSession], None]"])
    """What is brought into step with the change at its end, by name: savepoints that are undone leave it here, so it
    reads anew what there is to do."""
    told: int = 0
    """How many of the events have been given to subscriptions before the commit."""
    validate: Callable[[CrmSession, Sequence[Change]], None] | None = None
    source: str | None = None
    """The system that vouches for what is being changed, for the history of records: see `vouched_by`."""
    writer: Any = None
    """What the audit log's writer has lent for this transaction, until it has committed."""
    _touchable: set[int] = field(factory=set[int])

    @property
    def depth(self) -> int:
        """Return how many operations are running, one inside the other."""
        return len(self.stack)

    @property
    def may_defer(self) -> bool:
        """Say whether a job may be deferred: by an operation, and by a job or a subscription, which follow from one."""
        return self.carrying or bool(self.stack or self.owners)

    @property
    def operation(self) -> str:
        """Return the name of the operation that is running, the outermost first."""
        return self.stack[0] if len(self.stack) == 1 else " > ".join(self.stack)[:120] if self.stack else ""

    def mark(self) -> Mark:
        """Return a mark for `cut`."""
        return Mark(len(self.events), len(self.lines), len(self.jobs), len(self.on_commit), self.told)

    def cut(self, mark: Mark) -> None:
        """Forget what was buffered since a mark, except refusals: those are audited whatever becomes of the rest."""
        del self.events[mark.events :]
        del self.lines[mark.lines :]
        del self.jobs[mark.jobs :]
        del self.on_commit[mark.on_commit :]
        self.told = min(self.told, mark.told)

    def defer(
        self,
        job: str,
        arguments: Mapping[str, Any],
        *,
        run_at: datetime | None = None,
        unique: str | None = None,
        max_attempts: int | None = None,
    ) -> None:
        """Buffer a job. Arguments are kept as JSON, so ids and instants reach the handler as text.

        Raises InvalidInput for arguments that have no JSON form.
        """
        try:
            plain = json_decode(json_encode(dict(arguments)))
        except TypeError as error:
            raise InvalidInput(_("An argument of the job {name} has no JSON form."), name=job) from error
        self.jobs.append(
            DeferredJob(
                name=job,
                arguments=plain,
                run_at=run_at,
                unique=unique,
                max_attempts=max_attempts,
                cause_id=self.cause,
                correlation_id=self.correlation,
                depth=self.cause_depth,
            )
        )

    def refuse(self, line: AuditLine) -> None:
        """Buffer the record of a refusal or a failure."""
        self.refusals.append(line)

    def about(self, customer_ids: Iterable[UUID]) -> None:
        """Note customers whom the innermost operation is about: what records say of themselves is seen without it,
        set-based writers say it here."""
        if self.frames:
            self.frames[-1].update(customer_ids)

    @contextmanager
    def vouched_by(self, source: str | None) -> Generator[None]:
        """Let the history say of what changes within the block which system vouches for it, by its name as a source of
        identifiers; flush at its end what was changed."""
        before, self.source = self.source, source
        try:
            yield
        finally:
            self.source = before

    def allow_touching(self, item: Any) -> None:
        """Let one append-only row be changed in this transaction: for resolving, merging and erasing."""
        self._touchable.add(id(item))

    def may_touch(self, item: Any) -> bool:
        """Say whether an append-only row may be changed in this transaction."""
        return id(item) in self._touchable

    def now_flushing(self, changes: Callable[[], Sequence[Change]], session: CrmSession) -> None:
        """Let plugins check the changes that are about to be written, where a plugin wants to."""
        if self.validate is not None:
            self.validate(session, changes())
