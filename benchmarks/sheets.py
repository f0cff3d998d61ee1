"""Reading tables: a workbook and a file of address cards beside the bare library, and beside CSV."""

from __future__ import annotations

from pathlib import Path

import python_calamine
import vobject
import xlsxwriter

from benchmarks.measure import Bench, seconds
from crmkit.exchange.readers import open_rows

HEADINGS = ("id", "name", "email", "phone", "city", "amount", "born", "note", "flag", "code")
SHEET_BAR = 6.0
CARD_BAR = 1.5


def run(bench: Bench) -> None:
    """Measure reading of a workbook and of address cards."""
    book, cards = bench.folder / "customers.xlsx", bench.folder / "customers.vcf"
    _write_book(book, bench.rows)
    ours, floor = seconds(lambda: _read(book, bench.rows)), seconds(lambda: _bare(book, bench.rows))
    bench.note(f"reading {bench.rows:,} rows of .xlsx", "", ours, floor, floor_name="calamine alone", bar=SHEET_BAR)
    few = max(1, bench.rows // 20)
    _write_cards(cards, few)
    ours, floor = seconds(lambda: _read(cards, few)), seconds(lambda: _parsed(cards, few))
    bench.note(f"reading {few:,} address cards", "", ours, floor, floor_name="vobject", bar=CARD_BAR)


def _read(path: Path, rows: int) -> None:
    found = sum(1 for _row in open_rows(path))
    assert found == rows, found


def _bare(path: Path, rows: int) -> None:
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    assert sum(1 for _row in sheet.iter_rows()) == rows + 1


def _parsed(path: Path, rows: int) -> None:
    assert sum(1 for _card in vobject.readComponents(path.read_text("utf-8"))) == rows


def _write_book(path: Path, rows: int) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Customers")
    sheet.write_row(0, 0, HEADINGS)
    for number in range(1, rows + 1):
        cells = (number, f"Name {number}", f"c{number}@example.com", f"+86138{number:08}", "上海", number * 1.25)
        sheet.write_row(number, 0, (*cells, 30_000 + number % 9000, "a few words of text", True, f"00{number}"))
    book.close()


def _write_cards(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number in range(count):
            name = f"FN:王 {number}\r\nN:王;{number};;;\r\n"
            reach = f"EMAIL;TYPE=work:c{number}@example.com\r\nTEL;TYPE=cell:+86138{number:08}\r\n"
            place = "ADR;TYPE=home:;;1 High St;Leeds;;LS1;UK\r\n"
            file.write(f"BEGIN:VCARD\r\nVERSION:3.0\r\n{name}{reach}{place}END:VCARD\r\n")
