"""Reads the sheets of a workbook: which there are, which one holds the table, and its rows.

Must not know fields or databases. The archive is looked over before the reader (calamine) gets it. Of formulas the
values are read that were saved with them; hidden sheets only where somebody names them, or there is no other.
"""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast

from attrs import define, field, frozen

from crmkit.errors import MissingExtra, Problem, UnreadableFile
from crmkit.exchange.dialects import looks_like_headings
from crmkit.exchange.rows import Row, check_width, problem, split_meta
from crmkit.exchange.sources import Source
from crmkit.exchange.workbooks import archive
from crmkit.exchange.workbooks.archive import MAX_CELLS, MAX_STORED, Extent, damaged, protected, survey
from crmkit.exchange.workbooks.cells import CellError, cell_of, is_rounded
from crmkit.exchange.workbooks.heads import LOOKED_AT, heading_row
from crmkit.i18n import texts

_ = texts("crmkit")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file of Microsoft's older container begins: .xls, and every workbook with a password."""
MAX_CELL = 1 << 20
"""Characters that a cell may have."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_MAX_MERGES = 50_000
_BLOCK = 1 << 20
Result = TypeVar("Result")


@frozen(kw_only=True)
class SheetInfo:
    """A sheet of a workbook: its name, how far its filled cells reach, and whether it is hidden."""

    name: str
    rows: int = 0
    columns: int = 0
    hidden: bool = False


@define
class SheetTable:
    """The table on one sheet. ``rows`` makes a new iterator each time; ``done`` is how much was read of it, 0 to 1."""

    sheet: str
    headings: list[str]
    meta: tuple[str, ...]
    notes: list[Problem]
    rows: Callable[[], Iterator[Row]]
    header: bool = True
    done: float = field(default=0.0)


class Workbook:
    """An open workbook. ``kind`` is xlsx, xls or ods."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self._stream = _seekable(source)
        self._extents: dict[str, Extent] = {}
        if self._stream.read(8) == OLE:
            self.kind = "xls"
            _check_old(self._stream, self.name)
        else:
            found = survey(self._stream, self.name)
            self.kind, self._extents = found.kind, found.extents
        self._stream.seek(0)
        self._book: Any = self._guarded(lambda: _calamine().CalamineWorkbook.from_filelike(self._stream))
        self.sheets = tuple(self._described())

    def table(self, wanted: str | None = None) -> SheetTable:
        """Return the table on a sheet; without a name that on the first visible sheet that holds something.

        Raises `UnreadableFile` for a sheet that there is not, is empty, or is too large.
        """
        chosen = self._choose(wanted)
        extent = self._extents.get(chosen.name)
        if extent is not None and extent.area > MAX_CELLS:
            raise archive.too_many_cells(self.name, extent.rows, extent.columns)
        sheet = self._guarded(lambda: self._book.get_sheet_by_name(chosen.name))
        if sheet.start is None:
            raise UnreadableFile(
                _('The sheet "{sheet}" of "{file}" is empty.'),
                fix=_("Choose a sheet with a heading and rows."),
                sheet=chosen.name,
                file=self.name,
            )
        notes = self._notes(chosen, stated=wanted is not None)
        return _Reader(self, sheet, chosen.name, extent or Extent(), notes).table()

    def _choose(self, wanted: str | None) -> SheetInfo:
        if wanted is None:
            filled = [one for one in self.sheets if one.rows]
            found = next((one for one in filled if not one.hidden), None) or next(iter(filled), None)
            if found is None:
                raise UnreadableFile(
                    _('"{file}" has no sheet that holds anything.'),
                    fix=_("Choose a file with a heading and rows."),
                    file=self.name,
                )
            return found
        names = [one.name for one in self.sheets]
        alike = [one for one in self.sheets if one.name == wanted]
        alike = alike or [one for one in self.sheets if one.name.strip().casefold() == wanted.strip().casefold()]
        if alike:
            return alike[0]
        close = difflib.get_close_matches(wanted, names, 1, 0.5)
        raise UnreadableFile(
            _('"{file}" has no sheet "{sheet}".'),
            fix=_('Did you mean "{close}"?') if close else _("Sheets: {sheets}."),
            file=self.name,
            sheet=wanted,
            close=close[0] if close else "",
            sheets=", ".join(names[:30]),
        )

    def _notes(self, chosen: SheetInfo, *, stated: bool) -> list[Problem]:
        notes: list[Problem] = []
        others = [one for one in self.sheets if one.rows and one.name != chosen.name]
        seen = [one.name for one in others if not one.hidden]
        hidden = [one.name for one in others if one.hidden]
        if chosen.hidden:
            notes.append(problem(_('The sheet "{sheet}" is hidden.'), sheet=chosen.name))
        if seen and not stated:
            text = _('The sheet "{sheet}" is read; there are others: {others}.')
            hint = _("Choose another one with --sheet.")
            notes.append(problem(text, hint=hint, sheet=chosen.name, others=", ".join(seen[:20])))
        if hidden and not stated:
            text = _("Hidden sheets are not read: {others}.")
            notes.append(problem(text, hint=_("Choose one with --sheet."), others=", ".join(hidden[:20])))
        return notes

    def _described(self) -> Iterator[SheetInfo]:
        modes = _calamine()
        for one in self._book.sheets_metadata:
            if one.typ != modes.SheetTypeEnum.WorkSheet:
                continue
            hidden = one.visible != modes.SheetVisibleEnum.Visible
            if self.kind == "xlsx":
                extent = self._extents.get(one.name, Extent())
                yield SheetInfo(name=one.name, rows=extent.rows, columns=extent.columns, hidden=hidden)
            else:
                sheet = self._guarded(lambda name=one.name: self._book.get_sheet_by_name(name))
                size = (sheet.total_height, sheet.total_width) if sheet.start is not None else (0, 0)
                yield SheetInfo(name=one.name, rows=size[0], columns=size[1], hidden=hidden)

    def _guarded(self, work: Callable[[], Result]) -> Result:
        """Return what calamine gives; whatever it raises over a file that is not in order is one error."""
        try:
            return work()
        except (UnreadableFile, MissingExtra, MemoryError):
            raise
        except Exception as error:
            if type(error).__name__ == "PasswordError":
                raise protected(self.name) from None
            raise damaged(self.name) from None
        except BaseException as error:
            # What its Rust code panics over is no Exception to Python.
            if type(error).__name__ != "PanicException":
                raise
            raise damaged(self.name) from None


def _calamine() -> Any:
    try:
        import python_calamine
    except ImportError:
        raise MissingExtra(
            _("Reading spreadsheets needs {library}."),
            extra="exchange",
            library="python-calamine",
            fix=_("Install crmkit[exchange], or save the sheet as CSV."),
        ) from None
    return python_calamine


def _seekable(source: Source) -> BinaryIO:
    """Return the stored bytes; of a compressed file a private copy of what is in it."""
    stream = source.open()
    if not source.compression:
        return stream
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    source.adopt(copy)
    size = 0
    with stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > MAX_STORED:
                raise UnreadableFile(
                    _('"{file}" holds more than {limit} bytes when it is unpacked.'),
                    fix=_("Save the sheet as CSV, or divide it."),
                    file=source.name,
                    limit=MAX_STORED,
                )
            copy.write(block)
    copy.seek(0)
    return copy


def _check_old(stream: BinaryIO, name: str) -> None:
    """Refuse what is no .xls in the older container: a workbook with a password, a Word document, a message."""
    stream.seek(0)
    content = stream.read(MAX_STORED + 1)
    if len(content) > MAX_STORED:
        raise UnreadableFile(
            _('"{file}" has more than {limit} bytes.'),
            fix=_("Save the sheet as CSV, or divide it."),
            file=name,
            limit=MAX_STORED,
        )
    if _ENCRYPTED in content:
        raise protected(name)
    if not any(mark in content for mark in _BOOK):
        raise UnreadableFile(
            _('"{file}" is {kind}.'),
            fix=_("Save its table as .xlsx or CSV."),
            file=name,
            kind=_("an Office document without a sheet, or damaged"),
        )


class _Reader:
    """Makes the table of one sheet."""

    def __init__(self, book: Workbook, sheet: Any, name: str, extent: Extent, notes: list[Problem]) -> None:
        self._book, self._sheet, self._name, self._notes = book, sheet, name, notes
        _first_row, self._left = cast(tuple[int, int], sheet.start)
        self._errors = extent.errors
        merges: Any = sheet.merged_cell_ranges or []
        self._merges: list[tuple[tuple[int, int], tuple[int, int]]] = (
            sorted(merges) if len(merges) <= _MAX_MERGES else []
        )
        self._kept: list[int] = []
        self._table: SheetTable

    def table(self) -> SheetTable:
        """Return the table."""
        first = [cells for _at, cells in islice(self._cells(), LOOKED_AT)]
        at = heading_row(first)
        if at is None:
            at = next((place for place, cells in self._cells() if _is_filled(cells)), None)
            heads: Sequence[object] = next(islice(self._cells(), at, None))[1] if at is not None else ()
        else:
            at = self._second_tier(first, at)
            heads = first[at]
        if at is None:
            raise UnreadableFile(
                _('The sheet "{sheet}" of "{file}" is empty.'),
                fix=_("Choose a sheet with a heading and rows."),
                sheet=self._name,
                file=self._book.name,
            )
        named = [str(cell).strip() if not isinstance(cell, CellError) else "" for cell in heads]
        filled = self._filled(at) if not all(named) else set[int]()
        self._kept = [place for place, heading in enumerate(named) if heading or place in filled]
        check_width(len(self._kept), self._book.name)
        headings, meta = split_meta([named[place] for place in self._kept])
        begin, width = at, len(headings)
        self._table = SheetTable(
            self._name,
            headings,
            meta,
            self._notes,
            lambda: self._rows(begin, width),
            header=looks_like_headings(headings),
        )
        return self._table

    def _second_tier(self, rows: Sequence[Sequence[object]], at: int) -> int:
        """Return the second row of headings where the first one only groups it: cells merged over several columns."""
        grouped = any(top[0] == at and bottom[1] > top[1] for top, bottom in self._merges)
        if not grouped or at + 1 >= len(rows):
            return at
        below = [cell for cell in rows[at + 1] if cell != ""]
        above = [cell for cell in rows[at] if cell != ""]
        return at + 1 if len(below) > len(above) and all(isinstance(cell, str) for cell in below) else at

    def _filled(self, heading: int) -> set[int]:
        """Return the columns that hold something below the headings."""
        found: set[int] = set()
        for at, cells in self._cells():
            if at > heading:
                found.update(place for place, cell in enumerate(cells) if cell != "")
        return found

    def _cells(self) -> Iterator[tuple[int, list[Any]]]:
        """Return the rows of the sheet from its top, with what a merged cell shows in each row that it covers."""
        errors, left, waiting = self._errors, self._left, list(self._merges)
        erring = {row for row, _column in errors}
        active: list[tuple[int, int, object]] = []
        rows = iter(self._book._guarded(self._sheet.iter_rows))
        at = -1
        while (raw := self._book._guarded(lambda: next(rows, None))) is not None:
            at += 1
            cells = list(raw)
            if at in erring:
                for place in range(len(cells)):
                    if (at, place + left) in errors:
                        cells[place] = CellError(errors[at, place + left])
            if active:
                active = [one for one in active if one[0] >= at]
                for _last, place, value in active:
                    if cells[place] == "":
                        cells[place] = value
            while waiting and waiting[0][0][0] <= at:
                (top, column), (bottom, _right) = waiting.pop(0)
                place = column - left
                if top == at and bottom > at and 0 <= place < len(cells) and cells[place] != "":
                    active.append((bottom, place, cells[place]))
            yield at, cells

    def _rows(self, heading: int, width: int) -> Iterator[Row]:
        index = 0
        total = max(1, self._sheet.total_height)
        kept = self._kept
        whole = kept == list(range(len(kept)))
        for at, raw in self._cells():
            if at <= heading:
                continue
            values = raw[: len(kept)] if whole else [raw[place] for place in kept]
            if not any(value != "" and not (isinstance(value, str) and not value.strip()) for value in values):
                continue
            self._table.done = at / total
            yield _row(at + 1, index, values, width, self._table.headings)
            index += 1
        self._table.done = 1.0


def _is_filled(cells: Sequence[object]) -> bool:
    return any(cell != "" for cell in cells)


def _cells(values: Sequence[Any]) -> list[object]:
    return [value if type(value) in (str, CellError) else cell_of(value) for value in values]


def _row(line: int, index: int, values: Sequence[Any], width: int, headings: Sequence[str]) -> Row:
    cells = _cells(values)
    wrong: Problem | None = None
    notes: list[Problem] = []
    for place, value in enumerate(values):
        kind = type(value)
        if kind is float and is_rounded(value):
            text = _("The number has more digits than a spreadsheet keeps; its last ones are lost.")
            notes.append(problem(text, field=_name(headings, place), value=str(cells[place])))
        elif kind is str and wrong is None:
            if len(value) > MAX_CELL:
                wrong = problem(
                    _("The cell has more than {limit} characters."), field=_name(headings, place), limit=MAX_CELL
                )
                cells[place] = value[:1000]
            elif "\0" in value:
                hint = _("Remove it from the cell.")
                wrong = problem(_("The cell holds a NUL character."), field=_name(headings, place), hint=hint)
    return Row(
        line=line,
        index=index,
        cells=tuple(cells[:width]),
        problem=wrong,
        notes=tuple(notes),
        meta=tuple(cells[width:]),
    )


def _name(headings: Sequence[str], place: int) -> str | None:
    return headings[place] if place < len(headings) else None
