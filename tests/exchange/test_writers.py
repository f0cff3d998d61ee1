"""Writing and reading back is the identity; spreadsheets run nothing; rejected rows can be mended."""

from __future__ import annotations

import base64
import json
import os
import stat
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from crmkit.errors import ImportConflict, InvalidInput, Problem
from crmkit.exchange.readers import open_rows
from crmkit.exchange.writers import META_COLUMNS, CsvWriter, JsonLinesWriter, RejectWriter, protect, unprotect

RISKY = "=+-@＝＋－＠\t\r\n\0"
TRICKY = st.text(st.sampled_from("=+-@＝＋－＠\t\r\n'\" ;,|\\0123aé王“\u2028\x85\x1f\ufeff"), max_size=12)
ANY = st.one_of(TRICKY, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))


def _back(
    rows: list[tuple[str, ...]], columns: tuple[str, ...], *, bom: bool, delimiter: str, form: str
) -> list[object]:
    with tempfile.NamedTemporaryFile(suffix="." + form) as file:
        if form == "csv":
            CsvWriter(file, columns, bom=bom, delimiter=delimiter).write_all(rows)
        else:
            JsonLinesWriter(file, columns).write_all(rows)
        file.flush()
        source = open_rows(file.name)
        assert columns == source.columns
        found = list(source)
        assert not [row.problem for row in found if row.problem]
        return [row.cells for row in found]


@given(
    st.integers(2, 4).flatmap(lambda n: st.lists(st.tuples(*[ANY] * n), min_size=1, max_size=6)),
    st.booleans(),
    st.sampled_from(",;\t|"),
)
def test_csv_comes_back_unchanged(rows: list[tuple[str, ...]], bom: bool, delimiter: str) -> None:
    """Whatever the texts, mark and delimiter, without a word about them to the reader."""
    columns = ("first", "second", "third", "fourth")[: len(rows[0])]
    assert rows == _back(rows, columns, bom=bom, delimiter=delimiter, form="csv")


@given(st.lists(st.tuples(ANY), min_size=1, max_size=5))
def test_one_column_comes_back_unchanged(rows: list[tuple[str, ...]]) -> None:
    """A table with one column is told from one with delimiters in its text."""
    assert rows == _back(rows, ("note",), bom=True, delimiter=",", form="csv")


@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5))
def test_json_lines_come_back_unchanged(rows: list[tuple[str, ...]]) -> None:
    """JSON lines need no protection."""
    assert rows == _back(rows, ("first", "second"), bom=False, delimiter=",", form="jsonl")


@given(st.text(st.one_of(st.sampled_from("=+-@'\" \t\r\n\0＝０1"), st.characters()), max_size=12))
def test_protection_is_undone_exactly(text: str) -> None:
    """Also for texts that already begin with the protecting sign, and for NUL."""
    assert text == unprotect(protect(text))


@given(st.text(st.sampled_from("=+-@＝＋－＠ \t\r\n'\"a1"), max_size=8))
def test_no_written_cell_is_a_formula(text: str) -> None:
    """After protection nothing but plain numbers begins like a formula, behind white space or quotes either."""
    written = protect(text)
    start = written.lstrip(' \t\r\n"')
    if written[:1] in tuple(RISKY) or start[:1] in tuple("=+-@＝＋－＠"):
        assert written.replace(" ", "")[1:].isdigit()


def test_published_injections_are_protected_and_come_back(data: Path) -> None:
    """Every published payload that begins like a formula gets the sign; all come back."""
    payloads = json.loads((data / "input-hygiene" / "csv_injection.json").read_text())["payloads"]
    assert all(protect(text) == "'" + text for text in payloads if text[0] in RISKY)
    assert sum(text[0] in RISKY for text in payloads) >= 8
    rows = [(text, "x") for text in payloads]
    assert rows == _back(rows, ("payload", "other"), bom=True, delimiter=",", form="csv")


@pytest.mark.parametrize("text", ["-5", "-5.25", "+3,50", "+8613800001111", "+86 138 0013 8000"])
def test_numbers_and_phones_stay_as_they_are(text: str) -> None:
    """A negative number and a phone number compute nothing."""
    assert text == protect(text)


def test_naughty_strings_come_back(data: Path) -> None:
    """Every naughty string that holds no NUL survives CSV and JSON lines."""
    encoded = json.loads((data / "input-hygiene" / "blns.base64.json").read_text())
    texts: list[str] = []
    for entry in encoded:
        try:
            texts.append(base64.b64decode(entry).decode())
        except UnicodeDecodeError:
            continue
    rows = [(text, "x") for text in texts if "\0" not in text]
    assert len(rows) > 450
    for form in ("csv", "jsonl"):
        assert rows == _back(rows, ("naughty", "other"), bom=form == "csv", delimiter=",", form=form)


def test_values_that_are_no_text(tmp_path: Path) -> None:
    """None is empty, truths are words, lists are JSON; half a character is refused."""
    with (tmp_path / "f.csv").open("wb") as file:
        writer = CsvWriter(file, ("a", "b", "c", "d"))
        writer.write([None, True, ["x", 1], -5])
        with pytest.raises(InvalidInput, match="D800"):
            writer.write(["\ud800", "", "", ""])
    assert (tmp_path / "f.csv").read_text().splitlines()[1] == '"","true","[""x"",1]","-5"'


# --- rejected rows


def test_rejects_can_be_mended_and_read_again(make, tmp_path: Path) -> None:
    """The file has the original columns first; reading it again shows only these, and the rest as meta."""
    source = open_rows(make("name,,name\n=Ann,1,x\nBob,2,y,z\n"))
    with RejectWriter(tmp_path / "rejects.csv", source.headings) as rejects:
        for row in source:
            rejects.write(
                row.cells, line=row.line, problems=[Problem("CK500", "Bad {x}.", field="name", value="v", x=1)]
            )
    again = open_rows(tmp_path / "rejects.csv")
    assert source.columns == again.columns
    assert again.meta_columns == META_COLUMNS
    rows = list(again)
    assert [row.cells for row in rows] == [("=Ann", "1", "x"), ("Bob", "2", "y")]
    assert rows[0].meta == ("2", "name", "v", "name: Bad 1.", "CK500")
    assert (tmp_path / "rejects.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert stat.S_IMODE(os.stat(tmp_path / "rejects.csv").st_mode) == 0o600


def test_no_rejects_leave_no_file(tmp_path: Path) -> None:
    """The file is made by the first row."""
    with RejectWriter(tmp_path / "rejects.csv", ("a",)) as rejects:
        assert rejects.tell() == 0
    assert not (tmp_path / "rejects.csv").exists()


def test_rejects_of_another_import_are_kept(tmp_path: Path) -> None:
    """A file that exists is never overwritten."""
    (tmp_path / "rejects.csv").write_text("mended")
    with pytest.raises(ImportConflict, match="already"):
        RejectWriter(tmp_path / "rejects.csv", ("a",)).write(["1"], line=2, problems=[Problem("CK500", "Bad.")])
    assert (tmp_path / "rejects.csv").read_text() == "mended"


def test_rejects_are_cut_to_a_known_place(tmp_path: Path) -> None:
    """After a kill the file goes on from the last acknowledged byte, without a second heading."""
    path, wrong = tmp_path / "rejects.csv", [Problem("CK500", "Bad.")]
    first = RejectWriter(path, ("a",))
    first.write(["1"], line=2, problems=wrong)
    offset = first.tell()
    assert offset == path.stat().st_size
    first.write(["lost"], line=3, problems=wrong)
    first.close()
    resumed = RejectWriter(path, ("a",))
    resumed.truncate_to(offset)
    resumed.write(["2"], line=4, problems=wrong)
    resumed.close()
    assert [row.cells for row in open_rows(path)] == [("1",), ("2",)]
    with pytest.raises(ImportConflict, match="bytes, but"):
        RejectWriter(path, ("a",)).truncate_to(10**6)
    anew = RejectWriter(path, ("a",))
    anew.truncate_to(0)
    assert path.stat().st_size == 0
    anew.discard()
    assert not path.exists()


def test_rejects_of_json_lines_keep_nested_values(make, tmp_path: Path) -> None:
    """Rejected objects are written as objects."""
    source = open_rows(make('{"a": {"b": [1.25, 123456789012345678901234567890]}, "c": "x"}\n{"a": 2}\n', "f.jsonl"))
    with RejectWriter(tmp_path / "rejects.jsonl", source.headings, format="jsonl") as rejects:
        for row in source:
            rejects.write(row.cells, line=row.line, problems=[Problem("CK500", "Bad.")])
    again = open_rows(tmp_path / "rejects.jsonl")
    assert [row.cells for row in again] == [
        ({"b": [Decimal("1.25"), 123456789012345678901234567890]}, "x"),
        (2, None),
    ]
    assert again.meta_columns == META_COLUMNS


def test_what_gave_no_cells_is_kept_in_the_rejects(make, tmp_path: Path) -> None:
    """A line that cannot be parted stands whole in the column of the value."""
    source = open_rows(make('name,city\nAnn,"Bonn" am Rhein\nBob,Kiel\n'))
    with source, RejectWriter(tmp_path / "rejects.csv", source.headings) as rejects:
        for row in source:
            if row.problem:
                rejects.write(row.cells, line=row.line, problems=[row.problem])
    assert [row.meta[2] for row in open_rows(tmp_path / "rejects.csv")] == ['Ann,"Bonn" am Rhein\n']


def test_only_the_heading_row_is_undone_like_any_cell(tmp_path: Path) -> None:
    """A heading that looks like a formula comes back, too."""
    with (tmp_path / "f.csv").open("wb") as file:
        CsvWriter(file, ("=a", "'-b")).write(("1", "2"))
    assert open_rows(tmp_path / "f.csv").columns == ("=a", "'-b")
