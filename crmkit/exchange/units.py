"""Units of an import: one row, or the rows of one invoice; and what became of them.

Must not know resources' meaning or databases, except a temporary file in which invoices are put together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from attrs import define, field, frozen

from crmkit.errors import Problem
from crmkit.exchange.readers import RowSource
from crmkit.exchange.rows import Row
from crmkit.exchange.workbooks.cells import CellError
from crmkit.hooks.contributions import KeptValue
from crmkit.i18n import Text

Result = Literal["created", "updated", "duplicate", "rejected"]


@define
class Built:
    """A unit on its way: its rows, their values, what is wrong; then what became of it."""

    rows: Sequence[Row]
    values: dict[str, Any] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    result: Result | None = None
    record_id: UUID | None = None
    version: int | None = None
    by_row: dict[int, list[Problem]] = field(factory=dict)
    """What is wrong with single rows of the unit, by row index; the others are refused with them."""
    flawed: bool = False
    """Whether the cells alone are reason enough to refuse the unit."""
    left_out: list[Problem] = field(factory=list)
    """Cells that cannot be read and without which the row is imported."""
    met: Any = None
    """Why the row is taken for a record that is known: a `crmkit.exchange.duplicates.Match`."""
    kept: list[KeptValue] = field(factory=list)
    """Fields of the known record that were left as they are, each with the reason: a plugin said so."""

    def reset(self) -> None:
        """Forget what became of the unit, as its transaction was undone."""
        self.record_id = self.version = None
        self.kept.clear()
        self.met = None
        if not self.flawed:
            self.result = None
            self.problems.clear()

    def reject(self, problems: Iterable[Problem]) -> None:
        """Note that the unit is refused."""
        self.problems.extend(problems)
        self.result = "rejected"

    def settle(self, result: Result, record_id: UUID | None, version: int | None = None) -> None:
        """Note what became of the unit."""
        self.result, self.record_id, self.version = result, record_id, version


@frozen(kw_only=True)
class Policy:
    """What a target has to know of the options while it writes."""

    on_duplicate: str = "skip"
    source: str = "import"
    create_customers: bool = False
    owner_id: UUID | None = None
    tags: tuple[str, ...] = ()
    """Owner and tags of customers that are added, beside what their rows say."""
    file: str = ""
    """What names the file among others: the beginning of its hash."""


class Target(Protocol):
    """One resource: builds values from rows and writes them through operations."""

    table: str
    """Table of the records that it makes."""
    extras: list[tuple[Row, UUID]]
    """Records that the last write made besides, each with the row that named it: organisations of persons."""

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a unit with its values, without touching the database."""
        ...

    def write(self, session: Any, units: Sequence[Built]) -> None:
        """Write units inside a running operation and note what became of each."""
        ...


def single_rows(source: RowSource) -> Iterator[tuple[Row, ...]]:
    """Return the rows one by one."""
    for row in source:
        yield (row,)


def batches(units: Iterator[tuple[Row, ...]], size: int) -> Iterator[list[tuple[Row, ...]]]:
    """Return units in lists of at most ``size`` units and about three times as many rows."""
    found: list[tuple[Row, ...]] = []
    rows = 0
    for unit in units:
        found.append(unit)
        rows += len(unit)
        if len(found) >= size or rows >= 3 * size:
            yield found
            found, rows = [], 0
    if found:
        yield found


class Grouped:
    """The rows of a file put together by the texts of some columns, in the order in which each first comes.

    Rows of a group need not stand together. They are kept in a temporary file that nobody else can open, so memory
    stays flat. Rows that were
    refused by the reader, or have no text in the first of the columns, are groups of their own.
    """

    def __init__(self, source: Iterable[Row], indexes: Sequence[int]) -> None:
        # A database without a name: SQLite removes its file as soon as it is made; a killed process leaves none.
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-20000"):
            self._store.execute(f"PRAGMA {setting}")
        self._store.execute("CREATE TABLE line (seq INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL)")
        self._spool(source, indexes)

    def _spool(self, source: Iterable[Row], indexes: Sequence[int]) -> None:
        encode = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode
        self.rows = 0

        def lines() -> Iterator[tuple[int, str, bytes]]:
            for row in source:
                cells = ["" if row.cells[at] is None else str(row.cells[at]).strip() for at in indexes]
                # A name that no cell can have keeps rows apart.
                name = "\0".join(cells) if cells[0] and row.problem is None else f"\0{row.index}"
                self.rows += 1
                erring = [at for at, cell in enumerate(row.cells) if isinstance(cell, CellError)]
                body = [row.line, row.cells, row.raw, _plain(row.problem), row.meta, erring]
                yield row.index, name, encode(body)

        self._store.execute("BEGIN")
        self._store.executemany("INSERT INTO line VALUES (?, ?, ?)", lines())
        self._store.execute("COMMIT")
        self._store.execute(
            "CREATE TABLE unit AS SELECT name, MIN(seq) AS first FROM line GROUP BY name ORDER BY first"
        )
        self._store.execute("CREATE INDEX line_name ON line (name, seq)")

    def __iter__(self) -> Iterator[tuple[Row, ...]]:
        return self.after(0)

    def after(self, count: int) -> Iterator[tuple[Row, ...]]:
        """Return the groups behind the first ``count``."""
        cursor = self._store.execute(
            "SELECT u.rowid, l.seq, l.body FROM unit u CROSS JOIN line l ON l.name = u.name WHERE u.rowid > ? "
            "ORDER BY u.rowid, l.seq",
            (count,),
        )
        current, rows = None, list[Row]()
        for unit, seq, body in cursor:
            if unit != current and rows:
                yield tuple(rows)
                rows = []
            current = unit
            rows.append(_row(seq, body))
        if rows:
            yield tuple(rows)

    def close(self) -> None:
        """Let go of the temporary file."""
        self._store.close()


def _plain(problem: Problem | None) -> Any:
    if problem is None:
        return None
    values = {name: str(value) for name, value in problem.values.items()}
    value = None if problem.value is None else str(problem.value)
    return [problem.code, problem.message, problem.field, value, problem.hint, values]


def _row(seq: int, body: bytes) -> Row:
    line, cells, raw, wrong, meta, erring = _decode(body)
    for at in erring:
        cells[at] = CellError(cells[at])
    problem = None
    if wrong is not None:
        code, message, place, value, hint, values = wrong
        problem = Problem(code, _known(message), field=place, value=value, hint=_known(hint), **values)
    return Row(line=line, index=seq, cells=tuple(cells), raw=raw, problem=problem, meta=tuple(meta))


_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def _known(text: str | None) -> Any:
    """Return a text as one of the catalogue, so that it is translated like any other."""
    return None if text is None else Text(text)
