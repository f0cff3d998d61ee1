"""Tells how a table of text is written: which character parts its cells, how they are quoted, whether it has headings.

Must not know encodings, values or databases. Every candidate is tried with the real parser over the first records, so
that delimiters inside quotes count for nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

DELIMITERS = (",", ";", "\t", "|")
SINGLE_COLUMN = "\x1f"
"""Parts the cells of a file with one column: commas in its text are text."""

_SAMPLE_ROWS = 200
_MOST_TITLES = 10
"""Lines that may stand above a table."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)
_BACKSLASHED = re.compile(r'\\(["\\])')


@frozen(kw_only=True)
class Dialect:
    """How the cells of a table are parted and quoted.

    ``skip_lines`` counts the lines before the headings: Excel's ``sep=;``, and titles above a table. ``header`` says
    that the first record looks like headings rather than data. ``backslash`` says that quotes inside cells are written
    ``\\"``.
    """

    delimiter: str = ","
    quote: str = '"'
    backslash: bool = False
    skip_space: bool = False
    skip_lines: int = 0
    header: bool = True


def parser(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Return a strict `csv.reader` of a dialect: it raises ``csv.Error`` for text after a quote and unclosed quotes."""
    return csv.reader(
        lines, delimiter=dialect.delimiter, quotechar=dialect.quote, skipinitialspace=dialect.skip_space, strict=True
    )


def plain_quotes(line: str) -> str:
    """Return a line with ``\\"`` written ``""`` and ``\\\\`` written ``\\``; other backslashes are text."""
    return _BACKSLASHED.sub(lambda match: '""' if match[1] == '"' else "\\", line)


def detect_dialect(sample: str, *, delimiter: str | None = None, complete: bool = True) -> Dialect:
    """Return the dialect of a table that begins with this text.

    ``delimiter`` is one that a person stated. ``complete`` says that the sample is the whole file; otherwise its last
    line may be cut and is not looked at.
    """
    lines = list(io.StringIO(sample.removeprefix("\ufeff"), newline=""))
    if not complete and len(lines) > 1:
        lines.pop()
    stated = _SEPARATOR_LINE.match(lines[0]) if lines else None
    skip = 0
    if stated:
        lines, skip, delimiter = lines[1:], 1, delimiter or stated[1]
    candidates = (delimiter,) if delimiter else DELIMITERS
    titles = _title_lines(lines, candidates)
    lines, skip = lines[titles:], skip + titles
    scored = [_fit(lines, Dialect(delimiter=candidate, skip_lines=skip)) for candidate in candidates]
    score, best = max(scored, key=lambda pair: pair[0])
    if delimiter is None and score <= 0:
        best = evolve(best, delimiter=SINGLE_COLUMN)
    first = next(iter(_records(lines, best)[0]), [])
    return evolve(best, header=looks_like_headings(first))


def _title_lines(lines: list[str], candidates: Iterable[str]) -> int:
    """Return how many lines stand above a table as its title: each has one cell that is filled, or none, and below
    them come headings of three columns at least with rows of data that are as wide."""
    if not lines or any(_filled(lines[0], candidate) > 1 for candidate in candidates):
        return 0
    for count in range(1, min(_MOST_TITLES, len(lines) - 2) + 1):
        for candidate in candidates:
            if any(_filled(line, candidate) > 1 for line in lines[:count]) or _filled(lines[count], candidate) < 3:
                continue
            records, errors = _records(lines[count:], Dialect(delimiter=candidate))
            rows = [record for record in records[1:] if any(cell.strip() for cell in record)]
            if errors or not rows or not looks_like_headings(records[0]):
                continue
            data = any(not looks_like_headings(row) for row in rows)
            if data and all(len(row) == len(records[0]) for row in rows):
                return count
    return 0


def _filled(line: str, delimiter: str) -> int:
    """Return how many cells of a line hold something."""
    return sum(1 for cell in line.strip().split(delimiter) if cell.strip(' "'))


def _fit(lines: list[str], dialect: Dialect) -> tuple[float, Dialect]:
    """Return the best of a delimiter's quoting variants with its score: 0 when the first record has one cell."""
    first = next((line for line in lines if line.strip()), "")
    if re.match(rf"'[^'\"]*'(?:{re.escape(dialect.delimiter)}'[^'\"]*')+[\r\n]*\Z", first):
        dialect = evolve(dialect, quote="'")
    elif f'"{dialect.delimiter} "' in first:
        dialect = evolve(dialect, skip_space=True)
    variants = [dialect]
    if any('\\"' in line for line in lines):
        variants.append(evolve(dialect, backslash=True))
    return max(((_score(lines, variant), variant) for variant in variants), key=lambda pair: pair[0])


def _score(lines: list[str], dialect: Dialect) -> float:
    records, errors = _records(lines, dialect)
    if not records or len(records[0]) < 2:
        return 0.0 - errors / 1000
    width = len(records[0])
    alike = sum(min(len(record), width) / max(len(record), width) for record in records)
    return alike / (len(records) + errors) * (1 - 1 / width)


def _records(lines: list[str], dialect: Dialect) -> tuple[list[list[str]], int]:
    rows = parser((plain_quotes(line) for line in lines) if dialect.backslash else lines, dialect)
    records: list[list[str]] = []
    errors = 0
    while len(records) + errors < _SAMPLE_ROWS:
        try:
            record = next(rows)
        except StopIteration:
            break
        except csv.Error:
            errors += 1
            continue
        if record:
            records.append(record)
    return records, errors


_DATA_LIKE = re.compile(r"[+-]?\d[\d.,: /-]*\Z|[^@\s]+@[^@\s]+\.\w+\Z|https?://")


def looks_like_headings(record: Iterable[str]) -> bool:
    """Say whether a record is one of headings, as nothing in it looks like data."""
    return not any(_DATA_LIKE.match(cell.strip()) for cell in record)
