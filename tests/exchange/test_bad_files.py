"""Files that are damaged, hostile or not what they seem: one clear error each, and memory stays flat."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.app import CRM
from crmkit.errors import UnreadableFile
from crmkit.exchange.api import plan_import
from crmkit.exchange.readers import open_rows
from crmkit.exchange.workbooks import archive
from tests.exchange.importing import count, figures, load
from tests.exchange.workbooks import book, packed, sheet

ONE = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'


def refused(path: Path, said: str, **options: str) -> None:
    """Check that a file is refused with one error that says something."""
    with pytest.raises(UnreadableFile, match=f"(?s)^CK701 .*{said}"):
        list(open_rows(path, **options))  # type: ignore[arg-type]


def test_a_workbook_that_was_cut_off_is_refused(tmp_path: Path, make: Callable[..., Path]) -> None:
    """Half a file is damaged, wherever it was cut."""
    whole = book(tmp_path / "a.xlsx", [["name"], *(["Ann"] * 50)]).read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 30):
        refused(make(whole[:size], "cut.xlsx"), "damaged or was cut off.*again")


def test_a_workbook_with_changed_bytes_is_refused_or_read(tmp_path: Path, make: Callable[..., Path]) -> None:
    """Whatever byte is wrong, there is an error of crmkit's or rows."""
    whole = bytearray(book(tmp_path / "a.xlsx", [["name"], ["Ann"]]).read_bytes())
    for place in range(0, len(whole), 97):
        broken = bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with contextlib.suppress(UnreadableFile):
            list(open_rows(make(broken, "broken.xlsx")))


def test_a_workbook_with_a_password_is_refused(make: Callable[..., Path]) -> None:
    """A workbook that is encrypted, in its container or by the ZIP archive, says that it needs a password."""
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000
    refused(make(ole, "a.xlsx"), "protected by a password")
    marked = bytearray(packed({}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(mark)
        while at >= 0:
            marked[at + place] |= 1
            at = marked.find(mark, at + 1)
    refused(make(bytes(marked), "b.xlsx"), "protected by a password")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/worksheets/sheet1.xml": sheet(ONE + "<!-- " + "x" * (20 << 20))}, "more than 400 times its size"),
        ({f"xl/x{number}.xml": "" for number in range(5001)}, "5006 files packed into it"),
        ({"xl/media/a.zip": packed({})}, "an archive packed into it"),
        ({"xl/sharedStrings.xml": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]><a/>'}, "declares entities"),
        (
            {"xl/worksheets/sheet1.xml": sheet(ONE + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')},
            "1048576 rows and 16384 columns; at most 8000000",
        ),
        ({"xl/worksheets/sheet1.xml": sheet("<row>" + "<c><v>1</v></c>" * 600 + "</row>" + "<row/>" * 20000)}, "600"),
        ({"xl/worksheets/sheet1.xml": sheet("")}, "no sheet that holds anything"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row r="}, "no sheet that holds anything|damaged"),
        ({"xl/workbook.xml": "not xml at all"}, "damaged|no sheet"),
    ],
)  # fmt: skip
def test_hostile_workbooks_are_refused(parts: dict[str, str | bytes], said: str, make: Callable[..., Path]) -> None:
    """Bombs by ratio, number and nesting, entities, cells in the last corner, sheets without cells."""
    refused(make(packed(parts), "a.xlsx"), said)


def test_a_workbook_that_lies_about_its_size_is_refused(
    make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a member unpacks to is counted, not what its header says."""
    monkeypatch.setattr(archive, "MAX_TOTAL", 4 << 20)
    whole = bytearray(packed({"xl/worksheets/sheet1.xml": sheet(ONE + os.urandom(4 << 20).hex())}))
    at = whole.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert whole[at : at + 4] == b"PK\x01\x02"
    whole[at + 24 : at + 28] = struct.pack("<I", 1000)
    refused(make(bytes(whole), "a.xlsx"), "holds more than 4194304 bytes when it is unpacked")


def test_members_that_share_their_bytes_are_refused(make: Callable[..., Path]) -> None:
    """Members that overlap multiply a few bytes; no workbook has such."""
    whole = bytearray(packed({"xl/a.xml": "x", "xl/b.xml": "x"}))
    at = whole.rfind(b"xl/b.xml") - 46
    first = whole.rfind(b"xl/a.xml") - 46
    whole[at + 42 : at + 46] = whole[first + 42 : first + 46]
    refused(make(bytes(whole), "a.xlsx"), "damaged")


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    """Ten thousand columns are more than any table has."""
    path = book(tmp_path / "a.xlsx", [[f"c{number}" for number in range(10_000)], [1]])
    refused(path, "10000 columns; at most 500")


def test_a_million_empty_rows_cost_nothing(make: Callable[..., Path]) -> None:
    """Empty rows, and empty cells that have only a format, are no rows."""
    rows = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(3, 300_000))
    last = '<row r="1000000"><c r="A1000000" t="inlineStr"><is><t>Ann</t></is></c></row>'
    path = make(packed({"xl/worksheets/sheet1.xml": sheet(ONE + rows + last)}), "a.xlsx")
    assert [(row.line, row.index, row.cells) for row in open_rows(path)] == [(1_000_000, 0, ("Ann",))]


def test_other_things_than_files_are_refused(tmp_path: Path, make: Callable[..., Path]) -> None:
    """A folder, an empty file, binary data, a Word document, an archive: each is called what it is."""
    (tmp_path / "folder.xlsx").mkdir()
    refused(tmp_path / "folder.xlsx", "is a folder")
    refused(make(b"", "empty.xlsx"), "is empty")
    refused(make(b"", "empty.vcf"), "is empty")
    refused(make(zlib.compress(os.urandom(3000)) * 3, "junk.vcf"), "binary|encoding|no text|cannot be told")
    refused(make("name\nAnn\n", "a.vcf"), "has no address card", format="vcard")
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as word:
        word.writestr("word/document.xml", "<a/>")
    refused(tmp_path / "a.docx", "a Word document")


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """A workbook that comes through a named pipe is read like a file."""
    content = book(tmp_path / "a.xlsx", [["name"], ["Ann"]]).read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    assert [row.cells for row in open_rows(pipe)] == [("Ann",)]
    writer.join()


def test_a_long_picture_refuses_its_card_alone(lite: CRM, make: Callable[..., Path]) -> None:
    """A picture of millions of characters is told of; its card comes back without it, ready to be imported."""
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 74] * 60_000)
    text = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n"
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\r\n{photo}\r\nEND:VCARD\r\n"
    )
    report = load(lite, make(text, "a.vcf"))
    assert figures(report) == (2, 1, 0, 0, 1)
    assert report.rejected_file is not None
    assert report.rejected_file.stat().st_size < 2000
    assert "PHOTO on line" in report.rejected_file.read_text()
    assert figures(load(lite, report.rejected_file)) == (1, 1, 0, 0, 0)


def test_a_refused_file_leaves_the_database_as_it_was(lite: CRM, make: Callable[..., Path]) -> None:
    """Nothing is begun for a file that cannot be read."""
    with pytest.raises(UnreadableFile):
        plan_import(lite, make(b"PK\x03\x04 nonsense", "a.xlsx"))
    assert count(lite) == 0


_HUGE = """
import resource, sys
from pathlib import Path
from crmkit.errors import CrmkitError
from crmkit.exchange.readers import open_rows
import python_calamine
list(open_rows(sys.argv[2]))
held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
resource.setrlimit(resource.RLIMIT_AS, (held + (700 << 20), held + (700 << 20)))
try:
    found = [row.problem.render()[:40] if row.problem else "read" for row in open_rows(sys.argv[1])]
except CrmkitError as error:
    found = [str(error)[:60]]
print(found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - held < 150 << 20)
"""


@pytest.mark.parametrize(
    ("kind", "blocks", "said"),
    [
        ("line.csv", 256, "The line is longer than 4194304"),
        ("line.vcf", 64, "NOTE: NOTE on line 4 has more than 41943"),
        ("cell.xlsx", 256, "holds more than 536870912 bytes"),
    ],
)
def test_a_line_or_cell_of_a_gigabyte_needs_no_memory(tmp_path: Path, kind: str, blocks: int, said: str) -> None:
    """In a process that may not take much more memory, the line or the file is refused."""
    path, small = tmp_path / kind, book(tmp_path / "small.xlsx", [["name"], ["Ann"]])
    block = b"x" * (4 << 20)
    if kind == "cell.xlsx":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for name, content in _parts(packed({})).items():
                if name != "xl/worksheets/sheet1.xml":
                    out.writestr(name, content)
            with out.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
                stream.write(sheet(ONE)[:-30].encode())
                for _number in range(blocks):
                    stream.write(block)
    else:
        with path.open("wb") as file:
            file.write(b"name\n" if kind == "line.csv" else b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nNOTE:")
            for _number in range(blocks):
                file.write(block)
            file.write(b"\n" if kind == "line.csv" else b"\nEND:VCARD\n")
    done = subprocess.run([sys.executable, "-c", _HUGE, path, small], capture_output=True, text=True, timeout=120)
    path.unlink()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("True")
    assert said in done.stdout


def _parts(content: bytes) -> dict[str, bytes]:
    import io

    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name: found.read(name) for name in found.namelist()}


_CARD_LINES = st.lists(
    st.sampled_from(
        ("BEGIN:VCARD", "END:VCARD", "VERSION:2.1", "VERSION:4.0", "N:a;b\\;c;;;", "FN;CHARSET=UTF-16:x", "TEL;CELL:1=",
         "ADR;TYPE=home:;;a;b", "BDAY:--0230", "BDAY:99999999", "NOTE;ENCODING=QUOTED-PRINTABLE:=C3=", " folded", "=",
         "PHOTO;ENCODING=b:AAAA", "item1.URL:http://x.y", "item1.X-ABLabel:_$!<Home>!$_", "AGENT:", "UID:" + "u" * 300,
         "KIND:group", "IMPP:x:", 'TEL;TYPE="a', "X-Ä:1", "CATEGORIES:,,\\", "GEO;VALUE=uri:geo:", "")
    )
    | st.text(max_size=20),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=_CARD_LINES)
def test_any_lines_of_cards_give_rows_or_one_error(tmp_path: Path, lines: list[str]) -> None:
    """Whatever stands in a file of cards, it gives rows or an error of crmkit's."""
    path = tmp_path / "fuzz.vcf"
    path.write_bytes("\n".join(["BEGIN:VCARD", *lines]).encode("utf-8", "replace"))
    try:
        source = open_rows(path)
        width = len(source.columns)
        assert all(len(row.cells) == width for row in source)
    except UnreadableFile:
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from((b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"BEGIN:VCARD\n", b"\xff\xfe")),
    tail=st.binary(max_size=400),
)
def test_any_bytes_give_rows_or_one_error(tmp_path: Path, head: bytes, tail: bytes) -> None:
    """Whatever bytes a file has, it gives rows or an error of crmkit's."""
    path = tmp_path / "fuzz.bin"
    path.write_bytes(head + tail)
    with contextlib.suppress(UnreadableFile):
        list(open_rows(path))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.text(alphabet='<>/="rc A1vtis&;0!-[', max_size=200))
def test_any_sheet_gives_rows_or_one_error(tmp_path: Path, rows: str) -> None:
    """Whatever a sheet's XML is, it gives rows or an error of crmkit's."""
    path = tmp_path / "fuzz.xlsx"
    path.write_bytes(packed({"xl/worksheets/sheet1.xml": sheet(ONE + rows)}))
    with contextlib.suppress(UnreadableFile):
        list(open_rows(path))
