"""Reading paths from a file: a row for each path, its channels with " > " between.

Columns: ``path``, ``total_conversions``, ``total_conversion_value``, ``total_null``; the last two may be missing. Must
not know databases.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path as File

from crmkit import InvalidInput, texts
from crmkit_journey.attribution.sharing import Path

_ = texts("crmkit_journey")

PATH, CONVERSIONS, VALUE, NULLS = "path", "total_conversions", "total_conversion_value", "total_null"
PLACES = 4
"""Decimal places of values that are given out; what was read is exact."""


def read_paths(file: File) -> tuple[Path, ...]:
    """Return the paths of a CSV file in UTF-8. Raises InvalidInput, with the line that is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            missing = [name for name in (PATH, CONVERSIONS) if name not in (rows.fieldnames or ())]
            if missing:
                raise InvalidInput(
                    _("The file has no column {name}."),
                    fix=_("Name its columns {known}."),
                    name=missing[0],
                    known=", ".join((PATH, CONVERSIONS, VALUE, NULLS)),
                )
            return tuple(_paths(rows))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise InvalidInput(
            _("{file} cannot be read as comma-separated values."), fix=_("Save it as CSV in UTF-8."), file=file.name
        ) from error


def _paths(rows: csv.DictReader[str]) -> Iterator[Path]:
    for row in rows:
        yield Path(
            touches=[each.strip() for each in (row[PATH] or "").split(">") if each.strip()],
            conversions=_whole(row, CONVERSIONS, rows.line_num),
            value=Fraction(_number(row, VALUE, rows.line_num)),
            nulls=_whole(row, NULLS, rows.line_num),
        )


def _number(row: Mapping[str, str | None], name: str, line: int) -> Decimal:
    text = (row.get(name) or "0").strip() or "0"
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or value > 10**15:
        raise InvalidInput(
            _('Line {line}: "{value}" is no number that {name} can have.'),
            fix=_("Use a number from 0 on, such as 12 or 12.50."),
            field=name,
            line=line,
            value=text[:60],
            name=name,
        )
    return value


def _whole(row: Mapping[str, str | None], name: str, line: int) -> int:
    value = _number(row, name, line)
    if value != int(value):
        raise InvalidInput(
            _("Line {line}: {name} is not a whole number."),
            fix=_("Use one such as 12."),
            field=name,
            line=line,
            name=name,
        )
    return int(value)
