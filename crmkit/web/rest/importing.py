"""Carrying out an import that came over the API: its parameters, the file while it is at work, its progress.

Must not know what a row means, nor what the API says of an import afterwards.
"""

from __future__ import annotations

import contextlib
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from attrs import evolve

from crmkit.core.store.ids import new_id
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.api import (
    ImportOptions,
    ImportReport,
    Progress,
    plan_import,
    rehearse_import,
    run_import,
)
from crmkit.exchange.options import ResourceName
from crmkit.exchange.rejects import SUFFIXES, reject_format
from crmkit.i18n import texts
from crmkit.private import make_private_folder
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Parameter

_ = texts("crmkit")

KEPT = timedelta(days=30)
"""How long a file of rejected rows is kept."""


def options_of(call: RestCall, folder: Path | None) -> ImportOptions:
    """Return the options of an import that a call asks for; rejected rows go to a file in a folder. Raises
    InvalidInput."""
    given = call.query
    return ImportOptions(
        resource=given["resource"],
        mapping=dict(_mapped(word) for word in given["map"] or ()),
        automatic=not given["only_mapped"],
        on_duplicate=given["on_duplicate"],
        source=given["source"],
        encoding=given["encoding"],
        delimiter={"\\t": "\t", "tab": "\t"}.get(given["delimiter"] or "", given["delimiter"]),
        format=given["format"],
        sheet=given["sheet"],
        date_order=given["date_order"],
        decimal_mark=given["decimal_mark"],
        zone=given["zone"],
        currency=given["currency"],
        kind=given["kind"],
        region=given["region"],
        make_fields=given["make_fields"],
        create_customers=given["create_customers"],
        reject_file=None if folder is None else folder / f"{new_id()}.rejected",
        again=given["again"],
        fresh=given["fresh"],
        language=call.language,
    )


def _mapped(word: str) -> tuple[str, str]:
    column, separator, field = word.rpartition(":")
    if not separator or not column:
        hint = _("Write it as Column:field.")
        raise InvalidInput(
            [Problem("CK500", _("This is no column with its field."), field="map", value=word, hint=hint)]
        )
    return column, field


@contextlib.contextmanager
def uploaded(call: RestCall) -> Iterator[Path]:
    """Keep the body of a call as a file for as long as the block lasts."""
    name = Path(call.query["file_name"] or "upload").name.strip(".") or "upload"
    if any(not char.isprintable() or char in '/\\:*?"<>|' for char in name):
        raise InvalidInput([Problem("CK500", _("This is no name of a file."), field="file_name", value=name)])
    folder = Path(tempfile.mkdtemp(prefix="crmkit-import-"))
    try:
        path = folder / name
        path.write_bytes(call.raw)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def carried(call: RestCall, path: Path, dry: bool, tell: Any) -> ImportReport:
    """Import a file, or with ``dry`` only try it, and return what became of its rows."""
    plan = plan_import(call.crm, path, options_of(call, None if dry else folder_of(call.crm)))
    if not dry:
        ending = SUFFIXES[reject_format(plan.format)]
        wanted = plan.options.reject_file
        assert wanted is not None
        plan = evolve(plan, options=evolve(plan.options, reject_file=wanted.with_name(wanted.name + ending)))
    return (rehearse_import if dry else run_import)(call.crm, call.actor, plan, tell)


def told(call: RestCall, dry: bool) -> Iterator[Progress | ImportReport]:
    """Give the progress of an import while it is at work, then its report. Whoever goes away meanwhile does not stop
    it: what was committed stays, and sending the file again goes on. Raises what the import raises."""
    messages: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        try:
            with uploaded(call) as path:
                messages.put(carried(call, path, dry, messages.put))
        except Exception as error:
            messages.put(error)

    thread = threading.Thread(target=work, name="crmkit-import", daemon=True)
    thread.start()
    while True:
        found = messages.get()
        if isinstance(found, Exception):
            raise found
        yield found
        if isinstance(found, ImportReport):
            return


def folder_of(crm: Any) -> Path:
    """Return the folder of rejected rows, made where there is none; files that are too old are removed."""
    settings = crm.settings
    if settings.home is not None:
        root = settings.home
    elif settings.files is not None:
        root = settings.files.parent
    elif settings.sqlite_file is not None:
        root = settings.sqlite_file.parent
    else:
        root = Path(tempfile.gettempdir()) / "crmkit"
    folder: Path = (root / "imports").absolute()
    make_private_folder(folder)
    before = datetime.now(UTC) - KEPT
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if ".rejected" in path.name and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
    return folder


def _choice(name: str, title: str, *values: str) -> Parameter:
    return Parameter(name=name, type=Literal[values] | None, title=title)


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(name="file_name", type=str | None, title=_("What the file is called."), max_length=200),
    Parameter(name="resource", type=ResourceName | None, title=_("What the rows are; else told from the headings.")),
    Parameter(
        name="map",
        type=tuple[str, ...],
        title=_("Fields that columns fill, as Column:field with commas between; no field ignores the column."),
        max_length=4000,
    ),
    Parameter(name="only_mapped", type=bool, title=_("Whether to ignore columns that are not mapped."), default=False),
    Parameter(
        name="on_duplicate",
        type=Literal["skip", "update", "review"],
        title=_("What to do with a row that is there already."),
        default="skip",
    ),
    Parameter(name="source", title=_("System that the ids in the file belong to."), default="import", max_length=60),
    Parameter(name="encoding", type=str | None, title=_("Encoding of the file."), max_length=40),
    Parameter(name="delimiter", type=str | None, title=_("Character between the cells."), max_length=4),
    _choice("format", _("Form of the file."), "csv", "jsonl", "xlsx", "xls", "ods", "vcard"),
    Parameter(name="sheet", type=str | None, title=_("Sheet of a workbook."), max_length=100),
    _choice("date_order", _("How to read 03/04/2026."), "YMD", "DMY", "MDY"),
    _choice("decimal_mark", _("How to read 1.234."), ".", ","),
    Parameter(name="zone", type=str | None, title=_("Time zone of times without one."), max_length=60),
    Parameter(name="currency", type=str | None, title=_("Currency of amounts without one."), max_length=3),
    _choice("kind", _("What customers are where the file does not say."), "person", "organization"),
    Parameter(name="region", type=str | None, title=_("Country of phone numbers without country code."), max_length=2),
    Parameter(name="make_fields", type=bool, title=_("Whether to make new custom fields."), default=False),
    Parameter(
        name="create_customers",
        type=bool,
        title=_("Whether to add customers that purchases or interactions name and that are not there."),
        default=False,
    ),
    Parameter(name="again", type=bool, title=_("Whether to import a file that was imported before."), default=False),
    Parameter(name="fresh", type=bool, title=_("Whether to begin anew instead of going on."), default=False),
)
"""What a call may say of how a file is to be imported."""
