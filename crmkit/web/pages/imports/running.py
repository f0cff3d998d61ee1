"""Rehearsing and running an import behind the pages: in a thread of the server, which a browser need not wait for.

How far it is stands in the database, batch by batch: when the server ends meanwhile, the page offers to go on, and
nothing is written twice. Must not know templates.
"""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import asdict, evolve
from sqlalchemy import select

from crmkit.errors import CrmkitError, InternalError
from crmkit.exchange.api import ImportReport, Progress, plan_import, rehearse_import, run_import
from crmkit.exchange.tables import ImportRun
from crmkit.exchange.uploads import Claim, Upload, Uploads, Work, iso_now
from crmkit.i18n import texts, translate
from crmkit.web.http.problems import as_named, log_failure
from crmkit.web.pages.imports.wording import told_error

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")
_log = logging.getLogger("crmkit.web")
_OFTEN = 0.5
"""Seconds between two notes of how far a rehearsal is."""


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
        fresh.work = Work(kind="import" if kind == "import" else "rehearsal", started_at=iso_now())
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
        work.ended = True
        upload.save()
        if work.kind == "import":
            upload.drop_file()
    except Exception as error:
        _note(upload, as_named(error), language)
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

    plan = plan_import(crm, upload.path, upload.options(language))
    return rehearse_import(crm, actor, plan, tell)


def _note(upload: Upload, error: Exception, language: str) -> None:
    """Write down why it ended."""
    known = error if isinstance(error, CrmkitError) else None
    if known is None:
        log_failure(error, str(upload.id))
    text = told_error(known, language) if known is not None else translate(InternalError.summary, language)
    code = known.code if known is not None else InternalError.code
    assert upload.work is not None
    upload.work.error = (code, text)
    upload.work.ended = True
    try:
        upload.save()
    except OSError:
        _log.error("upload %s: what ended it could not be noted", upload.id)


def _counts(report: ImportReport) -> dict[str, int]:
    given = asdict(report, recurse=False)
    return {name: int(given[name]) for name in ("read", "created", "updated", "duplicates", "rejected")}
