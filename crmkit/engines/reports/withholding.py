"""Withholding figures about so few customers that they would tell something about each of them.

Must not know where figures come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from crmkit.engines.reports.values import Cell, Row
from crmkit.hooks.contributions import Column

EACH = "*"
"""What stands for the column that counts where every whole number of a row counts customers."""


def withheld(
    columns: Sequence[Column], rows: Sequence[Row], totals: Row | None, counts: str, smallest: int
) -> tuple[list[Row], Row | None]:
    """Return rows of which those that count 1 to ``smallest`` - 1 customers have no figures.

    Where a single row is withheld, or all that are together count fewer than ``smallest``, so is the next smaller one:
    else their figures would follow from the sums. Where there is none, the sums are withheld, and all that is computed
    from them. Texts and dates stay, as they name the row. With `EACH` as ``counts`` each number is looked at.
    """
    if counts == EACH:
        return [_by_number(columns, row, smallest) for row in rows], totals
    place = next(index for index, column in enumerate(columns) if column.name == counts)
    sizes = [row.cells[place].value or 0 for row in rows]
    few, open_ = _few(sizes, smallest)
    if totals is not None and (open_ or 0 < (totals.cells[place].value or 0) < smallest):
        totals = _emptied(columns, totals)
        rows = [_emptied(columns, row, but=place) for row in rows]
    return [_emptied(columns, row) if index in few else row for index, row in enumerate(rows)], totals


def _few(sizes: Sequence[int], smallest: int) -> tuple[set[int], bool]:
    """Return the places of the numbers that are withheld, and whether they follow from the sum all the same."""
    few = {index for index, size in enumerate(sizes) if 0 < size < smallest}
    others = sorted((size, index) for index, size in enumerate(sizes) if size >= smallest)
    while few and others and (len(few) == 1 or sum(sizes[index] for index in few) < smallest):
        few.add(others.pop(0)[1])
    return few, bool(few) and (len(few) == 1 or sum(sizes[index] for index in few) < smallest)


def _by_number(columns: Sequence[Column], row: Row, smallest: int) -> Row:
    places = [index for index, column in enumerate(columns) if column.kind == "integer"]
    few, _open = _few([row.cells[place].value or 0 for place in places], smallest)
    hidden = {places[index] for index in few}
    cells = [_WITHHELD if index in hidden else cell for index, cell in enumerate(row.cells)]
    return evolve(row, cells=tuple(cells))


_WITHHELD = Cell(value=None, withheld=True)


def _emptied(columns: Sequence[Column], row: Row, *, but: int | None = None) -> Row:
    cells = [
        cell if column.kind in ("text", "date", "instant") or index == but else _WITHHELD
        for index, (column, cell) in enumerate(zip(columns, row.cells, strict=True))
    ]
    return evolve(row, cells=tuple(cells))
