"""The operations of imports and exports: all of their writing goes through the gate like everything else.

Hidden ones take live objects and are called by the importer alone.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.access.resolving import rights_of
from crmkit.core.operations.events import Internal, event
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.operations import REFRESH
from crmkit.errors import ImportConflict, InvalidInput, Problem, Refused
from crmkit.exchange.leaving import check_purpose
from crmkit.exchange.rejects import Rejects
from crmkit.exchange.tables import ImportRun
from crmkit.exchange.units import Built, Target
from crmkit.i18n import texts

_ = texts("crmkit")

_ROWS = (
    "INSERT INTO crm_import_row (import_id, row_index, line, outcome, table_name, record_id, version) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_ROWS_ON_SQLITE = _ROWS.replace("%s", "?")
LEASE = timedelta(seconds=60)
"""How long after its last batch an import is taken for alive where its process cannot be looked for."""


@frozen(kw_only=True)
class StartInput:
    """What is kept of an import from its start on."""

    file_name: str
    sha256: str
    size: int
    resource: str
    source: str
    settings: Mapping[str, Any]
    rejected_file: str | None = None
    abandon: UUID | None = None
    """An interrupted import of the same file that will not go on."""


@operation("import.start", title=_("Begin an import"), permission="import.run", effect="create", hidden=True)
def start_import(session: CrmSession, begun: StartInput) -> ImportRun:
    """Note that an import begins. Raises ImportConflict when one of the same file has begun since it was planned."""
    hold(session, f"import {begun.resource} {begun.sha256}")
    running = session.scalar(
        select(ImportRun.id).where(
            ImportRun.sha256 == begun.sha256, ImportRun.resource == begun.resource, ImportRun.state == "running"
        )
    )
    if running is not None and begun.abandon is None:
        raise ImportConflict(
            _("Another process has begun to import this file."), fix=_("Wait until it has ended, and try again.")
        )
    if begun.abandon is not None:
        old = session.get(ImportRun, begun.abandon)
        if old is not None and old.state == "running":
            check_own(session, old)
            old.state = "abandoned"
            old.finished_at = system_now()
    run = ImportRun(
        file_name=begun.file_name[:255],
        sha256=begun.sha256,
        size=begun.size,
        resource=begun.resource,
        source=begun.source,
        settings=dict(begun.settings),
        rejected_file=begun.rejected_file,
        runner=this_process(),
        seen_at=system_now(),
        actor_id=session.actor.id,
    )
    session.add(run)
    return run


@operation("import.resume", title=_("Go on with an import"), permission="import.run", effect="update", hidden=True)
def resume_import(session: CrmSession, run: ImportRun) -> ImportRun:
    """Take over an import that was interrupted. Raises ImportConflict while another process is at work on it, Refused
    for somebody else's."""
    check_own(session, run)
    if run.state != "running":
        raise ImportConflict(_("This import is not one that was interrupted."))
    if is_alive(run):
        raise ImportConflict(
            _("Another process is at work on this import ({runner})."),
            fix=_("Wait until it has ended."),
            runner=run.runner,
        )
    run.runner = this_process()
    run.seen_at = system_now()
    return run


def check_own(session: CrmSession, run: ImportRun) -> None:
    """Refuse somebody else's import to whom does not see all records: he would go on with a part of it, or take back a
    part, and it would count as the whole."""
    if run.actor_id != session.actor.id and rights_of(session).scope("customer", "read") != "all":
        raise Refused(_("This import is somebody else's, and has to do with records that you may not see."))


@frozen(kw_only=True)
class Work:
    """One batch: units whose values were built, and where they go."""

    target: Target
    units: Sequence[Built]
    rejects: Rejects
    position: int
    byte_position: int
    language: str = "en"


@operation("import.batch", title=_("Import a batch"), permission="import.run", effect="update", hidden=True)
def import_batch(session: CrmSession, run: ImportRun, work: Work) -> None:
    """Write one batch, what became of its rows, and the progress; all in one transaction.

    Rejected rows reach the disk before the transaction ends: what a kill leaves too much of is cut off on going on.
    Raises ImportConflict when another process has gone on with the import.
    """
    check_work(work)
    check_own(session, run)
    if run.state != "running" or run.position != work.position or run.runner != this_process():
        raise ImportConflict(_("Another process goes on with this import."))
    work.rejects.return_to(run.rejected_bytes)
    for unit in work.units:
        # A transaction that is tried again begins anew.
        unit.reset()
    work.target.extras.clear()
    with session.unit.vouched_by(run.source):
        run_target(session, work.target, work.units)
    counts = dict.fromkeys(("created", "updated", "duplicate", "rejected"), 0)
    rows: list[tuple[Any, ...]] = []
    read = 0
    connection = session.connection()
    as_id: Callable[[UUID], Any] = attrgetter("bytes") if connection.dialect.name == "sqlite" else _itself
    run_id = as_id(run.id)
    for unit in work.units:
        result = unit.result or "rejected"
        rejected = result == "rejected"
        for row in unit.rows:
            read += 1
            counts[result] += 1
            if rejected:
                work.rejects.add(row, unit.by_row.get(row.index) or unit.problems, work.language)
            rows.append(
                (
                    run_id,
                    row.index,
                    row.line,
                    result,
                    None if rejected else work.target.table,
                    None if rejected or unit.record_id is None else as_id(unit.record_id),
                    unit.version,
                )
            )
    for row, record_id in work.target.extras:
        # Below zero, as they are no rows of the file.
        rows.append((run_id, -1 - row.index, row.line, "created", work.target.table, as_id(record_id), 1))
    if rows:
        # Straight to the driver: there is one such row for each row of the file.
        with region(connection, "what became of each row"):
            connection.exec_driver_sql(_ROWS_ON_SQLITE if connection.dialect.name == "sqlite" else _ROWS, rows)
    run.position += len(work.units)
    run.byte_position = work.byte_position
    run.rows_read += read
    run.created += counts["created"]
    run.updated += counts["updated"]
    run.duplicates += counts["duplicate"]
    run.rejected += counts["rejected"]
    run.rejected_bytes = work.rejects.length()
    run.seen_at = system_now()


def _itself(value: UUID) -> UUID:
    return value


def run_target(session: CrmSession, target: Target, units: Sequence[Built]) -> None:
    """Let a target write units, unless there are none left to write."""
    if any(unit.result is None for unit in units):
        target.write(session, units)


@operation("import.finish", title=_("End an import"), permission="import.run", effect="update", hidden=True)
def finish_import(session: CrmSession, run: ImportRun) -> ImportRun:
    """Note that every row of an import was handled, and have those classified whom it was about."""
    check_own(session, run)
    run.state = "done"
    run.finished_at = system_now()
    run.runner = None
    session.defer(REFRESH, unique=REFRESH)
    return run


@event("data.exported")
class DataExported:
    """Somebody wrote a resource to a file; ``conditions`` is how many conditions chose the rows."""

    resource: Internal
    rows: int
    conditions: int = 0


Where = Annotated[tuple[str, ...], Input(title=_("Conditions"))]
Reason = Annotated[str | None, Input(title=_("Reason"), max_length=500)]
Purpose = Annotated[str | None, Input(title=_("Purpose"), max_length=100, classified="internal")]
Recipient = Annotated[str | None, Input(title=_("Recipient"), max_length=200, classified="internal")]


_SUBJECTS = {"customers": "customer", "interactions": "interaction", "purchases": "interaction"}
"""The resource whose rights decide over what is sealed in an export."""
_WIDTH = ("none", "own", "team", "tree", "all")


@operation("export.start", title=_("Begin an export"), permission="export.run", hidden=True)
def start_export(
    session: CrmSession,
    *,
    resource: str,
    where: Where = (),
    reveal: bool = False,
    reason: Reason = None,
    purpose: Purpose = None,
    recipient: Recipient = None,
) -> None:
    """Note that somebody begins to export a resource, with what is sealed where ``reveal`` says so.

    Raises InvalidInput for a purpose that there is not, and for revealing without a reason, Refused for revealing
    without the right to reveal whatever the actor may read.
    """
    check_purpose(session, resource, purpose)
    about = _SUBJECTS.get(resource)
    if not reveal or about is None:
        return
    if reason is None or not reason.strip():
        raise InvalidInput([Problem("CK500", _("A reason is required."), field="reason")])
    rights = session.guarding.rights
    if _WIDTH.index(rights.scope(about, "reveal")) < max(1, _WIDTH.index(rights.scope(about, "read"))):
        raise Refused(_("This needs the right to reveal what is masked, of everything that you may read."))


@operation("export.finish", title=_("End an export"), permission="export.run", hidden=True)
def finish_export(
    session: CrmSession,
    *,
    resource: str,
    rows: int,
    where: Where = (),
    reveal: bool = False,
    reason: Reason = None,
    purpose: Purpose = None,
    recipient: Recipient = None,
) -> None:
    """Note what was exported: how many rows of a resource, a keyed hash of the conditions that chose them, the purpose
    that customers allowed, and whom it was for."""
    session.note(
        "data.export",
        resource=resource,
        details={
            "resource": resource,
            "rows": rows,
            "filter": session.crm.vault.fingerprint("\n".join(sorted(where))) if where else None,
            "revealed": reveal,
            **({"purpose": purpose} if purpose else {}),
            **({"recipient": recipient} if recipient else {}),
        },
        reason=reason,
        items=rows,
    )
    session.emit(DataExported(resource=resource, rows=rows, conditions=len(where)))


def check_work(work: Work) -> None:
    """Raise InvalidInput for what the importer did not make."""
    if not isinstance(work.rejects, Rejects):
        raise InvalidInput(_("Batches are imported by crmkit itself; import a file instead."))


def this_process() -> str:
    """Return what names this process among those that work on a database."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_alive(run: ImportRun) -> bool:
    """Say whether another process is at work on an import, as far as that can be told from here."""
    if not run.runner or run.seen_at is None or run.runner == this_process():
        return False
    if system_now() - run.seen_at > LEASE:
        return False
    host, _colon, process = run.runner.rpartition(":")
    if host != socket.gethostname() or os.name != "posix" or not process.isdigit():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(int(process))


def _is_zombie(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[:1] == ["Z"]
    except OSError:
        return False


OPERATIONS: list[Any] = [
    start_import,
    resume_import,
    import_batch,
    finish_import,
    start_export,
    finish_export,
]
EVENTS: list[type[Any]] = [DataExported]
