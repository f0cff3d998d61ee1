"""Looks a packed workbook over before anything reads it: what is in it, how large it truly is, how far its cells reach.

A few kilobytes can unpack to terabytes, or name a cell in the last row and column, for which a reader would set memory
aside. So every member is unpacked here once, in blocks that are thrown away, and counted; nothing is believed that the
archive says of itself. Must not know values or headings.
"""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from attrs import define, field

from crmkit.errors import UnreadableFile
from crmkit.i18n import texts

_ = texts("crmkit")

MAX_STORED = 256 << 20
"""Bytes of a workbook as it is stored."""
MAX_TOTAL = 512 << 20
"""Bytes of all members of a workbook once they are unpacked."""
MAX_MEMBERS = 5000
MAX_RATIO = 400
"""How many times larger a big member may be unpacked than packed; sheets reach some thirty."""
MAX_CELLS = 8_000_000
"""Cells of the area that a sheet's filled cells span."""
_BIG = 8 << 20
_BLOCK = 1 << 18
_LONGEST_TAG = 1 << 16
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_PLAIN_ROW = re.compile(rb'<row r="(\d{1,7})"')
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="(\d{1,7})"')
_BARE_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]{1,3})\d{1,7}"[^>]*?(?<!/)>')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?(?<!/)>")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*?\st="e")[^>]*?\sr="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]{1,40})<"
)
_MAX_ERRORS = 200_000


@define
class Extent:
    """How far the filled cells of a sheet reach, and its cells that hold an error, by (row, column) from 0."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(factory=dict)

    @property
    def area(self) -> int:
        """Return the cells that a reader has to set memory aside for."""
        return self.rows * self.columns


@define
class Archive:
    """What was found in a packed workbook: its kind, its sheets' extents by name (those of .xlsx alone)."""

    kind: str
    extents: dict[str, Extent] = field(factory=dict)


def survey(stream: BinaryIO, name: str) -> Archive:
    """Look a ZIP archive over. Raises `UnreadableFile` for one that is damaged, protected by a password, larger than it
    may be, or no workbook."""
    size = stream.seek(0, io.SEEK_END)
    if size > MAX_STORED:
        raise _too_large(name, MAX_STORED)
    try:
        with zipfile.ZipFile(stream) as packed:
            members = packed.infolist()
            kind = _kind(packed, members, name)
            _check(members, name)
            found = _walked(stream, members, kind, name)
            if any(one.area > MAX_CELLS for one in found.extents.values()):
                # Empty cells that have nothing but a format do not count.
                found = _walked(stream, members, kind, name, exact=True)
            return found
    except UnreadableFile:
        raise
    # What a damaged archive makes zipfile raise is not said anywhere; it is never anything else than damage.
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError, ArithmeticError,
            LookupError):  # fmt: skip
        raise damaged(name) from None


def damaged(name: str) -> UnreadableFile:
    """Return the error of a workbook that cannot be unpacked."""
    return UnreadableFile(
        _('"{file}" is a workbook, or another packed file, that is damaged or was cut off.'),
        fix=_("Fetch or save it again."),
        file=name,
    )


def _kind(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str) -> str:
    names = {one.filename for one in members}
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise _refused(name, _("a binary Excel workbook (.xlsb)"), _("Save it as .xlsx or CSV."))
    if "mimetype" in names and packed.getinfo("mimetype").file_size < 200:
        kind = packed.read("mimetype").strip()
        if kind == b"application/vnd.oasis.opendocument.spreadsheet":
            return "ods"
    if "word/document.xml" in names:
        raise _refused(name, _("a Word document"), _("Save its table as .xlsx or CSV."))
    if "[Content_Types].xml" in names:
        raise _refused(name, _("an Office document without a sheet"), _("Save its table as .xlsx or CSV."))
    raise _refused(
        name, _("a ZIP archive"), _("Unpack it first; of compressed files only .gz and .xz are read directly.")
    )


def _refused(name: str, kind: str, fix: str) -> UnreadableFile:
    return UnreadableFile(_('"{file}" is {kind}.'), fix=fix, file=name, kind=kind)


def _check(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise UnreadableFile(
            _('"{file}" has {count} files packed into it; a workbook has at most {limit}.'),
            fix=_("Save it again with a spreadsheet program, or as CSV."),
            file=name,
            count=len(members),
            limit=MAX_MEMBERS,
        )
    if any(one.flag_bits & 0x1 for one in members):
        raise protected(name)
    if len({one.header_offset for one in members}) < len(members):
        raise damaged(name)
    # What it says of itself is believed only to its disadvantage.
    if sum(one.file_size for one in members) > MAX_TOTAL:
        raise _too_large(name, MAX_TOTAL)


def protected(name: str) -> UnreadableFile:
    """Return the error of a workbook that needs a password."""
    return UnreadableFile(
        _('"{file}" is protected by a password.'),
        fix=_("Open it in a spreadsheet program, take the password away, and save it again."),
        file=name,
    )


def _too_large(name: str, limit: int) -> UnreadableFile:
    return UnreadableFile(
        _('"{file}" holds more than {limit} bytes when it is unpacked.'),
        fix=_("Save the sheet as CSV, or divide it."),
        file=name,
        limit=limit,
    )


def _walked(stream: BinaryIO, members: list[zipfile.ZipInfo], kind: str, name: str, *, exact: bool = False) -> Archive:
    found = Archive(kind)
    total = 0
    parts: dict[str, Extent] = {}
    kept: dict[str, bytes] = {}
    for one in members:
        path = one.filename.removeprefix("/")
        seer: Callable[[bytes], None] | None = None
        if kind == "xlsx" and _SHEET.match(path):
            parts[path] = Extent()
            seer = _Reach(parts[path], exact=exact).feed
        elif kind == "ods" and path == "content.xml":
            seer = _Repeats(name).feed
        whole = bytearray() if path in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels") else None
        size = 0
        for block in _unpacked(stream, one):
            if not size:
                _check_head(block, path, name)
            size += len(block)
            total += len(block)
            if total > MAX_TOTAL:
                raise _too_large(name, MAX_TOTAL)
            if size > _BIG and size > MAX_RATIO * max(one.compress_size, 1):
                raise UnreadableFile(
                    _('"{file}" unpacks to more than {ratio} times its size, as no real workbook does.'),
                    fix=_("Save it again with a spreadsheet program, or as CSV."),
                    file=name,
                    ratio=MAX_RATIO,
                )
            if seer is not None:
                seer(block)
            if whole is not None and len(whole) < _BIG:
                whole += block
        if seer is not None:
            seer(b"")
        if whole is not None:
            kept[path] = bytes(whole)
    if kind == "xlsx":
        found.extents = _by_name(kept, parts)
    return found


def _check_head(block: bytes, path: str, name: str) -> None:
    """Refuse packed files within packed files, which no sheet needs, and entities of XML, which can multiply."""
    if block.startswith(b"PK\x03\x04") and "embeddings/" not in path:
        raise UnreadableFile(
            _('"{file}" has an archive packed into it ({part}).'),
            fix=_("Save it again with a spreadsheet program, or as CSV."),
            file=name,
            part=path[:100],
        )
    if path.endswith((".xml", ".rels")) and b"<!DOCTYPE" in block[:4096].replace(b"\0", b""):
        raise UnreadableFile(
            _('"{file}" declares entities in its XML ({part}), as no spreadsheet program does.'),
            fix=_("Save it again with a spreadsheet program, or as CSV."),
            file=name,
            part=path[:100],
        )


def _unpacked(stream: BinaryIO, one: zipfile.ZipInfo) -> Iterator[bytes]:
    """Return the bytes of a member, to the end of what is packed: not to where its header says that it ends."""
    stream.seek(one.header_offset)
    head = stream.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    names, extra = struct.unpack("<HH", head[26:30])
    stream.seek(names + extra, io.SEEK_CUR)
    left = one.compress_size
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    inflater = zlib.decompressobj(-15) if one.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        data = stream.read(min(left, _BLOCK))
        if not data:
            raise EOFError
        left -= len(data)
        if inflater is None:
            yield data
            continue
        while data:
            block = inflater.decompress(data, _BLOCK)
            if block:
                yield block
            data = inflater.unconsumed_tail
            if inflater.eof:
                return
    if inflater is not None and not inflater.eof:
        rest = inflater.flush()
        if rest:
            yield rest
        if not inflater.eof:
            raise EOFError


class _Reach:
    """Follows the XML of a sheet and notes how far its cells reach; with ``exact`` the filled ones alone (slower)."""

    def __init__(self, extent: Extent, *, exact: bool) -> None:
        self._extent = extent
        self._exact = exact
        self._tail = b""
        self._bare = 0
        self._columns: set[bytes] = set()

    def feed(self, block: bytes) -> None:
        """Take the next bytes into account; no bytes are the end."""
        data = self._tail + block
        cut = max(data.rfind(b"</c>") + 4, data.rfind(b"<row")) if block else len(data)
        if cut <= 3:
            cut = max(0, len(data) - _LONGEST_TAG)
        data, self._tail = data[:cut], data[cut:]
        self._look(data)
        if not block and self._columns:
            self._extent.columns = max(self._extent.columns, max(map(column_number, self._columns)) + 1)

    def _look(self, data: bytes) -> None:
        extent = self._extent
        rows = _PLAIN_ROW.findall(data)
        bare = data.count(b"<row") if len(rows) == data.count(b"<row") else len(_BARE_ROW.findall(data))
        if len(rows) != bare:
            rows = _ROW.findall(data)
        self._bare += bare
        extent.rows = max([extent.rows, self._bare, *map(int, rows)])
        every = data.count(b"<c ") + data.count(b"<c>")
        named = [] if self._exact else _PLAIN_CELL.findall(data)
        if self._exact or len(named) != every or b":c " in data or b":c>" in data:
            named = _CELL.findall(data)
            every = len(_ANY_CELL.findall(data))
        self._columns.update(named)
        if every > len(named):
            # Cells need not say where they are; then they stand one after the other.
            extent.columns = max(extent.columns, *(len(_ANY_CELL.findall(part)) for part in _BARE_ROW.split(data)))
        if b't="e"' in data and len(extent.errors) < _MAX_ERRORS:
            for column, row, text in _ERROR.findall(data):
                extent.errors[int(row) - 1, column_number(column)] = text.decode("ascii", "replace")


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 0, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


class _Repeats:
    """Follows the content of an OpenDocument spreadsheet and adds up what its repeated cells come to."""

    _TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*)>|</table:(table-row|table)>")
    _TIMES = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d{1,10})"')

    def __init__(self, name: str) -> None:
        self._name = name
        self._tail = b""
        self._rows = self._width = self._widest = self._open = self._pending = 0
        self._filled = False

    def feed(self, block: bytes) -> None:
        """Take the next bytes into account. Raises UnreadableFile for a sheet of too many cells."""
        data = self._tail + block
        cut = data.rfind(b"<") if block else len(data)
        cut = cut if cut > 0 else max(0, len(data) - _LONGEST_TAG)
        data, self._tail = data[:cut], data[cut:]
        for match in self._TAG.finditer(data):
            self._take(match)

    def _take(self, match: re.Match[bytes]) -> None:
        tag, attributes, closed = match.groups()
        times = self._TIMES.search(attributes or b"")
        count = int(times[1]) if times else 1
        if tag == b"table":
            self._rows = self._widest = self._open = 0
        elif tag == b"table-row":
            self._pending, self._width, self._filled = count, 0, False
        elif closed == b"table-row":
            self._open += self._pending
            if self._filled:
                # Empty rows count once something stands below them.
                self._rows += self._open
                self._open = 0
                self._widest = max(self._widest, self._width)
            if self._rows * self._widest > MAX_CELLS:
                raise too_many_cells(self._name, self._rows, self._widest)
        elif tag is not None and b"office:value" in (attributes or b""):
            self._width += count
            self._filled = True
        elif tag is not None and count <= 500:
            self._width += count


def too_many_cells(name: str, rows: int, columns: int) -> UnreadableFile:
    """Return the error of a sheet whose filled cells span too large an area."""
    return UnreadableFile(
        _('The cells of "{file}" reach over {rows} rows and {columns} columns; at most {limit} cells can be read.'),
        fix=_("Delete what stands far off, save the sheet as CSV, or divide it."),
        file=name,
        rows=rows,
        columns=columns,
        limit=MAX_CELLS,
    )


_NAMED = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_LINKED = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')


def _by_name(kept: dict[str, bytes], parts: dict[str, Extent]) -> dict[str, Extent]:
    """Return the extents by the names of the sheets; one of an unknown name gets the largest."""
    targets: dict[str, str] = {}
    for tag in _LINKED.findall(kept.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")):
        said = _attributes(tag)
        target = said.get("Target", "")
        targets[said.get("Id", "")] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    found: dict[str, Extent] = {}
    for tag in _NAMED.findall(kept.get("xl/workbook.xml", b"").decode("utf-8", "replace")):
        said = _attributes(tag)
        link = next((value for key, value in said.items() if key.endswith(":id")), "")
        if "name" in said:
            found[said["name"]] = parts.get(targets.get(link, ""), _largest(parts))
    return found


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(first or second) for name, first, second in _ATTRIBUTE.findall(tag)}


def _largest(parts: dict[str, Extent]) -> Extent:
    return Extent(
        rows=max((one.rows for one in parts.values()), default=0),
        columns=max((one.columns for one in parts.values()), default=0),
    )
