"""Rehearsing, running and taking back imports behind whoever asked: in a thread of its own, which nobody waits for.

How far an import is stands in the database, batch by batch: when the process ends meanwhile, another one goes on by
itself, and nothing is written twice. Must not know pages.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING
from uuid import UUID

from attrs import asdict, evolve
from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.operations.failures import describe
from crmkit.core.operations.translate import database_error
from crmkit.core.store.actor import Actor
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, InternalError, InvalidInput
from crmkit.exchange.importer import rehearse_import, run_import
from crmkit.exchange.operations import is_alive
from crmkit.exchange.options import ImportReport, Progress, RevertReport
from crmkit.exchange.outcomes import RowOutcome
from crmkit.exchange.preview import plan_import
from crmkit.exchange.revert import revert_import
from crmkit.exchange.tables import ImportRun
from crmkit.exchange.uploads import Claim, Upload, Uploads, Work, iso_now
from crmkit.i18n import texts, translate

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_log = logging.getLogger("crmkit.import")
_OFTEN = 0.5
"""Seconds between two notes of how far a rehearsal is."""
MOST_OUTCOMES = 200_000
"""Rows of a rehearsal of which it is kept what would become of them."""


# --- rehearsing and importing ----------------------------------------------------------------------------------------


def begin(crm: CRM, actor: Actor, upload: Upload, kind: str, language: str) -> bool:
    """Begin to rehearse or to import a file in the background. Return whether this call has begun it: a second one
    finds that somebody is at work, or that it is done, and does nothing."""
    claim = upload.claim()
    if claim is None:
        return False
    try:
        fresh = Uploads(crm.settings).get(upload.id, upload.owner)
        if fresh.import_id is not None or not fresh.path.exists():
            claim.release()
            return False
        fresh.work = Work(kind="import" if kind == "import" else "rehearsal", started_at=iso_now(), language=language)
        fresh.save()
        thread = Thread(
            target=_work, args=(crm, actor, fresh, claim, language), name=f"crmkit-import-{fresh.id}", daemon=True
        )
        thread.start()
    except BaseException:
        claim.release()
        raise
    return True


def run_of(crm: CRM, actor: Actor, upload: Upload) -> ImportRun | None:
    """Return the import that was begun of a file, as far as it is."""
    with crm.session(actor) as session:
        if upload.import_id is not None:
            return session.get(ImportRun, UUID(upload.import_id))
        return session.scalar(
            select(ImportRun)
            .where(ImportRun.rejected_file == str(upload.reject_path.absolute()), ImportRun.actor_id == actor.id)
            .order_by(ImportRun.started_at.desc())
            .limit(1)
        )


def go_on(session: CrmSession, *, tick: datetime) -> None:
    """Go on with the imports whose process has ended in the middle: the handler of a periodic job. Whoever sent the
    file imports it, with the rights of now."""
    uploads = Uploads(session.crm.settings)
    for upload in uploads.interrupted():
        actor = _sender(session, upload)
        if actor is not None and upload.work is not None:
            begin(session.crm, actor, upload, "import", upload.work.language)


def _sender(session: CrmSession, upload: Upload) -> Actor | None:
    """Return who sent a file, if that is a user who is still there."""
    kind, _colon, identity = upload.owner.partition(":")
    user_id = parse_id(identity) if kind == "user" else None
    user = session.get(User, user_id) if user_id is not None else None
    return Actor.user(user.id, user.name, user.language) if user is not None and user.active else None


def _work(crm: CRM, actor: Actor, upload: Upload, claim: Claim, language: str) -> None:
    work = upload.work
    assert work is not None
    try:
        if work.kind == "import":
            report = _import(crm, actor, upload, language)
            upload.import_id = str(report.import_id)
        else:
            report = _rehearse(crm, actor, upload, language)
        work.counts = _counts(report)
        work.reasons = dict(report.reasons)
        work.left_out = dict(report.left_out)
        work.ended = True
        upload.save()
        if work.kind == "import":
            upload.drop_file()
    except Exception as error:
        _note(upload, error, language)
    finally:
        claim.release()


def _import(crm: CRM, actor: Actor, upload: Upload, language: str) -> ImportReport:
    if run_of(crm, actor, upload) is None:
        # A kill between the two leaves the empty file of rejected rows without its import.
        upload.reject_path.unlink(missing_ok=True)
    plan = plan_import(crm, upload.path, evolve(upload.options(language), make_fields=True))
    return run_import(crm, actor, plan)


def _rehearse(crm: CRM, actor: Actor, upload: Upload, language: str) -> ImportReport:
    work = upload.work
    assert work is not None
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last > _OFTEN:
            last = time.monotonic()
            work.rows, work.bytes = progress.rows, progress.bytes
            upload.save()

    plan = plan_import(crm, upload.path, evolve(upload.options(language), make_fields=True))
    with upload.write_outcomes() as stream:
        return rehearse_import(crm, actor, plan, tell, details=_Keeper(stream).take)


class _Keeper:
    """Writes what would become of each row to a file, one JSON object a line."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._count = 0

    def take(self, one: RowOutcome) -> None:
        self._count += 1
        if self._count <= MOST_OUTCOMES:
            self._stream.write(json.dumps(one.document(), ensure_ascii=False) + "\n")


def _note(upload: Upload, error: Exception, language: str) -> None:
    """Write down why it ended."""
    known = named(error)
    if known is None:
        # By its place alone: a message may hold what somebody typed.
        _log.error("import of upload %s failed: %s", upload.id, describe(error))
    text = told_error(known, language) if known is not None else translate(InternalError.summary, language)
    code = known.code if known is not None else InternalError.code
    assert upload.work is not None
    upload.work.error = (code, text)
    upload.work.ended = True
    try:
        upload.save()
    except OSError:
        _log.error("upload %s: what ended it could not be noted", upload.id)


def named(error: Exception) -> CrmkitError | None:
    """Return an error as one of crmkit's own, those of the database among them; None for any other."""
    from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

    found: Exception = database_error(error) if isinstance(error, (DBAPIError, PoolTimeout)) else error
    return found if isinstance(found, CrmkitError) else None


def told_error(error: CrmkitError, language: str) -> str:
    """Return what an error says in a language; advice that names options of a command is left out."""
    problems = error.problems
    if isinstance(error, InvalidInput) and problems:
        said = [
            (problem.message, problem.hint, {"value": problem.value, "field": problem.field, **problem.values})
            for problem in problems
        ]
    else:
        said = [(error.message, error.fix, dict(error.values))]
    parts: list[str] = []
    for message, hint, values in said:
        parts.append(translate(message, language, **values))
        if hint and "--" not in hint:
            parts.append(translate(hint, language, **values))
    return " ".join(parts)


def _counts(report: ImportReport) -> dict[str, int]:
    given = asdict(report, recurse=False)
    return {name: int(given[name]) for name in ("read", "created", "updated", "duplicates", "rejected")}


# --- taking back -----------------------------------------------------------------------------------------------------


class Reverting:
    """The imports that this process is taking back right now, and what became of those that it has taken back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: set[UUID] = set()
        self._done: dict[UUID, RevertReport | CrmkitError] = {}

    def begin(self, crm: CRM, actor: Actor, import_id: UUID) -> Thread | None:
        """Begin to take an import back; None where somebody does it already.

        Raises what beginning it raises: NotFound, ImportConflict, Refused.
        """
        with self._lock:
            if import_id in self._busy:
                return None
            crm.run(actor, "import.begin_revert", target=import_id)
            self._busy.add(import_id)
            self._done.pop(import_id, None)
        thread = Thread(target=self._work, args=(crm, actor, import_id), name=f"crmkit-revert-{import_id}", daemon=True)
        thread.start()
        return thread

    def _work(self, crm: CRM, actor: Actor, import_id: UUID) -> None:
        found: RevertReport | CrmkitError
        try:
            found = revert_import(crm, actor, import_id)
        except Exception as error:
            known = named(error)
            if known is None:
                _log.error("taking back import %s failed: %s", import_id, describe(error))
            found = known or InternalError(InternalError.summary)
        with self._lock:
            self._busy.discard(import_id)
            self._done[import_id] = found
            while len(self._done) > 100:
                self._done.pop(next(iter(self._done)))

    def is_busy(self, run: ImportRun) -> bool:
        """Say whether an import is being taken back, here or by another process."""
        with self._lock:
            if run.id in self._busy:
                return True
        return run.state == "reverting" and is_alive(run)

    def outcome(self, import_id: UUID) -> RevertReport | CrmkitError | None:
        """Return what became of an import that this process has taken back, once."""
        with self._lock:
            return self._done.pop(import_id, None)


REVERTING = Reverting()
