"""A row as a reader hands it out, what can be wrong with it, and the names of a table's columns.

Must not know how rows are written in a file.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from crmkit.errors import InvalidInput, Problem, UnreadableFile
from crmkit.exchange.encodings import undecoded
from crmkit.exchange.writers import META_COLUMNS
from crmkit.i18n import texts

_ = texts("crmkit")

MAX_COLUMNS = 500

CODE = InvalidInput.code
"""The code of every problem of a row or a value."""


@frozen(kw_only=True, slots=True)
class Row:
    """One row: the line it begins on (from 1, headings included), its index among the rows (from 0), and its cells.

    ``cells`` has one value for each of the source's columns: text for CSV; any JSON value, or None for an absent key,
    for JSON lines. ``problem`` says why the row must be refused; then ``raw`` is the text as it stood (and so is
    the problem's ``value`` where the text gave no cells). ``notes`` are harmless (a short row that was padded).
    ``meta`` are the cells of the source's meta columns.
    """

    line: int
    index: int
    cells: tuple[object, ...]
    raw: str = ""
    problem: Problem | None = None
    notes: tuple[Problem, ...] = ()
    meta: tuple[object, ...] = ()


def problem(
    message: str, *, field: str | None = None, value: object = None, hint: str | None = None, **values: object
) -> Problem:
    """Return a problem of a row or a value."""
    return Problem(CODE, message, field=field, value=value, hint=hint, **values)


def undecodable(lines: Sequence[str], first: int, offset: int, encoding: str, field: str | None = None) -> Problem:
    """Return the problem of a row whose lines hold a byte that does not decode; ``offset`` is the first one's."""
    at, byte = next((at, found[0]) for at, line in enumerate(lines) if (found := undecoded(line)))
    return problem(
        _("Line {line}: the byte {byte} at offset {offset} of the file is not {encoding}."),
        field=field,
        hint=_("Correct the character, or state the encoding that the file is in."),
        line=first + at,
        byte=f"0x{byte:02X}",
        offset=offset,
        encoding=encoding,
    )


def split_meta(headings: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return a table's own headings and its meta columns: those of a file of rejected rows, which stand last."""
    if tuple(headings[-len(META_COLUMNS) :]) == META_COLUMNS:
        return list(headings[: -len(META_COLUMNS)]), META_COLUMNS
    return list(headings), ()


def distinct(headings: Sequence[str], notes: list[Problem]) -> tuple[str, ...]:
    """Return the headings trimmed and made distinct; each that had to be renamed is noted."""
    taken = {heading.strip() for heading in headings}
    seen: set[str] = set()
    columns: list[str] = []
    for number, heading in enumerate(headings, start=1):
        name = heading.strip()
        if not name or name in seen:
            base, count = name or f"column {number}", 2 if name else 1
            name = base if count == 1 else f"{base} ({count})"
            while name in seen or name in taken:
                count += 1
                name = f"{base} ({count})"
            text = _('Column {number} has no heading; it is called "{name}".')
            if heading.strip():
                text = _('There is more than one column "{heading}"; column {number} is called "{name}".')
            notes.append(problem(text, number=number, name=name, heading=heading.strip()))
        seen.add(name)
        columns.append(name)
    return tuple(columns)


def check_width(count: int, name: str) -> None:
    """Raise `UnreadableFile` for more than `MAX_COLUMNS` columns."""
    if count > MAX_COLUMNS:
        raise UnreadableFile(
            _('"{file}" has {count} columns; at most {limit} can be read.'),
            fix=_("Leave out the columns that are not needed."),
            file=name,
            count=count,
            limit=MAX_COLUMNS,
        )
