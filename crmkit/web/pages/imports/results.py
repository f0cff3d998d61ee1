"""What was imported: the list, one import with its counts and rejected rows, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response, StreamingResponse

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Product
from crmkit.errors import CrmkitError, NotFound, UnreadableFile
from crmkit.exchange.background import REVERTING, told_error
from crmkit.exchange.operations import check_own
from crmkit.exchange.readers import open_rows
from crmkit.exchange.revert import is_left
from crmkit.exchange.tables import ImportRow, ImportRun
from crmkit.exchange.uploads import Upload
from crmkit.exchange.writers import META_COLUMNS
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.imports.wizard import RIGHT, uploads
from crmkit.web.pages.imports.wording import STATES, reasons_of, titles
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

SHOWN_ROWS = 200
"""Rejected rows that the page shows; the file has all of them."""
SHOWN_CELLS = 8
_LAST = 100
_REVERTIBLE = ("done", "abandoned", "reverting")
_MEDIA_TYPES = {".jsonl": "application/x-ndjson", ".vcf": "text/vcard"}
_SHORT = 2.0
"""Seconds that somebody waits for an import to be taken back."""


@frozen(kw_only=True)
class Rejected:
    """One rejected row: its line, its first cells, the column it is about and why it was rejected."""

    line: str
    cells: tuple[str, ...]
    column: str
    value: str
    reason: str
    code: str


@frozen(kw_only=True)
class Foreseen:
    """What taking an import back would do, in numbers; ``kept`` are records that were changed since."""

    removed: int
    restored: int
    reversed: int
    kept: int


@get("/imports", right=RIGHT)
def imports(call: PageCall) -> Response:
    """List what was imported, and the files that wait."""
    with call.session() as session:
        runs = list(session.scalars(select(ImportRun).order_by(ImportRun.started_at.desc()).limit(_LAST)))
        people = names_of_actors(session, {run.actor_id for run in runs})
    waiting = [each for each in uploads(call).of(call.actor.id) if each.import_id is None and each.path.exists()]
    begun = {run.rejected_file for run in runs}
    return call.page(
        "imports/list.html",
        runs=[(run, _state(call, run)) for run in runs],
        people=people,
        waiting=[(each, str(each.reject_path) in begun) for each in waiting],
        resources=titles(call),
    )


@get("/imports/{id}", right=RIGHT)
def show(call: PageCall, id: UUID) -> Response:
    """Show one import: its counts, its rejected rows, and what can be done with it."""
    run = _run(call, id)
    ended = _told_revert(call, id)
    if ended is not None:
        return ended
    busy = REVERTING.is_busy(run)
    upload = uploads(call).with_rejects(run.rejected_file)
    mine = upload is not None and upload.owner == call.actor.id
    headings, rows = _rejected(upload, run) if upload is not None and mine else ((), [])
    with call.session() as session:
        people = names_of_actors(session, {run.actor_id})
        revertible = _is_revertible(session, run)
    reasons: Mapping[str, int] = upload.work.reasons if upload is not None and mine and upload.work is not None else {}
    return call.page(
        "imports/show.html",
        run=run,
        upload=upload if mine else None,
        state=_state(call, run),
        headings=headings,
        rows=rows,
        more=max(0, run.rejected - len(rows)),
        reasons=reasons_of(call, reasons),
        by=people.get(run.actor_id, run.actor_id),
        resources=titles(call),
        revertible=revertible and call.may("import.revert") and not busy,
        reverting=busy,
        has_file=upload is not None and mine and upload.reject_path.is_file(),
    )


def _is_revertible(session: CrmSession, run: ImportRun) -> bool:
    """Say whether there is something to take back: also what was kept before, as it had been changed or used."""
    return run.state in _REVERTIBLE or (run.state == "reverted" and is_left(session, run))


@get("/imports/{id}/rejected", right=RIGHT)
def rejected(call: PageCall, id: UUID) -> Response:
    """Hand out the file of rejected rows, which can be mended and imported again."""
    run = _run(call, id)
    upload = uploads(call).with_rejects(run.rejected_file)
    if upload is None or upload.owner != call.actor.id or not upload.reject_path.is_file():
        raise NotFound(_("There is no such file any more."))
    path = upload.reject_path
    kind = _MEDIA_TYPES.get(path.suffix, "text/csv")
    return StreamingResponse(
        _blocks(path), media_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": attachment(path.name)}
    )


@get("/imports/{id}/revert", right="import.revert")
def ask_revert(call: PageCall, id: UUID) -> Response:
    """Show what taking an import back would do."""
    run = _run(call, id)
    with call.session() as session:
        if not _is_revertible(session, run):
            return call.redirect(f"/imports/{id}", said=_("This import cannot be taken back now."), level="warning")
        foreseen = _foreseen(session, run)
    return call.page("imports/revert.html", run=run, foreseen=foreseen, problem="")


@post("/imports/{id}/revert", right="import.revert")
def revert(call: PageCall, id: UUID) -> Response:
    """Take an import back."""
    run = _run(call, id)
    if call.value("sure") != "true":
        with call.session() as session:
            foreseen = _foreseen(session, run)
        problem = call.text(_("Say that you want this."))
        return call.page("imports/revert.html", status=422, run=run, foreseen=foreseen, problem=problem)
    thread = REVERTING.begin(call.crm, call.actor, id)
    if thread is not None:
        # Most are taken back before anybody has to wait; of the others the page of the import tells.
        thread.join(_SHORT)
    return _told_revert(call, id) or call.redirect(f"/imports/{id}")


@get("/imports/{id}/reverting", right=RIGHT)
def reverting(call: PageCall, id: UUID) -> Response:
    """Show whether an import is still being taken back, as a part of its page."""
    run = _run(call, id)
    if not REVERTING.is_busy(run):
        return call.redirect(f"/imports/{id}")
    return call.part("imports/show.html", "reverting", run=run)


def _told_revert(call: PageCall, id: UUID) -> Response | None:
    """Return to the page of an import that was just taken back, with what became of it; None where none was."""
    found = REVERTING.outcome(id)
    if found is None:
        return None
    if isinstance(found, CrmkitError):
        return call.redirect(f"/imports/{id}", said=told_error(found, call.language), level="error")
    return call.redirect(
        f"/imports/{id}",
        said=_("Removed {removed}, restored {restored}, reversed {reversed}, kept {kept}."),
        level="warning" if found.kept_count else "success",
        removed=found.removed,
        restored=found.restored,
        reversed=found.reversed,
        kept=found.kept_count,
    )


# --- reading ---------------------------------------------------------------------------------------------------------


def _run(call: PageCall, id: UUID) -> ImportRun:
    """Return an import that the caller may know of. Raises NotFound, also for somebody else's."""
    with call.session() as session:
        found = session.get(ImportRun, id)
        if found is not None:
            try:
                check_own(session, found)
            except CrmkitError:
                found = None
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def _state(call: PageCall, run: ImportRun) -> tuple[str, str]:
    """Return the name and the tone of an import's state; one that nobody works on is interrupted."""
    state = run.state
    if state == "running":
        upload = uploads(call).with_rejects(run.rejected_file)
        if upload is not None and not upload.busy:
            state = "interrupted"
    title, tone = STATES.get(state, (state, ""))
    return call.text(title), tone


def _rejected(upload: Upload, run: ImportRun) -> tuple[tuple[str, ...], list[Rejected]]:
    if not run.rejected or not upload.reject_path.is_file() or not upload.reject_path.stat().st_size:
        return (), []
    found: list[Rejected] = []
    with suppress(UnreadableFile):
        # What a person wrote is shown as it was written: the mark against formulas is taken away.
        source = open_rows(upload.reject_path, encoding="utf-8")
        try:
            meta = {name: at for at, name in enumerate(source.meta_columns)}
            headings = tuple(source.columns[:SHOWN_CELLS])
            for row in islice(source, SHOWN_ROWS):
                told = {name: _text(row.meta[at]) if at < len(row.meta) else "" for name, at in meta.items()}
                line, column, value, reason, code = (told.get(name, "") for name in META_COLUMNS)
                cells = tuple(_text(cell) for cell in row.cells[:SHOWN_CELLS])
                found.append(Rejected(line=line, cells=cells, column=column, value=value, reason=reason, code=code))
            return headings, found
        finally:
            source.close()
    return (), found


def _text(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return text if len(text) <= 120 else f"{text[:120]}…"


def _foreseen(session: CrmSession, run: ImportRun) -> Foreseen:
    """Return in numbers what taking an import back would do, as far as that is known before."""
    tables: dict[str, Any] = {"crm_customer": Customer, "crm_product": Product}
    rows = select(ImportRow.table_name, ImportRow.outcome, func.count(func.distinct(ImportRow.record_id)))
    counted = rows.where(
        ImportRow.import_id == run.id, ImportRow.outcome.in_(("created", "updated")), ImportRow.record_id.is_not(None)
    ).group_by(ImportRow.table_name, ImportRow.outcome)
    numbers = {(table, outcome): number for table, outcome, number in session.execute(counted)}
    kept = 0
    for table, model in tables.items():
        latest = (
            select(ImportRow.record_id, func.max(ImportRow.version).label("version"))
            .where(ImportRow.import_id == run.id, ImportRow.table_name == table, ImportRow.record_id.is_not(None))
            .where(ImportRow.outcome.in_(("created", "updated")))
            .group_by(ImportRow.record_id)
            .subquery()
        )
        changed = (
            select(func.count()).select_from(model).join(latest, latest.c.record_id == model.id)
            .where(model.version != latest.c.version)
        )  # fmt: skip
        kept += session.scalar(changed) or 0
    return Foreseen(
        removed=sum(numbers.get((table, "created"), 0) for table in tables),
        restored=sum(numbers.get((table, "updated"), 0) for table in tables),
        reversed=sum(numbers.get(("crm_interaction", outcome), 0) for outcome in ("created", "updated")),
        kept=kept,
    )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 16):
            yield block


def attachment(name: str) -> str:
    """Return the header by which a browser keeps an answer as a file of a name, in any alphabet."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


ROUTES = [imports, show, rejected, ask_revert, revert, reverting]
