"""Writes what the database holds to a file that an import reads back without a change.

Must not know resources. The file appears whole or not at all: it is written under another name and renamed at the end.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crmkit.errors import ImportConflict, InvalidInput, Problem
from crmkit.exchange.export_rows import columns_of, left_out_of, rows_of
from crmkit.exchange.leaving import MARK, mark_of
from crmkit.exchange.options import Counts, ExportFormat, ExportOptions, ExportReport, Progress, ProgressCallback
from crmkit.exchange.sheets import XlsxWriter
from crmkit.exchange.vcards.exporting import CardWriter
from crmkit.exchange.writers import CsvWriter, JsonLinesWriter, RowWriter
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

STEP = 1000
CARDS: tuple[ExportFormat, ...] = ("vcard", "vcard3")
"""The formats that are address cards."""


def export(
    crm: CRM,
    actor: Actor,
    path: str | os.PathLike[str],
    options: ExportOptions | None = None,
    progress: ProgressCallback | None = None,
) -> ExportReport:
    """Write customers, purchases (a row for each line), interactions or products to a file: CSV, JSON lines, a workbook
    (.xlsx), or, customers alone, address cards (.vcf).

    The format follows from the name unless it is stated. Formulas are neutralised in CSV, and no cell of a workbook is
    one.
    Interactions that were reversed are left out with their reversals. Cells whose values are sealed stay empty, unless
    ``options.reveal`` with a reason says otherwise and the actor has the right to. The export is audited with its
    number of rows and a keyed hash of its conditions. Raises ImportConflict for a file that exists, InvalidInput for a
    condition that cannot be read and for revealing without a reason, Refused.
    """
    options = options or ExportOptions()
    target = Path(path)
    if target.is_dir():
        raise ImportConflict(_('"{file}" is a folder.'), fix=_("Name a file in it."), file=target.name)
    if target.exists() and not options.overwrite:
        fix = _("Name another file, or allow it to be replaced.")
        raise ImportConflict(_('There is a file "{file}" already.'), fix=fix, file=target.name)
    began = time.monotonic()
    said = {
        "resource": options.resource, "where": list(options.where), "reveal": options.reveal, "reason": options.reason,
        "purpose": options.purpose, "recipient": options.recipient,
    }  # fmt: skip
    crm.run(actor, "export.start", said)
    try:
        handle, temporary = tempfile.mkstemp(prefix=".export-", dir=target.absolute().parent)
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            rows, left_out = _write(crm, actor, stream, target, options, progress, began)
            size = stream.tell()
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise _unwritable(target, error) from None
        raise
    crm.run(actor, "export.finish", {**said, "rows": rows})
    return ExportReport(
        resource=options.resource,
        path=target,
        rows=rows,
        bytes=size,
        seconds=time.monotonic() - began,
        left_out=left_out,
    )


def _write(
    crm: CRM,
    actor: Actor,
    stream: BinaryIO,
    target: Path,
    options: ExportOptions,
    progress: ProgressCallback | None,
    began: float,
) -> tuple[int, tuple[str, ...]]:
    rows = 0
    with crm.session(actor) as session:
        columns = columns_of(session, options.resource)
        left_out = () if options.reveal else left_out_of(session, options.resource, columns)
        form = options.format or format_of(target)
        check_form(options.resource, form)
        chosen = _chosen(columns, options.columns)
        named = list(columns) if form in CARDS else [columns[at] for at in sorted(chosen)]
        mark = [mark_of(session, options.recipient)] if options.recipient and form not in CARDS else []
        writer: Any = make_writer(stream, [*named, MARK] if mark else named, form, bom=options.bom)
        if mark and form == "xlsx":
            writer.describe(mark[0])
        rows_made = rows_of(
            session, options.resource, options.where, columns, whole=options.reveal, purpose=options.purpose
        )
        for cells in rows_made:
            writer.write([*narrowed(cells, chosen, blank=form in CARDS), *mark])
            rows += 1
            if progress is not None and rows % STEP == 0:
                seconds = max(time.monotonic() - began, 1e-6)
                progress(
                    Progress(
                        rows=rows, bytes=stream.tell(), total_bytes=0, rate=rows / seconds, counts=Counts(read=rows)
                    )
                )
        if form == "xlsx":
            # A workbook is complete only when it is closed.
            writer.close()
    return rows, left_out


def check_form(resource: str, form: ExportFormat) -> None:
    """Raise InvalidInput for what cannot be written in a form: only customers have address cards."""
    if form in CARDS and resource != "customers":
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _("Only customers can be written as address cards."),
                    field="format",
                    value=form,
                    hint=_("Choose CSV or a workbook."),
                )
            ]
        )


def _chosen(columns: Sequence[str], wanted: Sequence[str]) -> frozenset[int]:
    """Return the places of the columns that are wanted; all of them where none is named."""
    return frozenset(at for at, name in enumerate(columns) if not wanted or name in wanted)


def narrowed(cells: Sequence[Any], chosen: frozenset[int], *, blank: bool) -> Sequence[Any]:
    """Return the cells of a row that are wanted; with ``blank`` all of them, the others without a value."""
    if len(chosen) == len(cells):
        return cells
    if blank:
        return [cell if at in chosen else None for at, cell in enumerate(cells)]
    return [cells[at] for at in sorted(chosen)]


def format_of(path: Path) -> ExportFormat:
    """Return the format that a file's name stands for."""
    known: Mapping[str, ExportFormat] = {
        ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx", ".vcf": "vcard", ".vcard": "vcard"
    }  # fmt: skip
    return known.get(path.suffix.lower(), "csv")


def make_writer(stream: BinaryIO, columns: Sequence[str], format: ExportFormat, *, bom: bool) -> RowWriter:
    """Return the writer of a format; that of a workbook must be closed at the end."""
    if format in CARDS:
        return CardWriter(stream, columns, "3.0" if format == "vcard3" else "4.0")
    if format == "xlsx":
        return XlsxWriter(stream, columns, whole=True)
    if format == "jsonl":
        return cast(RowWriter, _Sparse(stream, columns))
    return CsvWriter(stream, columns, bom=bom)


class _Sparse:
    """Writes JSON lines without the keys that have no value; the first line has all, so that the columns are known."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str]) -> None:
        self._stream = stream
        self._columns = tuple(columns)
        self._whole = JsonLinesWriter(stream, columns)
        self._first = True

    def write(self, cells: Sequence[Any]) -> None:
        """Write a row."""
        if self._first:
            self._first = False
            self._whole.write(cells)
            return
        present = list(self._present(cells))
        JsonLinesWriter(self._stream, [name for name, _cell in present]).write([cell for _name, cell in present])

    def _present(self, cells: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        for name, cell in zip(self._columns, cells, strict=True):
            if cell is not None:
                yield name, cell


def _unwritable(target: Path, error: OSError) -> ImportConflict:
    return ImportConflict(
        _('The file "{file}" cannot be written: {reason}.'),
        fix=_("Check the folder and its permissions."),
        file=target.name,
        reason=error.strerror or error,
    )
