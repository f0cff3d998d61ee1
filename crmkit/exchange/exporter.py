"""Writes what the database holds to a file that an import reads back without a change.

Must not know resources. The file appears whole or not at all: it is written under another name and renamed at the end.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crmkit.errors import ImportConflict
from crmkit.exchange.export_rows import columns_of, left_out_of, rows_of
from crmkit.exchange.options import Counts, ExportOptions, ExportReport, Progress, ProgressCallback
from crmkit.exchange.writers import CsvWriter, Format, JsonLinesWriter, RowWriter
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

STEP = 1000


def export(
    crm: CRM,
    actor: Actor,
    path: str | os.PathLike[str],
    options: ExportOptions | None = None,
    progress: ProgressCallback | None = None,
) -> ExportReport:
    """Write customers, purchases (a row for each line), interactions or products to a CSV or JSON-lines file.

    The format follows from the name (``.jsonl``, ``.ndjson``) unless it is stated. Formulas are neutralised in CSV.
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
        "resource": options.resource, "where": list(options.where), "reveal": options.reveal, "reason": options.reason
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
        writer = make_writer(stream, columns, options.format or format_of(target), bom=options.bom)
        for cells in rows_of(session, options.resource, options.where, columns, whole=options.reveal):
            writer.write(cells)
            rows += 1
            if progress is not None and rows % STEP == 0:
                seconds = max(time.monotonic() - began, 1e-6)
                progress(
                    Progress(
                        rows=rows, bytes=stream.tell(), total_bytes=0, rate=rows / seconds, counts=Counts(read=rows)
                    )
                )
    return rows, left_out


def format_of(path: Path) -> Format:
    """Return the format that a file's name stands for."""
    return "jsonl" if path.suffix.lower() in (".jsonl", ".ndjson") else "csv"


def make_writer(stream: BinaryIO, columns: Sequence[str], format: Format, *, bom: bool) -> RowWriter:
    """Return the writer of a format."""
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
