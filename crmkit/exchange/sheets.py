"""Writes rows to a spreadsheet of Excel's form (.xlsx). Must not know where rows come from.

Texts stay texts: nothing that a customer wrote becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from crmkit.errors import InvalidInput, MissingExtra
from crmkit.exchange.writers import cell_text
from crmkit.i18n import texts

_ = texts("crmkit")

MOST = 1_048_575
"""Rows of a sheet below its heading."""
_CELL = 32_767
"""Most characters of a cell."""
_EXACT = 10**15


class XlsxWriter:
    """Writes one sheet row by row; the file is complete when `close` has returned. ``whole`` refuses what does not fit
    into a cell, where otherwise the end of a text is left out."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str], *, whole: bool = False) -> None:
        try:
            import xlsxwriter
        except ImportError as error:
            raise MissingExtra(
                _("Spreadsheets need {name}, which is not installed."),
                fix=_("Install crmkit[reports], or write CSV."),
                name=error.name,
            ) from None
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book: Any = xlsxwriter.Workbook(stream, {**options, "remove_timezone": True})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._rows = 0
        self._whole = whole
        for place, name in enumerate(columns):
            self._sheet.write_string(0, place, name)

    def write(self, cells: Sequence[object]) -> None:
        """Write a row: numbers as numbers, everything else as text. Raises InvalidInput for more than a sheet holds."""
        self._rows += 1
        if self._rows > MOST:
            raise InvalidInput(_("A sheet has at most {most} rows."), fix=_("Write CSV."), most=MOST)
        for place, value in enumerate(cells):
            if isinstance(value, bool):
                self._sheet.write_boolean(self._rows, place, value)
            elif isinstance(value, (int, float, Decimal)) and _is_exact(value):
                # A sheet's numbers have fifteen digits; what has more stays text.
                self._sheet.write_number(self._rows, place, float(value))
            elif value is not None:
                text = cell_text(value.isoformat() if isinstance(value, (date, datetime)) else value)
                if self._whole and len(text) > _CELL:
                    raise InvalidInput(
                        _("A cell of a sheet has at most {most} characters; row {row} has more."),
                        fix=_("Write CSV."),
                        most=_CELL,
                        row=self._rows + 1,
                    )
                self._sheet.write_string(self._rows, place, text[:_CELL])

    def describe(self, text: str) -> None:
        """Put a text into the properties of the file, where programs show whom it is for."""
        self._book.set_properties({"comments": text})

    def close(self) -> None:
        """Complete the file."""
        self._book.close()


def _is_exact(value: float | Decimal) -> bool:
    """Say whether a sheet keeps all digits of a number."""
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.as_tuple().digits) <= 15 and abs(value) < _EXACT
    return abs(value) < _EXACT
