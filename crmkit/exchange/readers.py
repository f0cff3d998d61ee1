"""Reads tables row by row: CSV and its kin, JSON lines, a sheet of a workbook, address cards; plain, ``.gz``, ``.xz``
or from standard input. What a file is, is told from its content, whatever it is called.

Must not know fields, types or databases. Memory stays flat whatever the file's size. One bad row never loses the
others: it comes out with its ``problem`` set. Reading is deterministic, so a resumed import can skip.
"""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

from attrs import evolve, field, frozen

from crmkit.errors import Problem, UnreadableFile
from crmkit.exchange.csv_rows import CsvRows
from crmkit.exchange.dialects import SINGLE_COLUMN, Dialect, detect_dialect
from crmkit.exchange.encodings import HEAD, Detected, TextDecoder, check_encoding, detect_stream, refuse_foreign
from crmkit.exchange.json_rows import json_columns, json_rows
from crmkit.exchange.rows import Row, distinct, problem
from crmkit.exchange.sources import Kept, Lines, Source
from crmkit.exchange.writers import Format
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.exchange.workbooks.reading import SheetInfo

_ = texts("crmkit")

WORKBOOKS = ("xlsx", "xls", "ods")
"""The forms of files that have sheets to choose from."""
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "ods": (".ods",),
    "vcard": (".vcf", ".vcard"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CARD = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*B\0?E\0?G\0?I\0?N\0?:\0?V\0?C\0?A\0?R\0?D", re.IGNORECASE
)
_NO_HEADING = _("The file's first row looks like data, not like headings.")


@frozen(kw_only=True)
class Description:
    """What was found out about a file. ``bytes_total`` counts the file as it is stored, compressed or not.

    ``notes`` is what the person who imports should know: renamed headings, a guessed encoding.
    """

    name: str
    format: Format
    encoding: Detected
    bytes_total: int
    compression: str = ""
    dialect: Dialect | None = None
    sheet: str | None = None
    """The sheet that is read, of a workbook."""
    sheets: tuple[SheetInfo, ...] = ()
    """All sheets of a workbook."""
    notes: tuple[Problem, ...] = field(default=())

    @property
    def delimiter(self) -> str | None:
        """Return the character between cells; None for JSON lines and for files with one column."""
        return None if self.dialect is None or self.dialect.delimiter == SINGLE_COLUMN else self.dialect.delimiter


class RowSource:
    """The rows of a file, read in one go: iterate once; ``skip_to`` before or in between.

    ``headings`` are as they stand in the file; ``columns`` are the same made distinct. ``meta_columns`` are those of a
    file of rejected rows: no row's ``cells`` hold them. Iterating raises `UnreadableFile` for damaged compressed files.
    """

    def __init__(
        self,
        source: Source,
        description: Description,
        headings: Sequence[str],
        meta: Sequence[str],
        rows: Iterator[Row],
        done: Callable[[], float] | None = None,
    ) -> None:
        notes: list[Problem] = []
        self.headings = tuple(headings)
        self.columns = distinct(headings, notes)
        self.meta_columns = tuple(meta)
        self.description = evolve(description, notes=(*description.notes, *notes))
        self._source = source
        self._rows = rows
        self._done = done
        # The reader's generators refer to each other, so that dropping them would close the file only some time later.
        weakref.finalize(self, source.close)

    @property
    def position(self) -> int:
        """Return how many of ``description.bytes_total`` bytes were read; it moves in blocks."""
        if self._done is not None:
            return int(self._done() * self.description.bytes_total)
        return self._source.position

    def digest(self) -> str:
        """Return the SHA-256 of the stored file, in hexadecimal."""
        return self._source.digest()

    def __iter__(self) -> Iterator[Row]:
        # Being a generator keeps the source alive, and its file open, as long as somebody iterates.
        yield from self._rows

    def skip_to(self, index: int) -> None:
        """Pass over the rows before an index (refused ones count); raises `UnreadableFile` if there are fewer."""
        if index > 0 and next(islice(self._rows, index - 1, index), None) is None:
            raise UnreadableFile(
                _('"{file}" has fewer than {count} rows.'),
                fix=_("Use the same file as when the import began."),
                file=self.description.name,
                count=index,
            )

    def close(self) -> None:
        """Close the file; a source that was read to its end is closed already."""
        self._source.close()

    def __enter__(self) -> RowSource:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def mapping(self, row: Row) -> Mapping[str, object]:
        """Return a row's cells by column."""
        return dict(zip(self.columns, row.cells, strict=True))


def open_rows(
    path: str | os.PathLike[str] | Kept,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    format: Format | None = None,
    sheet: str | None = None,
    protected: bool = True,
) -> RowSource:
    """Open a file of rows; what is not stated is found out. ``-`` is standard input.

    A stated encoding is used as it is: what does not decode is refused row by row. ``sheet`` is one of a workbook;
    without it the first that is visible and holds something is read. ``protected`` takes away the ``'`` that
    `crmkit.exchange.writers.protect` (and most programs that guard against formulas) put before a cell of CSV. Raises
    `UnreadableFile` for everything that is no table and no file of cards, MissingExtra for a workbook without the
    library that reads it.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise UnreadableFile(_("A delimiter is one character, not {delimiter}."), fix=None, delimiter=repr(delimiter))
    source = Source(path)
    try:
        if format in (*WORKBOOKS, None) and _is_workbook(source):
            return _open_workbook(source, sheet)
        if format in WORKBOOKS:
            raise UnreadableFile(
                _('"{file}" is no workbook.'), fix=_("Leave out the format; it is found out."), file=source.name
            )
        if format in ("vcard", None) and _is_cards(source):
            return _open_cards(source, encoding)
        if format == "vcard":
            raise UnreadableFile(
                _('"{file}" has no address card.'),
                fix=_("A card stands between BEGIN:VCARD and END:VCARD."),
                file=source.name,
            )
        return _open(source, encoding, delimiter, format, protected)
    except BaseException:
        source.close()
        raise


def list_sheets(path: str | os.PathLike[str] | Kept) -> tuple[SheetInfo, ...]:
    """Return the sheets of a workbook; none for any other file. Raises `UnreadableFile`, MissingExtra."""
    source = Source(path)
    try:
        if not _is_workbook(source):
            return ()
        from crmkit.exchange.workbooks.reading import Workbook

        return Workbook(source).sheets
    finally:
        source.close()


def _head(source: Source) -> bytes:
    with source.open() as stream:
        return stream.read(4096)


def _is_workbook(source: Source) -> bool:
    return _head(source).startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def _is_cards(source: Source) -> bool:
    return _CARD.match(_head(source)) is not None


def _misnamed(name: str, form: str) -> tuple[Problem, ...]:
    """Return a note where a file's name stands for another form than the one that it has."""
    stem = name.lower().removesuffix(".gz").removesuffix(".xz")
    known = next((each for each, endings in _ENDINGS.items() if stem.endswith(endings)), None)
    if known in (None, form) or {known, form} == {"csv", "jsonl"}:
        return ()
    return (problem(_('The file is called "{file}", but its content is {form}.'), file=name, form=form),)


def _open_workbook(source: Source, sheet: str | None) -> RowSource:
    from crmkit.exchange.workbooks.reading import Workbook

    book = Workbook(source)
    table = book.table(sheet)
    notes = [*_misnamed(source.name, book.kind), *table.notes]
    if not table.header:
        notes.append(problem(_NO_HEADING))
    description = Description(
        name=source.name,
        format=cast(Format, book.kind),
        encoding=Detected(encoding="utf-8"),
        bytes_total=source.size,
        compression=source.compression,
        sheet=table.sheet,
        sheets=book.sheets,
        notes=tuple(notes),
    )
    return RowSource(source, description, table.headings, table.meta, table.rows(), lambda: table.done)


def _open_cards(source: Source, encoding: str | None) -> RowSource:
    from crmkit.exchange.vcards.reading import card_table

    detected = _stated(source, encoding) if encoding is not None else detect_stream(source.open, name=source.name)
    notes = (*((problem(detected.note),) if detected.note else ()), *_misnamed(source.name, "vcard"))
    table = card_table(lambda: Lines(source, detected), source.name)
    description = Description(
        name=source.name,
        format="vcard",
        encoding=detected,
        bytes_total=source.size,
        compression=source.compression,
        notes=notes,
    )
    return RowSource(source, description, table.headings, table.meta, table.rows())


def _open(
    source: Source, encoding: str | None, delimiter: str | None, format: Format | None, protected: bool
) -> RowSource:
    detected = _stated(source, encoding) if encoding is not None else detect_stream(source.open, name=source.name)
    noted = (problem(detected.note),) if detected.note else ()
    sample, complete = _sample(source, detected)
    description = Description(
        name=source.name,
        format=format or _guess_format(sample, source.name),
        encoding=detected,
        bytes_total=source.size,
        compression=source.compression,
        notes=noted,
    )
    notes = (*noted, *_misnamed(source.name, description.format))
    description = evolve(description, notes=notes)
    if description.format == "jsonl":
        headings, meta = json_columns(lambda: iter(Lines(source, detected)), source.name)
        return RowSource(source, description, headings, meta, json_rows(Lines(source, detected), headings, meta))
    dialect = detect_dialect(sample, delimiter=delimiter, complete=complete)
    if not dialect.header:
        description = evolve(description, notes=(*notes, problem(_NO_HEADING)))
    table = CsvRows(Lines(source, detected), dialect, protected=protected, name=source.name)
    return RowSource(source, evolve(description, dialect=dialect), table.headings, table.meta, iter(table))


def _stated(source: Source, encoding: str) -> Detected:
    name = check_encoding(encoding)
    with source.open() as stream:
        head = stream.read(HEAD)
    if not head:
        detect_stream(source.open, name=source.name)
    refuse_foreign(head, source.name)
    marks = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    marks |= {"utf-32-le": b"\xff\xfe\0\0", "utf-32-be": b"\0\0\xfe\xff"}
    if name in ("utf-16", "utf-32", "utf-8-sig"):
        family = name.removesuffix("-sig")
        order = [key for key in marks if key.startswith(family)]
        name = next((key for key in order if head.startswith(marks[key])), order[0])
    mark = marks.get(name, b"\0no mark")
    if head.startswith(b"\xef\xbb\xbf") and name != "utf-8":
        return Detected(encoding=name, note=_("The file bears the mark of UTF-8, but another encoding was stated."))
    return Detected(encoding=name, bom=head.startswith(mark), mark=len(mark) if head.startswith(mark) else 0)


def _sample(source: Source, detected: Detected) -> tuple[str, bool]:
    with source.open() as stream:
        head = stream.read(HEAD // 4)
    decoder = TextDecoder(detected.encoding, start=detected.mark)
    complete = len(head) < HEAD // 4
    return decoder.decode(head[detected.mark :], final=complete), complete


def _guess_format(sample: str, name: str) -> Format:
    start = sample.lstrip()
    stem = name.lower().removesuffix(".gz").removesuffix(".xz")
    if start.startswith("[") and (stem.endswith(".json") or re.match(r"\[\s*[\]{\[]", start)):
        raise UnreadableFile(
            _('"{file}" is one JSON list; an import reads JSON lines, one object a line.'),
            fix=_("Write each object of the list on a line of its own, for example with: jq -c '.[]'"),
            file=name,
        )
    if stem.endswith((".jsonl", ".ndjson", ".json")) or re.match(r'\{\s*"', start):
        return "jsonl"
    return "csv"
