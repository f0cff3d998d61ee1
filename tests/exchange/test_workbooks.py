"""Workbooks: which sheet and which rows are read, and what their cells say."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.errors import MissingExtra, UnreadableFile
from crmkit.exchange.api import ExportOptions, ImportOptions, export, plan_import, run_import
from crmkit.exchange.readers import list_sheets, open_rows
from tests.exchange.importing import ACTOR, customers, figures, load, rows_of
from tests.exchange.workbooks import book


def read(path: Path, **options: Any) -> list[tuple[object, ...]]:
    """Return the cells of all rows of a file."""
    return [row.cells for row in open_rows(path, **options)]


def test_cells_are_read_to_the_letter(tmp_path: Path) -> None:
    """Numbers are exact and never in powers of ten, text keeps its zeros, days and times are in ISO form."""
    path = tmp_path / "a.xlsx"

    def times(made: Any) -> None:
        page = made.get_worksheet_by_name("Sheet1")
        page.write_datetime(1, 5, datetime(2024, 3, 5, 12, 30), made.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        page.write_datetime(1, 4, date(2024, 3, 5), made.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_formula(1, 6, "=1+1", None, 2)

    heads = ["id", "zip", "share", "flag", "born", "met", "sum"]
    book(path, [heads, [100000.0, "00123", 0.1, True], [13800138000, "1e5", 1.5e-7, False]], change=times)
    first, second = read(path)
    assert first == (100000, "00123", Decimal("0.1"), True, "2024-03-05", "2024-03-05T12:30:00", 2)
    assert (str(second[0]), second[1], str(second[2])) == ("13800138000", "1e5", "1.5E-7")


def test_a_long_number_stays_digits_and_is_noted(tmp_path: Path) -> None:
    """An id of more digits than a spreadsheet keeps is no power of ten; that its end is lost is said."""
    (row,) = open_rows(book(tmp_path / "a.xlsx", [["id", "name"], [6228480402564890018, "Ann"]]))
    assert str(row.cells[0]) == "6228480402564890000"
    assert "last ones are lost" in row.notes[0].render()


def test_titles_and_empty_rows_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    """The heading row is found below a title, a note and empty rows; rows are known by their line in the sheet."""
    rows = [["Customers 2024"], [], ["as of", 2024], [], ["name", "city", "email"], [], ["Ann", "York", "a@b.example"]]
    source = open_rows(book(tmp_path / "a.xlsx", rows))
    assert source.columns == ("name", "city", "email")
    assert [(row.line, row.index, row.cells) for row in source] == [(7, 0, ("Ann", "York", "a@b.example"))]


def test_a_table_may_stand_anywhere_on_the_sheet(tmp_path: Path) -> None:
    """Empty columns before the table are none of its columns; one that is filled without a heading gets a name."""
    rows = [[None, "name", None, "city"], [None, "Ann", "x", "York"], [None, "Ben", None, "Leeds"]]
    source = open_rows(book(tmp_path / "a.xlsx", rows))
    assert source.columns == ("name", "column 2", "city")
    assert [row.cells for row in source] == [("Ann", "x", "York"), ("Ben", "", "Leeds")]


def test_merged_cells_fill_the_rows_that_they_cover(tmp_path: Path) -> None:
    """A cell that is merged over rows stands in each of them; merged headings give way to those below them."""

    def merge(made: Any) -> None:
        page = made.get_worksheet_by_name("Sheet1")
        page.merge_range(0, 1, 0, 2, "Reach")
        page.merge_range(2, 0, 3, 0, "Acme")

    rows = [["name"], ["name", "email", "city"], [None, "a@b.example", "York"], [None, "c@d.example", "Leeds"]]
    source = open_rows(book(tmp_path / "a.xlsx", rows, change=merge))
    assert source.columns == ("name", "email", "city")
    assert [row.cells[0] for row in source] == ["Acme", "Acme"]


def test_the_first_visible_sheet_with_cells_is_read_and_others_are_said(tmp_path: Path) -> None:
    """Empty and hidden sheets are not taken by themselves; a sheet is chosen by its name."""

    def hide(made: Any) -> None:
        made.get_worksheet_by_name("Sheet2").hide()
        made.get_worksheet_by_name("Sheet1").set_first_sheet()
        made.get_worksheet_by_name("Sheet3").activate()

    path = book(tmp_path / "a.xlsx", [], [["secret"], ["x"]], [["name"], ["Ann"]], [["sku"], ["7"]], change=hide)
    assert [(one.name, one.rows, one.columns, one.hidden) for one in list_sheets(path)] == [
        ("Sheet1", 0, 0, False),
        ("Sheet2", 2, 1, True),
        ("Sheet3", 2, 1, False),
        ("Sheet4", 2, 1, False),
    ]
    source = open_rows(path)
    notes = [note.render() for note in source.description.notes]
    assert (source.description.sheet, source.columns) == ("Sheet3", ("name",))
    assert "Sheet4" in notes[0]
    assert "Sheet2" in notes[1]
    assert open_rows(path, sheet="sheet4").columns == ("sku",)
    assert "is hidden" in open_rows(path, sheet="Sheet2").description.notes[0].render()
    with pytest.raises(UnreadableFile, match=r'no sheet "Sheet5".*Did you mean "Sheet'):
        open_rows(path, sheet="Sheet5")


def test_an_error_in_a_cell_refuses_its_row_where_the_column_counts(lite: CRM, tmp_path: Path) -> None:
    """#N/A in a column that fills a field refuses the row; in a column that is ignored it does not matter."""

    def break_cells(made: Any) -> None:
        page = made.get_worksheet_by_name("Sheet1")
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 2, "=NA()", None, "#N/A")

    rows = [["name", "email", "zzz"], ["Ann", None, "x"], ["Ben", "ben@example.com", None]]
    report = load(lite, book(tmp_path / "a.xlsx", rows, change=break_cells))
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.rejected_file is not None
    (rejected,) = rows_of(report.rejected_file)
    assert (rejected["name"], rejected["email"], rejected["_column"]) == ("Ann", "#DIV/0!", "email")


def test_rejected_rows_of_a_workbook_can_be_mended_and_imported(lite: CRM, tmp_path: Path) -> None:
    """They come back as CSV with the reason; mended, they are imported."""
    rows = [["name", "email"], ["Ann", "ann@example.com"], ["Ben", "nonsense"]]
    report = load(lite, book(tmp_path / "a.xlsx", rows))
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.rejected_file is not None
    assert report.rejected_file.suffix == ".csv"
    text = report.rejected_file.read_text("utf-8-sig").replace('"nonsense","3"', '"ben@example.com","3"')
    mended = tmp_path / "mended.csv"
    mended.write_text(text)
    assert figures(load(lite, mended)) == (1, 1, 0, 0, 0)


def test_an_interrupted_import_of_a_workbook_goes_on(
    lite: CRM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after the first batch, the same import goes on behind it: nothing is lost and nothing comes twice."""
    monkeypatch.setattr("crmkit.exchange.importer.BATCH", 5)
    path = book(tmp_path / "a.xlsx", [["id", "name"], *([number, f"Name {number}"] for number in range(12))])

    def stop(progress: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(lite, ACTOR, plan_import(lite, path), stop)
    report = load(lite, path)
    assert (report.resumed, figures(report)) == (True, (12, 12, 0, 0, 0))
    assert len(customers(lite)) == 12


def test_an_export_to_a_workbook_changes_nothing_when_it_is_imported(lite: CRM, tmp_path: Path) -> None:
    """What was written is read back to the letter: formulas stay texts, zeros and long numbers stay."""
    lite.run(ACTOR, "custom_field.create", {"resource": "customer", "name": "code", "type": "text"})
    values = {"name": "=HYPERLINK(1)", "email": "ann@example.com", "size": 7, "custom": {"code": "007"}, "tags": ["+a"]}
    made = lite.run(ACTOR, "customer.create", {**values, "kind": "organization"})
    path = tmp_path / "out.xlsx"
    export(lite, ACTOR, path, ExportOptions(reveal=True, reason="test"))
    source = open_rows(path)
    (row,) = source
    assert source.mapping(row)["name"] == "=HYPERLINK(1)"
    assert figures(load(lite, path, on_duplicate="update")) == (1, 0, 1, 0, 0)
    after = customers(lite)["=HYPERLINK(1)"]
    assert (after.id, after.version, after.size) == (made.id, made.version, 7)


def test_no_cell_of_an_export_is_a_formula(lite: CRM, tmp_path: Path) -> None:
    """Whatever a customer wrote, a workbook holds it as text."""
    import zipfile

    for name in ('=cmd|"/c calc"!A1', "+1+1", "@SUM(A1)", "-2+3", "\t=1"):
        lite.run(ACTOR, "customer.create", {"name": name})
    path = tmp_path / "out.xlsx"
    export(lite, ACTOR, path)
    with zipfile.ZipFile(path) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


def test_old_and_open_workbooks_are_read(data: Path) -> None:
    """.xls of Excel 97 and .ods are read like .xlsx."""
    for ending in ("xls", "ods"):
        source = open_rows(data / "workbooks" / f"customers.{ending}")
        assert (source.description.format, source.columns) == (ending, ("name", "zip", "born", "amount"))
        assert [row.cells for row in source] == [
            ("Ann", "00123", "1980-01-31", Decimal("12.5")),
            ("王小明", "200000", "1999-12-31", 100000),
        ]


def test_a_workbook_may_be_compressed_once_more(tmp_path: Path) -> None:
    """A workbook in .gz is read."""
    path = book(tmp_path / "a.xlsx", [["name"], ["Ann"]])
    (tmp_path / "a.xlsx.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert read(tmp_path / "a.xlsx.gz") == [("Ann",)]


def test_content_decides_and_not_the_name(tmp_path: Path, make: Callable[..., Path]) -> None:
    """A workbook that is called .csv is read as one, CSV that is called .xlsx as CSV; both is said."""
    path = book(tmp_path / "wrong.csv", [["name"], ["Ann"]])
    source = open_rows(path)
    assert (source.description.format, [row.cells for row in source]) == ("xlsx", [("Ann",)])
    assert "its content is xlsx" in source.description.notes[0].render()
    text = open_rows(make("name,city\nAnn,York\n", "wrong.xlsx"))
    assert (text.description.format, [row.cells for row in text]) == ("csv", [("Ann", "York")])
    assert "its content is csv" in text.description.notes[0].render()
    with pytest.raises(UnreadableFile, match="is no workbook"):
        open_rows(make("name\nAnn\n", "b.xlsx"), format="xlsx")


def test_a_missing_library_is_one_error_that_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without calamine a workbook is refused with what to install."""
    import sys

    path = book(tmp_path / "a.xlsx", [["name"], ["Ann"]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtra, match=r"python-calamine.*crmkit\[exchange\]"):
        open_rows(path)


def test_the_sheet_is_part_of_what_was_imported(lite: CRM, tmp_path: Path) -> None:
    """Another sheet of the same file is another import; the same sheet again is a conflict."""
    path = book(tmp_path / "a.xlsx", [["name"], ["Ann"]], [["name"], ["Ben"]])
    assert figures(load(lite, path)) == (1, 1, 0, 0, 0)
    assert figures(load(lite, path, sheet="Sheet2")) == (1, 1, 0, 0, 0)
    assert plan_import(lite, path, ImportOptions(sheet="Sheet2")).imported is not None
