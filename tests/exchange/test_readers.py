"""Rows of CSV and JSON lines: true line numbers, bad rows one by one, samples of other programs."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import sys
import threading
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from crmkit.errors import UnreadableFile
from crmkit.exchange.readers import open_rows


def _cells(path: Path | str, **options: object) -> list[tuple[object, ...]]:
    return [row.cells for row in open_rows(path, **options)]


# --- samples of other programs


def test_salesforce_accounts_are_read_whole(data: Path) -> None:
    """423 rows of 38 columns; Windows-1252 bytes come out as letters."""
    source = open_rows(data / "import-samples" / "salesforce_account.csv")
    rows = list(source)
    assert (len(rows), len(source.columns), source.description.encoding.encoding) == (423, 38, "cp1252")
    assert not [row for row in rows if row.problem or row.notes]
    first = source.mapping(rows[0])
    assert (
        first["NAME"],
        first["BILLINGSTREET"],
        first["BILLINGPOSTALCODE"],
    ) == ("Gravity Investments", "00045742 150 Palmer Drive", "80525")
    special = "".join(str(cell) for row in rows for cell in row.cells if not str(cell).isascii())
    assert special
    assert "\ufffd" not in special


def test_salesforce_opportunities_add_up(data: Path) -> None:
    """38 rows whose amounts sum to the published total."""
    source = open_rows(data / "import-samples" / "salesforce_opportunity.csv")
    rows = [source.mapping(row) for row in source]
    assert (38, Decimal(6270000)) == (len(rows), sum(Decimal(str(row["AMOUNT"] or 0)) for row in rows))
    assert sum(row["STAGENAME"] == "Closed Won" for row in rows) == 8


def test_copies_with_marks_hold_the_same_rows(data: Path) -> None:
    """UTF-8, UTF-16LE and UTF-16BE copies of one table read alike; wrongly marked ones are refused."""
    folder = data / "import-samples"
    plain = _cells(folder / "csvtext.csv")
    assert len(plain) == 2
    for name in ("UTF8", "UTF16BE", "UTF16LE"):
        assert plain == _cells(folder / f"csvtext_BOM_{name}.csv")
        assert open_rows(folder / f"csvtext_BOM_{name}.csv").columns == open_rows(folder / "csvtext.csv").columns
    for name in ("UTF32BE", "UTF32LE"):
        with pytest.raises(UnreadableFile, match="the mark is wrong"):
            open_rows(folder / f"csvtext_BOM_{name}.csv")


def test_escaped_quotes_of_the_sample(data: Path) -> None:
    """Doubled quotes at the beginning and inside of cells."""
    rows = _cells(data / "import-samples" / "csvEscapedQuotes.csv")
    assert [row[0] for row in rows] == ['"The Best" Account', 'The "Best" Account']


def test_short_rows_of_outlook_are_padded_and_noted(data: Path) -> None:
    """Rows 2 and 3 have 11 of 22 cells."""
    rows = list(open_rows(data / "import-samples" / "outlook_shared_contacts.csv"))
    assert [len(row.notes) for row in rows] == [0, 1, 1]
    assert {22} == {len(row.cells) for row in rows}
    assert not [row for row in rows if row.problem]


def test_odoo_companies_and_contacts(data: Path) -> None:
    """Companies and contacts share the table."""
    source = open_rows(data / "import-samples" / "odoo_customers_contacts.csv")
    rows = [source.mapping(row) for row in source]
    assert [row["Name"] for row in rows if row["Is a company"] == "1"] == [
        "Aurora Shelves",
        "House Sales Direct",
        "International Wood",
    ]


def test_chinese_copies_hold_the_same_values(data: Path) -> None:
    """GB18030, UTF-16 and marked UTF-8 copies equal the first rows of the UTF-8 file; ids keep their zeros."""
    folder = data / "zh-customers"
    whole = _cells(folder / "customers_zh.csv")
    for name in ("customers_zh_gb18030.csv", "customers_zh_utf16.tsv", "customers_zh_bom.csv"):
        assert whole[:60] == _cells(folder / name)
    assert {18} == {len(str(row[-1])) for row in whole}
    big5 = open_rows(folder / "customers_zht_big5.csv")
    rows = list(big5)
    assert (big5.columns[0], len(rows)) == ("客戶編號", 58)
    by_id = {row[0]: row for row in whole}
    assert all(row.cells[2] == by_id[row.cells[0]][2] and row.cells[8] == by_id[row.cells[0]][8] for row in rows)


# --- lines and cells


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_physical_lines(make, end: str) -> None:
    """A row's line is the one it begins on, with newlines inside cells and blank lines counted."""
    text = end.join(["", "a,b", "1,x", "", '2,"two', 'lines"', "3,y", ""])
    rows = list(open_rows(make(text)))
    assert [row.line for row in rows] == [3, 5, 7]
    assert [row.index for row in rows] == [0, 1, 2]
    assert f"two{end}lines" == rows[1].cells[1]


@given(at=st.integers(65500, 65570))
def test_line_ends_across_blocks_count_once(at: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A CRLF that falls between two blocks is one line end."""
    path = tmp_path_factory.mktemp("crlf") / "f.csv"
    path.write_bytes(b"a,b\r\n1," + b"x" * at + b"\r\n2,y\r\n")
    assert [row.line for row in open_rows(path)] == [2, 3]


def test_long_rows_name_the_extra_cells(make) -> None:
    """Extra cells with text are a problem; empty ones are only noted."""
    rows = list(open_rows(make("a,b\n1,2,three,4\n5,6,,\n")))
    assert 'too many are: "three", "4"' in rows[0].problem.render()
    assert rows[0].problem.value == "three,4"
    assert (rows[1].problem, rows[1].cells, len(rows[1].notes)) == (None, ("5", "6"), 1)


def test_blank_rows_are_passed_over(make) -> None:
    """Empty lines, rows of bare delimiters and white space are no rows; quoted empty cells are."""
    assert _cells(make('a,b\n\n,\n1,2\n  ,\n"",""\n\n')) == [("1", "2"), ("", "")]


def test_headings_are_made_distinct(make) -> None:
    """Equal and empty headings get names of their own, and a note each."""
    source = open_rows(make("name,,name,name (2),name\n1,2,3,4,5\n"))
    assert source.columns == ("name", "column 2", "name (3)", "name (2)", "name (4)")
    assert source.headings == ("name", "", "name", "name (2)", "name")
    assert len(source.description.notes) == 3


def test_wide_tables(make) -> None:
    """200 columns are read; more than 500 are refused with the limit."""

    def table(width: int) -> str:
        return ",".join(f"c{n}" for n in range(width)) + "\n" + ",".join(str(n) for n in range(width)) + "\n"

    source = open_rows(make(table(200)))
    assert (len(source.columns), len(list(source))) == (200, 1)
    with pytest.raises(UnreadableFile, match="501 columns; at most 500"):
        open_rows(make(table(501)))


def test_nul_is_a_problem_of_its_row(make) -> None:
    """A NUL character refuses the row that holds it and names the column."""
    rows = list(open_rows(make(b"a,b\n1,x\n2,y\0z\n3,w\n")))
    assert [row.problem and row.problem.field for row in rows] == [None, "b", None]


def test_a_stray_quote_refuses_its_line_only(make) -> None:
    """Where the lines after an unclosed quote are whole rows, reading goes on with them."""
    body = "".join(f"{n},x{n}\n" for n in range(100))
    rows = list(open_rows(make(f'a,b\n1,"Best\n{body}')))
    assert len(rows) == 101
    assert (rows[0].line, "opens on line 2 is never closed" in rows[0].problem.render()) == (2, True)
    assert [rows[1].line, rows[-1].line] == [3, 102]
    assert not [row for row in rows[1:] if row.problem]


def test_a_stray_quote_in_a_large_file_is_found(make) -> None:
    """The quote is noticed after the largest cell allowed, not at the file's end."""
    body = "".join(f"{n},some text that fills the line\n" for n in range(60000))
    rows = list(open_rows(make(f'a,b\n0,x\n1,"Best\n{body}')))
    assert len(rows) == 60002
    assert [row.line for row in rows if row.problem] == [3]
    assert rows[-1].line == 60003


def test_very_many_stray_quotes_are_refused_one_by_one(make) -> None:
    """Every second line has a stray quote; the others are all read."""
    rows = list(open_rows(make("a,b\n" + '1,"Best\n2,x\n' * 30000)))
    assert len(rows) == 60000
    assert {("2", "x")} == {row.cells for row in rows if row.problem is None}
    assert sum(row.problem is not None for row in rows) == 30000
    assert list(range(2, 60002)) == [row.line for row in rows]


def test_a_cut_off_note_is_one_error(make) -> None:
    """Lines of text after an unclosed quote never become rows."""
    rows = list(open_rows(make('a,b,c\n1,x,y\n2,z,"a note\nwith lines\nthat was cut off\n')))
    assert [row.problem and True for row in rows] == [None, True]
    assert "opens on line 3 is never closed; lines 3 to 5 are refused" in rows[1].problem.render()


def test_an_overlong_cell_loses_only_its_row(make) -> None:
    """A properly quoted cell above the limit is refused; the rows after it are read."""
    big = "\n".join(["word " * 20] * 15000)
    rows = list(open_rows(make(f'a,b\n1,"{big}"\n2,x\n')))
    assert [row.problem is not None for row in rows] == [True, False]
    assert (rows[1].cells, rows[1].line) == (("2", "x"), 15002)


def test_an_endless_line_is_bounded(make) -> None:
    """A line beyond the limit is one refused row; the next line is read."""
    rows = list(open_rows(make("a,b\n1," + "x" * 6_000_000 + "\n2,y\n")))
    assert [row.problem is not None for row in rows] == [True, False]
    assert (rows[1].cells, rows[1].line) == (("2", "y"), 3)


def test_text_after_a_closing_quote_is_refused(make) -> None:
    """Reading it would drop quotes silently."""
    rows = list(open_rows(make('a,b\n1,"Best" Buy\n2,x\n')))
    assert "text after a closing quote" in rows[0].problem.render()
    assert rows[0].raw == '1,"Best" Buy\n'
    assert rows[1].cells == ("2", "x")


def test_one_column(make) -> None:
    """Commas in the text of a file with one column are text."""
    source = open_rows(make("note\nHello, world\nplain\n"))
    assert [row.cells for row in source] == [("Hello, world",), ("plain",)]
    assert source.description.delimiter is None


# --- JSON lines


def test_json_lines_keep_nested_and_exact_values(make) -> None:
    """Keys of all lines are columns; absent ones are None; numbers are exact."""
    path = make('{"a": 1, "b": {"c": [1, "x"]}}\n\n{"a": 12345678901234567890, "d": 0.1}\n', "f.jsonl")
    source = open_rows(path)
    assert source.columns == ("a", "b", "d")
    assert [(1, {"c": [1, "x"]}, None), (12345678901234567890, None, Decimal("0.1"))] == [row.cells for row in source]
    assert source.description.format == "jsonl"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"a": 1,', "This is not JSON: Expecting property name enclosed in double quotes at character"),
        ("[1, 2]", "not a JSON object"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": 1, "a": 2}', 'The key "a" stands twice'),
        ('{"a": "x\\u0000"}', "NUL character"),
        ('{"a": "\\ud800"}', "lone surrogate"),
        ('{"a": ' + "9" * 5000 + "}", "too many digits"),
        ('{"a": ' + "[" * 100000 + "}", "nested too deeply"),
    ],
)
def test_a_malformed_line_is_one_refused_row(make, line: str, said: str) -> None:
    """The other lines are read; the refused one has its number and text."""
    rows = list(open_rows(make(f'{{"a": 1}}\n{line}\n{{"a": 3}}\n')))
    assert [row.problem is not None for row in rows] == [False, True, False]
    assert said in rows[1].problem.render()
    assert (2, line + "\n") == (rows[1].line, rows[1].raw)


# --- where the bytes come from


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed_files_are_read(make, suffix: str, pack) -> None:
    """Compressed tables read like plain ones; the position ends at the stored size."""
    source = open_rows(make(pack(b"a,b\n" + b"1,2\n" * 1000), f"f.csv{suffix}"))
    assert len(list(source)) == 1000
    assert suffix == f".{source.description.compression}"


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` is standard input, copied so that it can be looked at first."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a,b\n1,2\n")))
    assert _cells("-") == [("1", "2")]


def test_a_pipe_is_read(tmp_path: Path) -> None:
    """A named pipe is copied like standard input."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"a,b\n1,2\n",))
    writer.start()
    assert _cells(path) == [("1", "2")]
    writer.join()


def test_skipping_gives_the_same_rows(make) -> None:
    """Rows from an index on are the ones that reading from the start gives, refused ones counted."""
    path = make('a,b\n1,x\n\n2,"y" z\n3,\n4,w,v\n5,u\n')
    whole = list(open_rows(path))
    for index in range(len(whole) + 1):
        source = open_rows(path)
        source.skip_to(index)
        assert [(row.line, row.index, row.cells) for row in whole[index:]] == [
            (row.line, row.index, row.cells) for row in source
        ]
    with pytest.raises(UnreadableFile, match="fewer than 9 rows"):
        open_rows(path).skip_to(9)


def test_the_position_moves_to_the_end(make) -> None:
    """The position grows to the file's size."""
    source = open_rows(make("a,b\n" + "1,2\n" * 50000))
    seen = [source.position for row in source if row.index % 10000 == 0]
    assert seen == sorted(seen)
    assert 0 < seen[1] < source.description.bytes_total
    assert source.position == source.description.bytes_total


@given(st.binary(max_size=300))
def test_no_bytes_give_a_traceback(content: bytes) -> None:
    """Whatever the bytes, there are rows or one `UnreadableFile`."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        for encoding in (None, "utf-8", "gb18030", "utf-16"):
            try:
                source = open_rows(file.name, encoding=encoding)
                for row in source:
                    json.dumps(row.cells)
                    assert len(source.columns) == len(row.cells)
                    "".join(map(str, row.cells)).encode("utf-8")
            except UnreadableFile:
                continue
