"""Which files are accepted: by what is in them, never by what they are called."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from crmkit.core.interactions.files import NAME, disposition, safe_filename
from crmkit.core.interactions.media_types import TYPES, media_type_of
from crmkit.errors import FileRejected

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
GIF = b"GIF89a" + bytes(40)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'


def archive(*names: str, mimetype: str | None = None) -> bytes:
    """Return a ZIP file with some members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        if mimetype is not None:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "x")
    return target.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
ACCEPTED = {
    "a.png": (PNG, "image/png"),
    "A.PNG": (PNG, "image/png"),
    "a.jpeg": (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
    "a.gif": (GIF, "image/gif"),
    "a.webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    "a.pdf": (PDF, "application/pdf"),
    "a.svg": (SVG, "image/svg+xml"),
    "发票.txt": ("你好\r\n".encode(), "text/plain"),
    "gbk.txt": ("你好".encode("gb18030"), "text/plain"),
    "wide.csv": ("a,b\n".encode("utf-16"), "text/csv"),
    "a.json": (b' {"a": 1}', "application/json"),
    "a.xml": (b"<a/>", "application/xml"),
    "a.ics": (b"BEGIN:VCALENDAR\r\n", "text/calendar"),
    "a.vcf": (b"BEGIN:VCARD\r\n", "text/vcard"),
    "a.eml": (b"From: a@example.com\r\n\r\n<html>", "message/rfc822"),
    "a.docx": (archive("[Content_Types].xml", "word/document.xml"), TYPES["docx"].media_type),
    "a.xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), TYPES["xlsx"].media_type),
    "a.odt": (archive("content.xml", mimetype=ODT), ODT),
    "a.zip": (archive("a.txt"), "application/zip"),
    "a.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "application/msword"),
    "a.mp3": (b"ID3\x04" + bytes(9), "audio/mpeg"),
    "a.mp4": (b"\x00\x00\x00\x18ftypisom" + bytes(9), "video/mp4"),
    "a.tar.pdf": (PDF, "application/pdf"),
}
REFUSED = {
    "no extension": ("invoice", PDF),
    "unknown extension": ("a.xyz", PDF),
    "program": ("a.exe", b"MZ\x90"),
    "double extension": ("invoice.pdf.exe", PDF),
    "hidden extension": ("shell.php.jpg", b"\xff\xd8\xff\xe0"),
    "capitals": ("a.pHaR", PDF),
    "web page": ("a.html", b"<html>"),
    "page called text": ("a.txt", b"  <!DOCTYPE html><p>"),
    "script called text": ("a.txt", b"#!/bin/sh\n"),
    "script in svg is download only, page is not": ("a.svg", b"<html><svg/></html>"),
    "page called xml": ("a.xml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
    "program called picture": ("a.png", b"MZ\x90\x00"),
    "picture of another type": ("a.png", b"\xff\xd8\xff\xe0"),
    "binary called text": ("a.csv", b"a,b\x00c"),
    "half a character": ("a.txt", b"\xff\xfea"),
    "empty": ("a.txt", b""),
    "magic is not at the start": ("a.pdf", b"<script>" + PDF),
    "picture and page": ("a.gif", b"GIF89a/*" + b"<script>alert(1)</script>"),
    "picture and archive": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(9) + archive("evil.class")),
    "document and archive with a comment": ("a.pdf", PDF + archive("a")[:-2] + b"\x03\x00abc"),
    "macros": ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    "sheet called text document": ("a.docx", archive("[Content_Types].xml", "xl/workbook.xml")),
    "archive called document": ("a.odt", archive("content.xml")),
    "broken archive": ("a.zip", b"PK\x03\x04" + bytes(30)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_it_is_decides(name: str) -> None:
    """The media type is that of the content."""
    content, expected = ACCEPTED[name]
    assert expected == media_type_of(name, content)


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_do_harm_is_refused(case: str) -> None:
    """Dangerous types, disguises and files that are two things at once."""
    name, content = REFUSED[case]
    with pytest.raises(FileRejected):
        media_type_of(name, content)


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    """What an archive says of its members is believed when it is bad."""
    honest = archive("a.txt")
    central = honest.rfind(b"PK\x01\x02")
    bomb = honest[: central + 24] + (2**31).to_bytes(4, "little") + honest[central + 28 :]
    with pytest.raises(FileRejected):
        media_type_of("a.zip", bomb)


@given(st.binary(max_size=200), st.sampled_from(sorted(TYPES)))
def test_any_bytes_have_an_answer(content: bytes, extension: str) -> None:
    """Whatever comes is either of the type it says or refused; nothing else is raised."""
    with suppress(FileRejected):
        assert TYPES[extension].media_type == media_type_of(f"a.{extension}", content)


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\me\\report.pdf": "report.pdf",
    "a\x00b\r\n.txt": "ab.txt",
    "invoice\u202efdp.exe": "invoicefdp.exe",
    'a"b;c%.txt': "abc.txt",
    "CON.txt": "file-CON.txt",
    "...": "file",
    ".pdf": "file.pdf",
    "  报价 单 .pdf ": "报价 单.pdf",
    "": "file",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_made_harmless(name: str) -> None:
    """Paths, control characters, direction marks, quotes and reserved names go."""
    assert NAMES[name] == safe_filename(name)


@given(st.text(max_size=400))
def test_no_name_does_harm(name: str) -> None:
    """Whatever it was called: one line, no path, of bounded length, and the same when cleaned again."""
    safe = safe_filename(name)
    assert safe
    assert len(safe.encode()) <= NAME + 8
    assert not set(safe) & set('/\\"\r\n\x00')
    header = disposition(name)
    assert header.startswith('attachment; filename="')
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
