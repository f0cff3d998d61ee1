"""Finds the heading row of a sheet: people put titles, notes and empty rows above their tables.

Must not know files or fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

LOOKED_AT = 60
"""Rows of a sheet among which its heading row is looked for."""


def heading_row(rows: Sequence[Sequence[object]]) -> int | None:
    """Return the place of the heading row among the first rows of a sheet; None where none holds anything.

    It is the first row that is filled about as widely as the rows of the table and holds nothing but text; where none
    is like that, the first that is as wide.
    """
    counts = [sum(1 for cell in row if not _is_empty(cell)) for row in rows]
    filled = [count for count in counts if count]
    if not filled:
        return None
    # The typical width, not the greatest: a note beside the table makes one row wider than the others.
    wide = max(1, round(0.6 * max(median(filled), 0.5 * max(filled))))
    wide = max(wide, 2) if max(filled) >= 2 else wide
    fitting = [at for at, count in enumerate(counts) if count >= wide]
    texts = [at for at in fitting if all(_is_empty(cell) or isinstance(cell, str) for cell in rows[at])]
    # Headings may be numbers, too; a line above the table that holds one is narrower than the headings.
    if texts and all(counts[at] < counts[texts[0]] for at in fitting if at < texts[0]):
        return texts[0]
    return fitting[0] if fitting else next(at for at, count in enumerate(counts) if count)


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
