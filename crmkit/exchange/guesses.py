"""What a whole column says that one cell leaves open: the order of its dates, its decimal mark, its type.

Must not know files or databases. A guess is fed with cells and never changes a value by itself: it gives the ``order``
and ``mark`` that `crmkit.exchange.values` take, or None where the evidence is missing or contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

from attrs import define

from crmkit.errors import Problem
from crmkit.exchange.rows import problem
from crmkit.exchange.values import (
    _FALSE,
    _TRUE,
    BadValue,
    DateOrder,
    DecimalMark,
    date_parts,
    number_evidence,
    parse_date,
    parse_decimal,
    parse_instant,
    plain,
    split_clock,
)
from crmkit.i18n import texts

_ = texts("crmkit")

ColumnType = Literal["text", "integer", "decimal", "boolean", "date", "instant"]


@define
class DateFormatGuess:
    """Collects which order of day and month a column's dates show."""

    day_first: int = 0
    month_first: int = 0
    open: int = 0

    def feed(self, text: str) -> None:
        """Take a cell into account; what is no date counts for nothing."""
        parts = date_parts(text)
        if parts is None or parts[0] > 31:
            return
        first, second, _year, sign = parts
        if sign == "." or (first > 12 >= second):
            self.day_first += 1
        elif second > 12 >= first:
            self.month_first += 1
        elif first != second:
            self.open += 1

    @property
    def order(self) -> DateOrder | None:
        """Return the order that the column shows, or None when no cell settles it or cells contradict each other."""
        if bool(self.day_first) == bool(self.month_first):
            return None
        return "DMY" if self.day_first else "MDY"

    @property
    def problem(self) -> Problem | None:
        """Return why the column's dates cannot be read without help, or None when they can."""
        hint = _("State the order with --date-order: DMY or MDY.")
        if self.day_first and self.month_first:
            return problem(_("Some dates of the column begin with the day, others with the month."), hint=hint)
        if self.open and self.order is None:
            return problem(_("The dates of the column may begin with the day or with the month."), hint=hint)
        return None


@define
class DecimalMarkGuess:
    """Collects which decimal mark a column's numbers show."""

    points: int = 0
    commas: int = 0
    open: int = 0

    def feed(self, text: str) -> None:
        """Take a cell into account; what is no number counts for nothing."""
        evidence = number_evidence(text)
        if evidence == ".":
            self.points += 1
        elif evidence == ",":
            self.commas += 1
        elif evidence == "?":
            self.open += 1

    @property
    def mark(self) -> DecimalMark | None:
        """Return the decimal mark that the column shows, or None when no cell settles it or cells contradict."""
        if bool(self.points) == bool(self.commas):
            return None
        return "." if self.points else ","

    @property
    def problem(self) -> Problem | None:
        """Return why the column's numbers cannot be read without help, or None when they can."""
        hint = _("State the decimal mark of the column.")
        if self.points and self.commas:
            return problem(_("Some numbers of the column have a decimal comma, others a decimal point."), hint=hint)
        if self.open and self.mark is None:
            return problem(_("The marks in the column's numbers may be decimal or thousands marks."), hint=hint)
        return None


_LEADING_ZERO = re.compile(r"[+-]?0\d")
_DIGITS = re.compile(r"[+-]?\d+\Z")
_SHAPED = re.compile(r"[+-]?\d[\d.,' ]*\Z|[+-]?[.,]\d+\Z")


def infer_type(samples: Iterable[str]) -> ColumnType:
    """Return the type that every non-empty sample of a column has; ``text`` where that is in doubt.

    Leading zeros, a leading +, ids of more than 15 digits and phone-like numbers make a column text: nothing that would
    come back different may become a number. Dates whose order the column leaves open are text, too.
    """
    cells = [cell for cell in (plain(sample) for sample in samples) if cell]
    if not cells:
        return "text"
    words = {cell.casefold() for cell in cells}
    if words <= _TRUE | _FALSE and words - {"1", "0", "x"}:
        return "boolean"
    if all(_SHAPED.match(cell) for cell in cells) and not all(date_parts(cell) for cell in cells):
        return _number_type(cells)
    dates = DateFormatGuess()
    for cell in cells:
        dates.feed(cell)
    if dates.problem is None:
        if all(split_clock(cell)[1] for cell in cells) and _all(
            lambda cell: parse_instant(cell, order=dates.order), cells
        ):
            return "instant"
        if not any(split_clock(cell)[1] for cell in cells) and _all(
            lambda cell: parse_date(cell, order=dates.order), cells
        ):
            return "date"
    return "text"


def _number_type(cells: list[str]) -> ColumnType:
    if any(_LEADING_ZERO.match(cell) or cell.startswith("+") or sum(map(str.isdigit, cell)) > 15 for cell in cells):
        return "text"
    if all(_DIGITS.match(cell) for cell in cells):
        return "integer"
    marks = DecimalMarkGuess()
    for cell in cells:
        marks.feed(cell)
    exact = marks.problem is None and _all(lambda cell: parse_decimal(cell, mark=marks.mark), cells)
    return "decimal" if exact else "text"


def _all(parse: Callable[[str], object], cells: list[str]) -> bool:
    try:
        for cell in cells:
            parse(cell)
    except BadValue:
        return False
    return True
