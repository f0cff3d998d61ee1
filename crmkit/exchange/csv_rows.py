"""The rows of a CSV table: every well-formed one, and one refused row for each that is not.

Must not know files. A quote that is never closed would swallow the rest of a file: cells and
rows are bounded, and where the lines after the quote read as whole rows by themselves, only the line with the quote is
refused and reading goes on after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice

from crmkit.errors import Problem, UnreadableFile
from crmkit.exchange.dialects import Dialect, parser, plain_quotes
from crmkit.exchange.encodings import visible
from crmkit.exchange.rows import Row, check_width, problem, split_meta, undecodable
from crmkit.exchange.sources import MAX_LINE, Lines
from crmkit.exchange.writers import unprotect
from crmkit.i18n import texts

_ = texts("crmkit")

MAX_CELL = 1 << 20
"""Characters that a cell may have; a longer one is nearly always a quote that was never closed."""

_PROBE = 20


class CsvRows:
    """Iterates over the rows of a table; ``headings`` and ``meta`` are known from the start.

    Raises `UnreadableFile` when there is no heading row that can be read.
    """

    def __init__(self, lines: Lines, dialect: Dialect, *, protected: bool, name: str) -> None:
        # The limit is one for the whole process; it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
        self._lines = lines
        self._dialect = dialect
        self._protected = protected and dialect.quote == '"'
        self._buffer: list[str] = []
        self._waiting: deque[str] = deque()
        self._whole: Iterator[str] = iter(lines)
        self._source = self._whole
        self._base = sum(1 for _line in islice(self._source, dialect.skip_lines))
        self._reader = parser(self._feed(), dialect)
        cells = self._first(name)
        check_width(len(cells), name)
        headings, self.meta = split_meta(cells)
        self.headings = tuple(headings)
        self._width = len(cells)

    def _first(self, name: str) -> list[str]:
        while True:
            self._buffer.clear()
            line = self._line
            try:
                cells = next(self._reader)
            except StopIteration:
                raise UnreadableFile(
                    _('"{file}" has no heading row.'), fix=_("Choose a file with a heading and rows."), file=name
                ) from None
            except csv.Error:
                raise UnreadableFile(
                    _('The heading row of "{file}" (line {line}) cannot be read: a quote is not closed properly.'),
                    fix=_("Correct the quotes."),
                    file=name,
                    line=line,
                ) from None
            if any(cell.strip() for cell in cells):
                break
        offsets = self._lines.forget("".join(self._buffer))
        if offsets:
            wrong = undecodable(self._buffer, line, offsets[0], self._lines.encoding)
            raise UnreadableFile(wrong.message, fix=wrong.hint, **wrong.values)
        if any("\0" in cell for cell in cells):
            raise UnreadableFile(
                _('The heading row of "{file}" holds a NUL character.'),
                fix=_("Save the file again as UTF-8."),
                file=name,
            )
        self._lines.careful = self._lines.cut = False
        return [unprotect(cell) for cell in cells] if self._protected else cells

    @property
    def _line(self) -> int:
        return self._base + getattr(self._reader, "line_num", 0) + 1

    def _feed(self) -> Iterator[str]:
        buffer, backslash, size = self._buffer, self._dialect.backslash, 0
        for line in self._source:
            size = size + len(line) if buffer else len(line)
            buffer.append(line)
            if size > 2 * MAX_LINE:
                raise csv.Error("row too long")
            yield plain_quotes(line) if backslash else line

    def __iter__(self) -> Iterator[Row]:
        lines, buffer, width, index = self._lines, self._buffer, self._width, 0
        plain = not self.meta
        while True:
            buffer.clear()
            reader = self._reader
            line = self._base + reader.line_num + 1  # type: ignore[attr-defined]
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(line, index, str(error))
                index += 1
                continue
            if len(cells) == width and cells[0] >= "!" and plain and not lines.careful:
                yield Row(line=line, index=index, cells=tuple(cells))
                index += 1
                continue
            row = self._look_closer(line, index, cells)
            if row is not None:
                yield row
                index += 1

    def _look_closer(self, line: int, index: int, cells: list[str]) -> Row | None:
        raw = "".join(self._buffer)
        wrong: Problem | None = None
        notes: tuple[Problem, ...] = ()
        if self._lines.careful:
            wrong = self._careful(line, cells, raw)
            cells = [visible(cell) for cell in cells] if wrong else cells
            if self._protected:
                cells = [unprotect(cell) if cell[:1] == "'" else cell for cell in cells]
        # Spreadsheets leave rows of bare delimiters behind; crmkit quotes the empty cells of a row that is meant.
        if wrong is None and self._dialect.quote not in raw and not any(cell.strip() for cell in cells):
            return None
        width = self._width
        if len(cells) < width:
            notes = (
                problem(
                    _("The row has {count} of {width} cells; the others are empty."), count=len(cells), width=width
                ),
            )
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > width:
            extra = [cell for cell in cells[width:] if cell.strip()]
            if not extra:
                notes = (problem(_("The row has empty cells beyond the last column."), count=len(cells)),)
            elif wrong is None:
                wrong = problem(
                    _("The row has {count} cells for {width} columns; too many are: {extra}."),
                    value=self._dialect.delimiter.join(cells[width:]),
                    hint=_("Quote the cells that hold the delimiter."),
                    count=len(cells),
                    width=width,
                    extra=", ".join(f'"{cell[:80]}"' for cell in extra[:5]),
                )
            cells = cells[:width]
        own = len(self.headings)
        return Row(
            line=line,
            index=index,
            cells=tuple(cells[:own]),
            raw=visible(raw) if wrong else "",
            problem=wrong,
            notes=notes,
            meta=tuple(cells[own:]),
        )

    def _careful(self, line: int, cells: list[str], raw: str) -> Problem | None:
        lines = self._lines
        was_cut, lines.careful, lines.cut = lines.cut, False, False
        offsets = lines.forget(raw)
        if offsets:
            at = next((at for at, cell in enumerate(cells) if visible(cell) != cell), None)
            return undecodable(self._buffer, line, offsets[0], lines.encoding, self._name_of(at))
        if was_cut:
            return problem(_("The line is longer than {limit} characters."), limit=MAX_LINE)
        for at, cell in enumerate(cells):
            if "\0" in cell:
                return problem(
                    _("The cell holds a NUL character."), field=self._name_of(at), hint=_("Remove it from the cell.")
                )
        return None

    def _name_of(self, at: int | None) -> str | None:
        return self.headings[at] if at is not None and at < len(self.headings) else None

    def _broken(self, line: int, index: int, reason: str) -> Row:
        """Return the refused row for lines that the parser gave up on, and set reading up to go on behind it."""
        buffered = list(self._buffer)
        lines = self._lines
        was_cut, lines.careful, lines.cut = lines.cut, False, False
        after = buffered[1:]
        if not was_cut and after and self._reads_alone(after):
            count, closed = 1, False
        elif was_cut:
            count, closed, after = len(buffered), True, []
        else:
            at_end = "unexpected end" in reason
            more, closed = (0, False) if at_end else self._pass_over(buffered, "expected after" in reason)
            count, after = len(buffered) + more, []
        self._restart(line - 1 + count, after)
        raw = "".join(buffered[:count])
        lines.forget(raw)
        if was_cut:
            wrong = problem(_("The line is longer than {limit} characters."), limit=MAX_LINE)
        elif "expected after" in reason and count == len(buffered) == 1:
            wrong = problem(
                _("There is text after a closing quote."),
                hint=_("Write a quote inside a quoted cell twice."),
            )
        elif closed:
            wrong = problem(
                _("The row from line {line} on is not quoted properly, or a cell has over {limit} characters."),
                hint=_("Correct the quotes, or shorten the cell."),
                line=line,
                limit=MAX_CELL,
            )
        else:
            wrong = problem(
                _("A quote that opens on line {line} is never closed; lines {line} to {last} are refused."),
                hint=_("Close the quote, or write a quote inside a quoted cell twice."),
                line=self._opening(buffered, line),
                last=line - 1 + count,
            )
        shown = visible(raw[:MAX_CELL])
        wrong.value = shown
        return Row(
            line=line,
            index=index,
            cells=("",) * len(self.headings),
            raw=shown,
            problem=wrong,
            meta=("",) * len(self.meta),
        )

    def _opening(self, buffered: list[str], line: int) -> int:
        """Return the line on which the last quote of an odd number opens."""
        quotes, opened = 0, line
        for at, text in enumerate(buffered):
            found = text.count(self._dialect.quote)
            if found and (quotes + found) % 2 and (quotes % 2 == 0):
                opened = line + at
            quotes += found
        return opened

    def _reads_alone(self, after: list[str]) -> bool:
        """Return whether the lines after a stray quote are rows of the right width, so that reading may go on there."""
        if self._width < 2:
            return False
        good = total = 0
        rows = parser((plain_quotes(line) for line in after) if self._dialect.backslash else after, self._dialect)
        while total < _PROBE:
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                # The last of these lines may open a cell that goes on.
                total += "unexpected end" not in str(error)
                continue
            if cells:
                total += 1
                good += len(cells) == self._width
        return total > 0 and good >= 0.8 * total

    def _pass_over(self, buffered: list[str], ended: bool) -> tuple[int, bool]:
        """Read on to the quote that closes an overlong cell; return the lines passed and whether there was one."""
        if ended:
            return 0, True
        quote = self._dialect.quote
        odd = sum(line.count(quote) for line in buffered) % 2
        passed = 0
        while odd:
            line = next(self._source, None)
            if line is None:
                return passed, False
            passed += 1
            self._lines.forget(line)
            odd ^= line.count(quote) % 2
        self._lines.careful = self._lines.cut = False
        return passed, True

    def _restart(self, base: int, replayed: list[str]) -> None:
        self._base = base
        # Lines wait in one queue: a chain of chains would grow with every bad row until the stack overflows.
        self._waiting.extendleft(reversed(replayed))
        self._source = chain(self._again(), self._whole) if self._waiting else self._whole
        self._reader = parser(self._feed(), self._dialect)

    def _again(self) -> Iterator[str]:
        while self._waiting:
            self._lines.careful = True
            yield self._waiting.popleft()
