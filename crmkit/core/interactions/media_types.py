"""Which files may be attached, decided by what is in them and never by what a sender says they are.

A closed list: a file's last extension has to be on it, and its content has to be what the extension says. Nothing is
unpacked or rendered. Must not touch files or the database.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from crmkit.errors import FileRejected, Problem
from crmkit.i18n import Text, texts

_ = texts("crmkit")

HEAD = 2048
"""How many bytes of the beginning are looked at."""
UNPACKED: Final = 1 << 30
"""Most bytes that an archive may say it unpacks to."""
MEMBERS: Final = 20_000
"""Most members of an archive."""

# fmt: off
DANGEROUS: Final = frozenset({
    "apk", "app", "asp", "aspx", "bat", "bin", "cgi", "chm", "cmd", "com", "cpl", "dll", "dmg", "docm", "exe",
    "gadget", "hta", "htm", "html", "htt", "inf", "iso", "jar", "js", "jse", "jsp", "lnk", "mjs", "msc", "msi",
    "msp", "mht", "mhtml", "php", "phar", "phtml", "pif", "pl", "ps1", "pptm", "py", "reg", "rb", "scr", "sh",
    "shtml", "svgz", "sys", "url", "vb", "vbe", "vbs", "wasm", "wsc", "wsf", "wsh", "xhtml", "xlsm", "xht", "xll",
    "xbap",
})
# fmt: on
"""Extensions that are refused wherever they stand in a name."""
_ACTIVE = re.compile(rb"<\s*(?:!doctype\s+html|html|script|iframe|object|embed|body)\b|<\?php|<%@", re.IGNORECASE)


@frozen
class FileType:
    """A type of file: its media type, and how its content is told."""

    media_type: str
    matches: Callable[[bytes], bool]


def media_type_of(filename: str, content: bytes) -> str:
    """Return the media type of a file. ``filename`` is only asked for its extensions.

    Raises FileRejected for a type that is not allowed, and for content that is not what the extension says or is of two
    types at once.
    """
    parts = [part.strip().lower() for part in filename.split(".")[1:]]
    extension = parts[-1] if parts else ""
    dangerous = next((part for part in parts if part in DANGEROUS), None)
    if dangerous is not None:
        raise refused(_("Files of the type {extension} are not accepted."), extension=dangerous)
    known = TYPES.get(extension)
    if known is None:
        raise refused(
            _("Files of this type are not accepted. Accepted: {accepted}."), accepted=", ".join(sorted(TYPES))
        )
    if not content:
        raise refused(_("The file is empty."))
    if not known.matches(content):
        raise refused(_("The content is not that of a {extension} file."), extension=extension)
    if _is_ambiguous(known.media_type, content):
        raise refused(_("The file can be read as a file of another type too."))
    return known.media_type


def refused(message: Text, **values: str | int) -> FileRejected:
    """Return the error for a file that is not accepted."""
    return FileRejected([Problem(FileRejected.code, message, field="upload", hint=None, **values)])


def _is_ambiguous(media_type: str, content: bytes) -> bool:
    archive = media_type == "application/zip" or "openxml" in media_type or "opendocument" in media_type
    if not archive and _ends_as_zip(content):
        return True
    if media_type in ("message/rfc822", "application/xml", "image/svg+xml"):
        return False
    return _ACTIVE.search(content[:HEAD]) is not None


def _ends_as_zip(content: bytes) -> bool:
    """Say whether a ZIP reader would take the file: its end is the record that such a reader begins with."""
    start = max(0, len(content) - 65_557)
    place = content.rfind(b"PK\x05\x06", start)
    while place >= 0:
        if place + 22 <= len(content):
            comment = int.from_bytes(content[place + 20 : place + 22], "little")
            if place + 22 + comment == len(content):
                return True
        place = content.rfind(b"PK\x05\x06", start, place)
    return False


def _begins(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magics)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda content: content[:4] == b"RIFF" and content[8:12] == form


def _boxes(*brands: bytes) -> Callable[[bytes], bool]:
    """Tell files of the ISO base media format by their brand."""
    return lambda content: content[4:8] == b"ftyp" and content[8:12].startswith(brands)


def _mp3(content: bytes) -> bool:
    return content[:3] == b"ID3" or (content[0] == 0xFF and len(content) > 1 and content[1] & 0xE6 == 0xE2)


def _text(content: bytes) -> bool:
    """Tell text: Unicode with or without a mark, or another encoding, but no control characters and no script."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return "\x00" not in content.decode("utf-16")
        except UnicodeDecodeError:
            return False
    if content.startswith((b"#!", b"MZ\x90", b"\x7fELF")):
        return False
    return not content.translate(None, _PRINTABLE)


_PRINTABLE: Final = bytes([7, 8, 9, 10, 12, 13, 27, *range(0x20, 0x7F), *range(0x80, 0x100)])


def _markup(root: bytes) -> Callable[[bytes], bool]:
    pattern = re.compile(
        rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE\s+[^>\[]*>\s*)*<" + root,
        re.IGNORECASE | re.DOTALL,
    )
    return lambda content: _text(content) and pattern.match(content[: 16 * HEAD]) is not None


def _json(content: bytes) -> bool:
    return _text(content) and content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b'"')


def _line(first: bytes) -> Callable[[bytes], bool]:
    return lambda content: _text(content) and content.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(first)


def _mail(content: bytes) -> bool:
    return _text(content) and re.match(rb"(?:From .*\r?\n)?[!-9;-~]+:", content) is not None


def _members(content: bytes) -> dict[str, int] | None:
    """Return the members of a ZIP file with the sizes they say they have; None where it is not one, or is a bomb."""
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {each.filename: each.file_size for each in archive.infolist()}
    except (zipfile.BadZipFile, RuntimeError, ValueError):
        return None
    if len(members) > MEMBERS or sum(members.values()) > UNPACKED:
        return None
    return members


def _zip(content: bytes) -> bool:
    return _members(content) is not None


def _office(folder: str) -> Callable[[bytes], bool]:
    """Tell Office Open XML by the folder of its main part; a document with macros is not accepted."""

    def matches(content: bytes) -> bool:
        members = _members(content)
        if members is None or "[Content_Types].xml" not in members:
            return False
        return any(name.startswith(folder) for name in members) and not any(
            name.lower().endswith("vbaproject.bin") for name in members
        )

    return matches


def _open_document(kind: str) -> Callable[[bytes], bool]:
    """Tell Open Document by its member ``mimetype``; a document with macros is not accepted."""
    expected = f"application/vnd.oasis.opendocument.{kind}".encode()

    def matches(content: bytes) -> bool:
        members = _members(content)
        if members is None or members.get("mimetype") != len(expected):
            return False
        if any(name.startswith(("Basic/", "Scripts/")) for name in members):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read("mimetype") == expected
        except (zipfile.BadZipFile, RuntimeError, OSError, zlib.error):
            return False

    return matches


_OLE = _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OPENXML = "application/vnd.openxmlformats-officedocument"

TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "gif": FileType("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", _riff(b"WEBP")),
    "bmp": FileType("image/bmp", _begins(b"BM")),
    "tif": FileType("image/tiff", _begins(b"II*\x00", b"MM\x00*")),
    "tiff": FileType("image/tiff", _begins(b"II*\x00", b"MM\x00*")),
    "heic": FileType("image/heic", _boxes(b"heic", b"heix", b"mif1", b"msf1", b"hevc")),
    "svg": FileType("image/svg+xml", _markup(rb"(?:svg:)?svg\b")),
    "txt": FileType("text/plain", _text),
    "log": FileType("text/plain", _text),
    "md": FileType("text/markdown", _text),
    "csv": FileType("text/csv", _text),
    "tsv": FileType("text/tab-separated-values", _text),
    "json": FileType("application/json", _json),
    "xml": FileType("application/xml", _markup(rb"(?!html\b|script\b)[A-Za-z_]")),
    "eml": FileType("message/rfc822", _mail),
    "ics": FileType("text/calendar", _line(b"BEGIN:VCALENDAR")),
    "vcf": FileType("text/vcard", _line(b"BEGIN:VCARD")),
    "rtf": FileType("application/rtf", _begins(b"{\\rtf")),
    "doc": FileType("application/msword", _OLE),
    "xls": FileType("application/vnd.ms-excel", _OLE),
    "ppt": FileType("application/vnd.ms-powerpoint", _OLE),
    "msg": FileType("application/vnd.ms-outlook", _OLE),
    "docx": FileType(f"{_OPENXML}.wordprocessingml.document", _office("word/")),
    "xlsx": FileType(f"{_OPENXML}.spreadsheetml.sheet", _office("xl/")),
    "pptx": FileType(f"{_OPENXML}.presentationml.presentation", _office("ppt/")),
    "odt": FileType("application/vnd.oasis.opendocument.text", _open_document("text")),
    "ods": FileType("application/vnd.oasis.opendocument.spreadsheet", _open_document("spreadsheet")),
    "odp": FileType("application/vnd.oasis.opendocument.presentation", _open_document("presentation")),
    "zip": FileType("application/zip", _zip),
    "mp3": FileType("audio/mpeg", _mp3),
    "wav": FileType("audio/wav", _riff(b"WAVE")),
    "ogg": FileType("audio/ogg", _begins(b"OggS")),
    "m4a": FileType("audio/mp4", _boxes(b"M4A", b"mp4", b"isom")),
    "mp4": FileType("video/mp4", _boxes(b"mp4", b"isom", b"iso", b"avc1", b"M4V", b"dash")),
    "mov": FileType("video/quicktime", _boxes(b"qt")),
    "webm": FileType("video/webm", _begins(b"\x1a\x45\xdf\xa3")),
}
"""The files that are accepted, by extension."""
