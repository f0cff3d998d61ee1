"""What an import would do, before it is done: how far the rehearsal is, its numbers, and what would become of each row.

Must not read files of rows or write records.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from crmkit.errors import NotFound
from crmkit.exchange.background import begin
from crmkit.exchange.fields import fields_for
from crmkit.exchange.outcomes import HEADINGS, RowOutcome, cells_of
from crmkit.exchange.uploads import Upload
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.imports.results import attachment
from crmkit.web.pages.imports.wizard import RIGHT, begun, draft
from crmkit.web.pages.imports.wording import RESULTS, reasons_of, titles
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

PAGE = 25
"""Rows that are shown at once."""
_CHECK = "imports/check.html"
VIEWS: Mapping[str, str] = {
    "updated": _("changed"),
    "duplicate": _("there already"),
    "rejected": _("rejected"),
    "likely": _("perhaps there already"),
    "left_out": _("with cells left out"),
    "created": _("added"),
}
"""What rows can be looked at, in the order in which they are worth it."""


@get("/imports/draft/{id}/check", right=RIGHT)
def check(call: PageCall, id: UUID) -> Response:
    """Show what the import would do, once that was tried."""
    upload = draft(call, id)
    return begun(call, upload) or call.page(_CHECK, **_checked(upload, call))


@get("/imports/draft/{id}/check/progress", right=RIGHT)
def check_progress(call: PageCall, id: UUID) -> Response:
    """Show how far the rehearsal is."""
    upload = draft(call, id)
    context = _checked(upload, call)
    if not context["busy"]:
        return call.redirect(f"/imports/draft/{id}/check")
    return call.part(_CHECK, "progress", **context)


@get("/imports/draft/{id}/check/rows", right=RIGHT)
def check_rows(call: PageCall, id: UUID) -> Response:
    """Hand out what would become of each row, as a table."""
    upload = draft(call, id)
    if not upload.outcomes_path.is_file():
        raise NotFound(_("There is no such file any more."), fix=_("Rehearse the import once more."))
    stem = upload.file_name.partition(".")[0] or "import"
    return StreamingResponse(
        _table(upload),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment(f"{stem}.rehearsal.csv")},
    )


@post("/imports/draft/{id}/rehearse", right=RIGHT)
def rehearse(call: PageCall, id: UUID) -> Response:
    """Rehearse the import once more."""
    upload = draft(call, id)
    elsewhere = begun(call, upload)
    if elsewhere is not None:
        return elsewhere
    begin(call.crm, call.actor, upload, "rehearsal", call.language)
    return call.redirect(f"/imports/draft/{id}/check")


def _checked(upload: Upload, call: PageCall) -> dict[str, Any]:
    work = upload.work
    busy = work is not None and not work.ended and upload.busy
    lost = work is not None and not work.ended and not busy
    if lost:
        # It may have ended between the two looks.
        upload = draft(call, upload.id)
        work = upload.work
        lost = work is not None and not work.ended
    counts = work.counts if work is not None else None
    shown = _Shown(upload, call.value("rows"), call.value("page")) if counts is not None else None
    return {
        "upload": upload,
        "work": work,
        "busy": busy,
        "lost": lost or work is None,
        "counts": counts,
        "reasons": reasons_of(call, work.reasons if work is not None else {}),
        "left_out": reasons_of(call, work.left_out if work is not None else {}),
        "resources": titles(call),
        "shown": shown,
        "views": [(name, call.text(title)) for name, title in VIEWS.items()],
        "results": RESULTS,
        "field_title": lambda name: _title(call, name),
        "step": 4,
    }


def _title(call: PageCall, name: str) -> str:
    if name.startswith("custom."):
        custom = call.business.custom_fields.get("customer", {}).get(name[7:])
        return call.text(custom.title) if custom is not None else name[7:]
    known = fields_for("customers").get(name)
    return call.text(known.title) if known is not None else name


class _Shown:
    """The rows of one view and page, of those that the last rehearsal found."""

    def __init__(self, upload: Upload, view: str, page: str) -> None:
        self.counts = dict.fromkeys(VIEWS, 0)
        self.rows: list[RowOutcome] = []
        every = list(_documents(upload)) if upload.outcomes_path.is_file() else []
        for one in every:
            for name in VIEWS:
                self.counts[name] += _is_in(name, one)
        best = next((name for name in VIEWS if self.counts[name]), "created")
        self.view = view if self.counts.get(view) else best
        found = [one for one in every if _is_in(self.view, one)]
        self.pages = max(1, -(-len(found) // PAGE))
        self.page = min(int(page), self.pages) if page.isdigit() and int(page) else 1
        self.rows = [RowOutcome.of_document(one) for one in found[(self.page - 1) * PAGE : self.page * PAGE]]


def _is_in(view: str, one: Mapping[str, Any]) -> bool:
    if view in ("likely", "left_out"):
        return bool(one.get(view) or (view == "left_out" and one.get("kept")))
    return one["result"] == view


def _documents(upload: Upload) -> Iterator[dict[str, Any]]:
    with upload.outcomes_path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _table(upload: Upload) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(HEADINGS)
    for document in _documents(upload):
        yield _line(cells_of(RowOutcome.of_document(document)))


def _line(cells: tuple[str, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


ROUTES = [check, check_progress, check_rows, rehearse]
