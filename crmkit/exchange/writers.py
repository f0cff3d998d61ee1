"""Writes rows to CSV and JSON lines so that spreadsheets run nothing in them and reading them back changes nothing.

Must not know where rows come from. A cell that a spreadsheet would take for a formula gets one ``'`` in front
(`protect`); the reader takes away exactly what was put there (`unprotect`), so that writing and reading is the identity
for every text. JSON lines are not opened by spreadsheets and stay as they are. NUL is written as it is; the reader
refuses the row, because no database field can hold it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from crmkit.errors import ImportConflict, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

META_COLUMNS = ("_line", "_column", "_value", "_reason", "_code")
"""What a file of rejected rows says about each; the reader passes over them when they are a file's last columns."""

Format = Literal["csv", "jsonl", "xlsx", "xls", "ods", "vcard"]
"""The forms of files; of rejected rows there are CSV, JSON lines and vCard."""

_BOM = b"\xef\xbb\xbf"
_RISKY_START = frozenset("=+-@＝＋－＠﹢﹣﹦﹫−'\"“”‘’«»`\0")
_PLAIN_NUMBER = r"[+-]\d+(?:[.,]\d+)*|\+\d[\d ]*"
_FORMULA = re.compile(rf"'*+(?!(?:{_PLAIN_NUMBER})\Z)(?:[\t\r\n\0]|[\s\0\"'“”‘’«»`\ufeff]*+[=+\-@＝＋－＠﹢﹣﹦﹫−])")


def protect(text: str) -> str:
    """Return a text with ``'`` in front if a spreadsheet could take it for a formula, else unchanged.

    Risky are = + - @ (also full-width), after any white space and quotes, and leading TAB, CR, LF and NUL. Signed plain
    numbers (-5, +3.50) and phone numbers of digits and spaces (+86 138 0013 8000) compute nothing and stay.
    """
    first = text[:1]
    if first and (first in _RISKY_START or first.isspace() or first == "\ufeff") and _FORMULA.match(text):
        return "'" + text
    return text


def unprotect(text: str) -> str:
    """Return the text that `protect` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


def cell_text(value: object) -> str:
    """Return a value as the text of a cell: None is empty, truths are ``true`` and ``false``, lists are JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return json_text(value)
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)


def json_text(value: object) -> str:
    """Return a value as one line of JSON; decimals, dates, instants and UUIDs become strings.

    Raises `InvalidInput` for a text that UTF-8 cannot write (half of a surrogate pair).
    """
    import msgspec

    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError as error:
        raise _not_unicode(error) from None


def _not_unicode(error: UnicodeEncodeError) -> InvalidInput:
    return InvalidInput(
        _("A text holds U+{point}, half of a character, and cannot be written."),
        fix=_("Remove it from the text."),
        point=f"{ord(error.object[error.start]):04X}",
    )


class RowWriter(Protocol):
    """What both writers offer. Bytes reach the stream with every call; nothing is held back."""

    def write(self, cells: Sequence[object]) -> None:
        """Write a row: one value a column, in the order of the columns."""
        ...


class CsvWriter:
    """Writes CSV after RFC 4180 in UTF-8: every cell quoted, CRLF after each row, formulas protected.

    Every cell is quoted so that a spreadsheet that parts cells by another character still sees one cell. ``bom`` puts
    the mark in front that Excel needs; ``header=False`` continues a file that has its heading.
    """

    def __init__(
        self,
        stream: BinaryIO,
        columns: Sequence[str],
        *,
        bom: bool = False,
        delimiter: str = ",",
        header: bool = True,
        errors: Literal["strict", "replace"] = "strict",
    ) -> None:
        self._stream = stream
        self._width = len(columns)
        self._errors = errors
        self._line = io.StringIO(newline="")
        self._writer = csv.writer(self._line, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        if header:
            self._emit(columns, _BOM if bom else b"")

    def write(self, cells: Sequence[object]) -> None:
        """Write a row; raises `InvalidInput` for a text that UTF-8 cannot write, ValueError for a wrong width."""
        if len(cells) != self._width:
            raise ValueError(f"{len(cells)} cells for {self._width} columns")
        self._emit(cells, b"")

    def write_all(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows one after the other."""
        for cells in rows:
            self.write(cells)

    def _emit(self, cells: Sequence[object], before: bytes) -> None:
        self._line.seek(0)
        self._line.truncate()
        self._writer.writerow([protect(cell_text(cell)) for cell in cells])
        try:
            data = self._line.getvalue().encode("utf-8", self._errors)
        except UnicodeEncodeError as error:
            raise _not_unicode(error) from None
        self._stream.write(before + data)


class JsonLinesWriter:
    """Writes one JSON object a line in UTF-8, with the columns as keys; nested values stay nested."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str]) -> None:
        self._stream = stream
        self._columns = tuple(columns)

    def write(self, cells: Sequence[object]) -> None:
        """Write a row; raises `InvalidInput` for a text that UTF-8 cannot write, ValueError for a wrong width."""
        self._stream.write(json_text(dict(zip(self._columns, cells, strict=True))).encode() + b"\n")

    def write_all(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows one after the other."""
        for cells in rows:
            self.write(cells)


class RejectWriter:
    """Collects rejected rows in a file that can be mended and imported again.

    The original columns come first and unchanged, then `META_COLUMNS`. The file is made by `reserve` or with the first
    row, readable by its owner only; `discard` leaves none after a clean import. A row is with the operating system when
    `write` returns; `tell` also brings it to the disk. A file of that name that somebody else left is never
    overwritten: `ImportConflict`, until `truncate_to` takes it up.
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str], *, format: Format = "csv") -> None:
        self.path = Path(path)
        self.rows = 0
        self._columns = tuple(columns)
        self._format = format
        self._stream: io.FileIO | None = None
        self._writer: CsvWriter | None = None
        self._reserved = False
        if self.path.is_dir():
            raise ImportConflict(
                _('"{file}" is a folder.'), fix=_("Name a file for the rejected rows."), file=str(path)
            )

    def reserve(self) -> None:
        """Make the file, empty, so that nobody else takes its name. Raises `ImportConflict` when it is there."""
        os.close(self._descriptor(os.O_CREAT | os.O_EXCL))
        self._reserved = True

    def discard(self) -> None:
        """Close the file, and remove it if it was reserved and nothing came into it."""
        self.close()
        if self._reserved and self.path.is_file() and self.path.stat().st_size == 0:
            self.path.unlink()

    def write(
        self, cells: Sequence[object], *, line: int, problems: Sequence[Problem], language: str = "en", raw: str = ""
    ) -> None:
        """Write a rejected row as it was read, with the line it began on and everything that is wrong with it.

        ``raw`` is the text of an address card, which is written instead of the cells.

        ``problems`` has at least one entry. Column, value and code are those of the first; the reasons are all given.
        """
        first = problems[0]
        value = "" if first.value is None else visible_value(first.value)
        reason = " ".join(problem.render(language) for problem in problems)
        meta = (line, first.field or "", value, reason, first.code)
        values = [*cells, *([""] * (len(self._columns) - len(cells))), *meta]
        stream = self._stream or self._open(resume=False)
        if self._format == "vcard":
            from crmkit.exchange.vcards.rejected import rejected_card

            stream.write(rejected_card(raw, meta))
        elif self._writer:
            self._writer.write(values)
        else:
            keys = (*self._columns, *META_COLUMNS)
            present = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
            stream.write(_replace_halves(present).encode() + b"\n")
        self.rows += 1

    def tell(self) -> int:
        """Return the bytes that the file has, all of them on the disk; 0 when there is none."""
        if self._stream is None:
            return 0
        os.fsync(self._stream.fileno())
        return self._stream.tell()

    def truncate_to(self, offset: int) -> None:
        """Go on with the file of an interrupted import, cut to the bytes that `tell` gave; 0 reserves it anew.

        Raises `ImportConflict` when the file is missing or shorter than that: someone changed it meanwhile.
        """
        self.close()
        if offset == 0:
            if self.path.is_file():
                os.truncate(self.path, 0)
                self._reserved = True
            else:
                self.reserve()
            return
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < offset:
            raise ImportConflict(
                _('The file of rejected rows "{file}" has {size} bytes, but {offset} had been written.'),
                fix=_("Put the file back, or begin the import anew."),
                file=str(self.path),
                size=size,
                offset=offset,
            )
        stream = self._open(resume=True)
        stream.truncate(offset)
        stream.seek(offset)

    def close(self) -> None:
        """Bring everything to the disk and close the file; safe to call twice."""
        if self._stream is not None:
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._stream = self._writer = None

    def __enter__(self) -> RejectWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open(self, *, resume: bool) -> io.FileIO:
        descriptor = self._descriptor(0 if resume or self._reserved else os.O_CREAT | os.O_EXCL)
        self._stream = stream = _WholeWrites(descriptor, "r+")
        if self._format == "csv":
            columns = (*self._columns, *META_COLUMNS)
            self._writer = CsvWriter(stream, columns, bom=True, header=not resume, errors="replace")
        return stream

    def _descriptor(self, flags: int) -> int:
        flags |= os.O_RDWR | getattr(os, "O_BINARY", 0)
        try:
            return os.open(self.path, flags, stat.S_IRUSR | stat.S_IWUSR)
        except FileExistsError:
            raise ImportConflict(
                _('There is a file "{file}" already; it may hold rows that still wait to be mended.'),
                fix=_("Name another file for the rejected rows, or move this one away."),
                file=str(self.path),
            ) from None
        except OSError as error:
            raise ImportConflict(
                _('The file of rejected rows "{file}" cannot be written: {reason}.'),
                fix=_("Name another file for the rejected rows."),
                file=str(self.path),
                reason=error.strerror,
            ) from None


class _WholeWrites(io.FileIO):
    """An unbuffered file whose `write` never stops half-way (a signal or a quota may cut a bare write short)."""

    def write(self, data: Any) -> int:
        view = memoryview(data)
        while view:
            view = view[super().write(view) :]
        return len(data)


def visible_value(value: object) -> str:
    """Return a value as text that fits into a spreadsheet's cell (32,000 characters)."""
    text = cell_text(value)
    return text if len(text) <= 32000 else text[:32000] + "…"


def _replace_halves(value: object) -> str:
    try:
        import msgspec

        # A number stays a number, so that it is the same when the mended row is read.
        return msgspec.json.Encoder(decimal_format="number").encode(value).decode()
    except UnicodeEncodeError:
        import json

        return json.dumps(value, default=str, ensure_ascii=True)
