"""Reports as sheets and data: XLSX with real numbers, CSV, JSON. Nothing in a cell is ever taken for a formula.

Must not know how figures are found.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crmkit.core.business.money import Money, places
from crmkit.engines.reports.documents import WORDS, document, plain
from crmkit.engines.reports.values import Cell, ReportRun, Row
from crmkit.engines.reports.wording import words
from crmkit.errors import MissingExtra
from crmkit.exchange.writers import cell_text, protect
from crmkit.hooks.contributions import TOTAL, Column
from crmkit.i18n import texts, translate

_ = texts("crmkit")

_SHEET = re.compile(r"[\[\]:*?/\\']")
_FORMATS = {"integer": "#,##0", "number": "#,##0.##", "share": "0.0%", "rate": "0.0%", "date": "yyyy-mm-dd"}


def as_json(run: ReportRun, language: str = "en") -> bytes:
    """Return a report as one JSON document (see `crmkit.engines.reports.documents.document`)."""
    return (json.dumps(document(run, language), ensure_ascii=False, indent=2) + "\n").encode()


def as_csv(run: ReportRun, language: str = "en") -> bytes:
    """Return the rows of a report as CSV in UTF-8 with the mark that tells spreadsheets so.

    Values are plain: money in major units, shares from 0 to 1, instants in UTC. An interval has two columns.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    columns = run.shown
    rated = [column for column in columns if column.kind == "rate"]
    titles = [translate(column.title, language) for column in columns]
    for column in rated:
        titles += [f"{translate(column.title, language)} ({side})" for side in ("low", "high")]
    writer.writerow([protect(title) for title in titles])
    for row in (*run.rows, *([run.totals] if run.totals else [])):
        writer.writerow([protect(text) for text in _texts(run, row, language)])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _texts(run: ReportRun, row: Row, language: str) -> list[str]:
    found: list[str] = []
    sides: list[str] = []
    for place, (column, cell) in enumerate(zip(run.columns, row.cells, strict=True)):
        if column.hidden:
            continue
        value = plain(cell.value, column, run.moment)
        if isinstance(value, dict):
            value = value["amount"]
        text = translate(cell.value, language) if isinstance(cell.value, str) else cell_text(value)
        if place == 0 and row.key == TOTAL and row is run.totals:
            text = translate(WORDS["total"], language)
        found.append(translate(WORDS["withheld"], language) if cell.withheld else text)
        if column.kind == "rate":
            estimate = cell.interval
            sides += ["", ""] if estimate is None else [cell_text(estimate.low), cell_text(estimate.high)]
    return [*found, *sides]


def xlsx(run: ReportRun, language: str = "en") -> bytes:
    """Return a report as a workbook: its rows, and on a second sheet when and for whom they hold and what they mean.

    Numbers are numbers, texts are texts. Raises MissingExtra without the extra ``crmkit[reports]``.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtra(
            _("XLSX sheets need xlsxwriter, which is not installed."), fix=_('Run: pip install "crmkit[reports]"')
        ) from error
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": translate(run.title, language), "author": run.actor})
        _figures(book, run, language)
        _about(book, run, language)
    return stream.getvalue()


def _sheet_name(text: str) -> str:
    return _SHEET.sub(" ", text).strip()[:31] or "Report"


def _figures(book: Any, run: ReportRun, language: str) -> None:
    sheet = book.add_worksheet(_sheet_name(translate(run.title, language)))
    bold = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
    formats = {column.name: book.add_format({"num_format": _format(run, column)}) for column in run.shown}
    totals = {
        column.name: book.add_format({"num_format": _format(run, column), "bold": True, "top": 2})
        for column in run.shown
    }
    for place, column in enumerate(run.shown):
        title = translate(column.title, language)
        sheet.write_string(0, place, title, bold)
        if column.doc:
            sheet.write_comment(0, place, translate(column.doc, language), {"x_scale": 2})
        widest = max(
            [len(title), *(len(words(_of(run, row, column).value, column, run.moment, language)) for row in run.rows)]
        )
        sheet.set_column(place, place, min(max(10, widest * 1.3 + 2), 50))
    for number, row in enumerate(run.rows, 1):
        for place, column in enumerate(run.shown):
            _write(sheet, number, place, _of(run, row, column), column, run, formats[column.name], language)
    if run.totals is not None:
        number = len(run.rows) + 1
        for place, column in enumerate(run.shown):
            _write(sheet, number, place, _of(run, run.totals, column), column, run, totals[column.name], language)
        sheet.write_string(number, 0, translate(WORDS["total"], language), totals[run.shown[0].name])
    sheet.freeze_panes(1, 1)
    if run.rows:
        sheet.autofilter(0, 0, len(run.rows), len(run.shown) - 1)


def _of(run: ReportRun, row: Row, column: Column) -> Cell:
    return row.cells[run.columns.index(column)]


def _format(run: ReportRun, column: Column) -> str:
    if column.kind == "money":
        digits = places(run.moment.base_currency) if run.moment.base_currency else 0
        return "#,##0" + (f".{'0' * digits}" if digits else "")
    return _FORMATS.get(column.kind, "yyyy-mm-dd hh:mm" if column.kind == "instant" else "@")


def _write(
    sheet: Any, row: int, place: int, cell: Cell, column: Column, run: ReportRun, form: Any, language: str
) -> None:
    value = cell.value
    if cell.withheld:
        sheet.write_string(row, place, translate(WORDS["withheld"], language), form)
    elif value is None:
        sheet.write_blank(row, place, None, form)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(ZoneInfo(run.moment.zone)).replace(tzinfo=None), form)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), form)  # noqa: DTZ001
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        amount = column.kind == "money" and isinstance(value, int) and run.moment.base_currency
        sheet.write_number(row, place, float(Money(value, amount).value if amount else value), form)  # type: ignore[arg-type]
    else:
        # As a text, whatever it begins with: the cell's type says so, and no program calculates it.
        sheet.write_string(row, place, words(value, column, run.moment, language)[:32_767], form)
    if cell.interval is not None and not cell.withheld and cell.interval.low is not None:
        sides = f"{cell.interval.low:.4f} - {cell.interval.high:.4f}"
        sheet.write_comment(row, place, f"{translate(WORDS['interval'], language)}: {sides}")


def _about(book: Any, run: ReportRun, language: str) -> None:
    found = document(run, language)
    sheet = book.add_worksheet(_sheet_name(translate(WORDS["definitions"], language)))
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    said = found["words"]
    lines = [
        (said["as_of"], f"{found['times']['as_of']} {found['zone']}"),
        (said["known_at"], f"{found['times']['known_at']} {found['zone']}"),
        (said["made_at"], f"{found['times']['made_at']} {found['zone']}"),
        (said["by"], found["by"]),
        (said["scope"], found["scope_text"]),
        *((item["title"], item["text"]) for item in found["parameters"]),
        *((said["notes"], note) for note in found["notes"]),
        *((column["title"], column["definition"]) for column in found["columns"] if column["definition"]),
    ]
    for number, (name, text) in enumerate(lines):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, text, wrapped)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
