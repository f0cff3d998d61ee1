"""Which encoding a file is in, and what is refused because it is no text."""

from __future__ import annotations

import codecs
import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from crmkit.errors import UnreadableFile
from crmkit.exchange.encodings import HEAD, detect_encoding, detect_stream
from crmkit.exchange.readers import open_rows

SIMPLIFIED = "编号,姓名,城市\r\n1,欧阳娜娜,呼和浩特\r\n2,司马相如,成都市武侯区\r\n3,诸葛亮,襄阳市隆中路9号\r\n"
TRADITIONAL = (
    "編號,姓名,城市\r\n1,歐陽娜娜,臺北市信義區\r\n2,司馬相如,高雄市鹽埕區\r\n3,諸葛亮,桃園縣龜山鄉文化路9號\r\n"
)
WESTERN = "name,city\nMüller,Köln\nJosé,Málaga\nBjörk,Århus\nÉlodie,Besançon – “Doubs”\n"


@pytest.mark.parametrize(
    ("text", "codec", "expected"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16", "utf-16-le"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "utf-32", "utf-32-le"),
        (TRADITIONAL, "big5", "cp950"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-16-be", "utf-16-be"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "utf-8", "utf-8"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        ("name,sex\n1,男\n2,女\n", "gb18030", "gb18030"),
        ("name,city\n王小明,台北\n", "big5", "cp950"),
        ("name,city\n王小明,北京\n", "gb18030", "gb18030"),
        ("id,name\n1,Größe\n", "cp1252", "cp1252"),
        ("id,price\n1,5 €\n", "cp1252", "cp1252"),
        ("имя,город\nИван,Москва\nПётр,Новосибирск\nАнна,Екатеринбург\n" * 5, "cp1251", "cp1251"),
        ("plain,ascii\n1,2\n", "ascii", "utf-8"),
    ],
)
def test_an_encoding_is_told_from_the_text(text: str, codec: str, expected: str) -> None:
    """The text decides between encodings in which the bytes are valid alike."""
    raw = text.encode(codec)
    found = detect_encoding(raw)
    assert expected == found.encoding
    assert text == raw[found.mark :].decode(found.encoding)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le"])
def test_a_character_cut_at_the_end_of_the_head_is_no_evidence(codec: str) -> None:
    """Wherever the head ends, the answer is the same."""
    raw = (SIMPLIFIED * 20).encode(codec)
    assert {codec} == {detect_encoding(raw[:end], complete=False).encoding for end in range(600, 640)}


def test_special_characters_beyond_the_head_still_decide() -> None:
    """A file whose first mebibyte is plain ASCII is decided by what comes after it."""
    raw = b"id,name\n" + b"1,plain\n" * (HEAD // 8 + 1000) + "2,欧阳娜娜在北京\n3,司马相如\n".encode("gb18030")
    assert detect_stream(lambda: io.BytesIO(raw)).encoding == "gb18030"


def test_a_few_bad_bytes_in_utf8_refuse_their_rows_only(make) -> None:
    """A UTF-8 file with one spoilt row stays UTF-8; the row says line, byte and offset."""
    good = "".join(f"{n},孙淑华\n" for n in range(50)).encode()
    path = make(b"id,name\n" + good + b"50,Jos\xe9\n51,x\n")
    source = open_rows(path)
    rows = list(source)
    assert source.description.encoding.encoding == "utf-8"
    assert [row.index for row in rows if row.problem] == [50]
    offset = path.read_bytes().index(b"\xe9")
    assert f"Line 52: the byte 0xE9 at offset {offset} of the file is not utf-8." in rows[50].problem.render()
    assert rows[50].problem.field == "name"


def test_a_stated_encoding_is_used_and_misfits_are_reported(make) -> None:
    """What a person states wins; bytes outside it are refused with line and offset."""
    rows = list(open_rows(make("id,name\n1,ok\n2,Zoë\n".encode("cp1252")), encoding="ascii"))
    assert [row.problem and True for row in rows] == [None, True]
    assert "offset 17" in rows[1].problem.render()
    assert "\ufffd" in rows[1].cells[1]


@pytest.mark.parametrize("codec", ["gb18030", "cp950", "utf-16-le"])
def test_offsets_are_right_in_every_kind_of_encoding(make, codec: str) -> None:
    """The offset of an undecodable byte counts from the file's start across blocks."""
    before = ("编号,名\n" if codec != "cp950" else "編號,名\n") + "1,王\n" * 40000
    raw = before.encode(codec)
    broken = raw + "2,".encode(codec) + (b"\x00\xd8" if codec == "utf-16-le" else b"\xff") + "\n3,x\n".encode(codec)
    rows = [row for row in open_rows(make(broken), encoding=codec) if row.problem]
    assert [row.line for row in rows] == [40002]
    assert f"offset {len(raw) + len('2,'.encode(codec))} " in rows[0].problem.render()


def test_an_unknown_encoding_is_refused(make) -> None:
    """A codec that does not exist, or is none of text, is named."""
    for name in ("klingon", "base64", "", "utf\0"):
        with pytest.raises(UnreadableFile, match="no encoding"):
            open_rows(make("a,b\n1,2\n"), encoding=name)


def _xlsx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("customers.csv", "a,b\n")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "holds no text"),
        (b"\r\n \n\t\n", "holds no text"),
        (codecs.BOM_UTF16_LE, "holds no text"),
        (_zip(), "ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "without a sheet, or damaged"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"MZ\x90\0\x03\0\0\0", "Windows program"),
        (b"\x7fELF\x02\x01\x01\0", "a program"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "compressed twice"),
        (gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:-12], "damaged or was cut off"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\0" * 1000, "no text"),
        (bytes(range(256)) * 8, "binary data"),
        (b"\x01\x02\x00\x03\x00\x00\x00\x00\x04\xff\xfe\x00" * 40, "binary data"),
        (b"\xef\xbb\xbf" + SIMPLIFIED.encode("gb18030"), "mark is wrong"),
        (codecs.BOM_UTF16_BE + WESTERN.encode("utf-16-le"), "mark is wrong"),
        (codecs.BOM_UTF16_BE + WESTERN.encode("utf-32-be"), "mark is wrong"),
        (b'[{"a": 1},\n {"a": 2}]', "one JSON list"),
    ],
)
def test_what_is_no_table_of_text_is_refused_by_name(make, content: bytes, said: str) -> None:
    """Every other kind of file is one clear error that says what it is."""
    with pytest.raises(UnreadableFile, match=f"(?s){said}"):
        list(open_rows(make(content)))


def test_a_database_is_refused_by_name(tmp_path: Path) -> None:
    """An SQLite file is told by its first bytes."""
    connection = sqlite3.connect(tmp_path / "crm.db")
    connection.execute("create table t (a)")
    connection.close()
    with pytest.raises(UnreadableFile, match="SQLite"):
        open_rows(tmp_path / "crm.db")


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    """A folder, a missing file, a name no file can have and a device are errors, not tracebacks."""
    with pytest.raises(UnreadableFile, match="is a folder"):
        open_rows(tmp_path)
    with pytest.raises(UnreadableFile, match="There is no file"):
        open_rows(tmp_path / "none.csv")
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_rows("nul\0name")
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_rows(tmp_path / ("x" * 300))
    with pytest.raises(UnreadableFile, match="device"):
        open_rows("/dev/null")


def test_a_stated_encoding_does_not_make_a_workbook_a_table(make) -> None:
    """Binary files are refused whatever encoding is stated; a mark that contradicts it is pointed out."""
    with pytest.raises(UnreadableFile, match="is a workbook, or another packed file, that is damaged"):
        open_rows(make(_xlsx()), encoding="cp1252")
    notes = open_rows(make(b"\xef\xbb\xbfa,b\n1,2\n"), encoding="cp1252").description.notes
    assert any("mark of UTF-8" in note.render() for note in notes)
