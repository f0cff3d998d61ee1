"""Exporting records to a file: which, in what form, with which columns; what is sealed only with a reason.

The file is made in a private folder, handed out and removed. Must not decide what may be exported.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from starlette.responses import Response, StreamingResponse

from crmkit.errors import CrmkitError, InvalidInput, Problem, StepUpNeeded
from crmkit.exchange.api import ExportOptions, export
from crmkit.exchange.export_rows import columns_of
from crmkit.exchange.exporter import CARDS
from crmkit.exchange.fields import fields_for
from crmkit.exchange.leaving import MARK, marked_name
from crmkit.exchange.options import RESOURCES as KINDS, ExportFormat
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.imports.results import attachment
from crmkit.web.pages.imports.wizard import uploads
from crmkit.web.pages.imports.wording import titles, told
from crmkit.web.pages.routing import get, post, problems_by_field

_ = texts("crmkit")

RIGHT = "export.run"
_BLOCK = 1 << 16
FORMS: Mapping[str, tuple[str, str]] = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "jsonl": ("jsonl", "application/x-ndjson; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "vcard": ("vcf", "text/vcard; charset=utf-8"),
    "vcard3": ("vcf", "text/vcard; charset=utf-8"),
}
"""The forms of an export: the ending of its name, and its type."""
_AS_TEXT = ("csv", "jsonl")
"""The forms whose columns are chosen while the file is handed out."""


@get("/exports", right=RIGHT)
def ask(call: PageCall) -> Response:
    """Ask what to export, after asking once more who it is."""
    _step_up(call)
    return _form(call, {})


@post("/exports", right=RIGHT, budget="export")
def send(call: PageCall) -> Response:
    """Make the file and hand it out."""
    _step_up(call)
    resource = call.value("resource")
    if resource not in KINDS:
        return _form(call, {"resource": [Problem("CK400", _("Choose what to export."), field="resource")]}, 422)
    where = tuple(line.strip() for line in call.value("where").splitlines() if line.strip())
    form = cast(ExportFormat, call.value("format") if call.value("format") in FORMS else "csv")
    if form in CARDS and resource != "customers":
        wrong = Problem("CK400", _("Only customers can be written as address cards."), field="format")
        return _form(call, {"format": [wrong]}, 422)
    reveal = call.value("reveal") == "true"
    options = ExportOptions(
        resource=resource,
        format=form,
        where=where,
        reveal=reveal,
        reason=call.value("reason") or None if reveal else None,
        columns=tuple(call.values("column")) if form not in _AS_TEXT else (),
        purpose=call.value("purpose") or None,
        recipient=call.value("recipient").strip() or None,
    )
    wanted = set(call.values("column")) if form in _AS_TEXT else set[str]()
    if wanted and options.recipient:
        wanted.add(MARK)
    ending = FORMS[form][0]
    root = uploads(call).folder
    from crmkit.private import make_private_folder

    make_private_folder(root)
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=root))
    try:
        path = folder / f"{resource}.{ending}"
        export(call.crm, call.actor, path, options)
    except StepUpNeeded:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except CrmkitError as error:
        shutil.rmtree(folder, ignore_errors=True)
        # A condition that cannot be read names a field of its own, not one of this form.
        other = "where" if isinstance(error, InvalidInput) else ""
        problems: dict[str, list[Problem]] = {}
        for name, each in problems_by_field(error).items():
            problems.setdefault(name if name in ("resource", "reason", "format", "purpose") else other, []).extend(each)
        return _form(call, problems, 422)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    name = marked_name(resource, ending, options.recipient, call.crm.clock.now())
    return StreamingResponse(
        _handed_out(folder, path, form, wanted),
        media_type=FORMS[form][1],
        headers={"Content-Disposition": attachment(name)},
    )


def _step_up(call: PageCall) -> None:
    if call.signed is not None:
        from crmkit.security.sessions.stepping import check_step_up

        check_step_up(call.crm, call.signed, "export.start")


def _form(call: PageCall, problems: dict[str, list[Problem]], status: int = 200) -> Response:
    resource = call.value("resource") or "customers"
    if resource not in KINDS:
        resource = "customers"
    with call.session() as session:
        names = columns_of(session, resource)
        purposes = session.crm.config.get(session).options.get("consent_purpose", {})
    known = fields_for(resource)
    columns = [
        (name, call.text(known[name].title) if name in known else name.partition(".")[2] or name) for name in names
    ]
    chosen = set(call.values("column")) if call.form is not None else set(names)
    return call.page(
        "imports/export.html",
        status=status,
        problems=problems,
        resource=resource,
        resources=[(name, call.text(title)) for name, title in titles(call).items() if name in KINDS],
        columns=columns,
        chosen=chosen or set(names),
        purposes=[("", call.text(_("Everybody"))), *((name, call.text(title)) for name, title in purposes.items())],
        may_reveal=call.may("customer.reveal") or call.may("interaction.reveal"),
        told=lambda problem: told(call, problem),
    )


def _handed_out(folder: Path, path: Path, form: str, wanted: set[str]) -> Iterator[bytes]:
    """Return the bytes of a file. It has no name any more once it is open, so that nothing is left of it, also when
    whoever asked for it goes away meanwhile."""
    stream = path.open("rb")
    shutil.rmtree(folder, ignore_errors=True)
    return _narrowed(stream, form, wanted) if wanted else _whole(stream)


def _whole(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while block := stream.read(_BLOCK):
            yield block


def _narrowed(stream: BinaryIO, form: str, wanted: set[str]) -> Iterator[bytes]:
    """Return the same file with some of its columns alone."""
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        if form == "jsonl":
            for line in text:
                kept = {name: value for name, value in json.loads(line).items() if name in wanted}
                yield json.dumps(kept, ensure_ascii=False).encode() + b"\n"
            return
        rows = csv.reader(text)
        head = next(rows, [])
        places = [at for at, name in enumerate(head) if name in wanted] or list(range(len(head)))
        yield b"\xef\xbb\xbf" + _line([head[at] for at in places])
        for row in rows:
            yield _line([row[at] for at in places if at < len(row)])


def _line(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


ROUTES = [ask, send]
