"""Tells which encoding a file's bytes are in, or refuses it with a message that says what the file is instead.

Must not know rows, columns or databases. A decision rests on the first `HEAD` bytes and, for files without a mark, on
one streaming pass that keeps at most `HEAD` bytes of the lines that are not plain ASCII: memory stays flat, and a file
whose first special character comes late is still told right. Bytes that turn out undecodable later are never fatal:
`TextDecoder` lets them through as marked characters and notes their offsets, so that the reader can refuse single rows.
"""

from __future__ import annotations

import codecs
import re
import threading
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import BinaryIO

from attrs import frozen

from crmkit.errors import UnreadableFile
from crmkit.i18n import texts

_ = texts("crmkit")

HEAD = 1 << 20
"""Bytes that are looked at before anything is decided; also the bound of the evidence kept by the streaming pass."""

_BLOCK = 1 << 18
_ERRORS = "crmkit-escape"
_UNDECODED = re.compile("[\udc00-\udcff]")


@frozen(kw_only=True)
class Detected:
    """An encoding (a Python codec name), whether a mark stood before the text, and how sure that is (0 to 1).

    ``mark`` is the length of the byte order mark in bytes. ``note`` is a text for the person who imports, or None.
    """

    encoding: str
    bom: bool = False
    mark: int = 0
    confidence: float = 1.0
    note: str | None = None


class _Current(threading.local):
    decoder: TextDecoder | None = None


_current = _Current()


class TextDecoder:
    """Decodes blocks of bytes; an undecodable byte becomes one character of U+DC00 to U+DCFF and is noted in ``bad``.

    ``bad`` holds the offsets in the file of these bytes, in the order of the characters. No codec that crmkit reads
    yields such characters by itself, so they can be told from text.
    """

    def __init__(self, encoding: str, *, start: int = 0) -> None:
        self.bad: deque[int] = deque()
        self.fed = start
        self._decoder = codecs.getincrementaldecoder(encoding)(_ERRORS)

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of the next block; a character that is cut at its end comes with the next one."""
        self.fed += len(data)
        _current.decoder = self
        try:
            return self._decoder.decode(data, final)
        finally:
            _current.decoder = None


def _escape(error: UnicodeError) -> tuple[str, int]:
    decoder = _current.decoder
    if not isinstance(error, UnicodeDecodeError) or decoder is None:
        raise error
    base = decoder.fed - len(error.object)
    span = range(error.start, error.end)
    decoder.bad.extend(base + at for at in span)
    return "".join(chr(0xDC00 + error.object[at]) for at in span), error.end


codecs.register_error(_ERRORS, _escape)


def undecoded(text: str) -> list[int]:
    """Return the values of the bytes that could not be decoded, in the order they stand in a text."""
    return [ord(char) - 0xDC00 for char in _UNDECODED.findall(text)]


def visible(text: str) -> str:
    """Return a text with U+FFFD in the place of every byte that could not be decoded."""
    return _UNDECODED.sub("\ufffd", text)


def check_encoding(name: str) -> str:
    """Return Python's name of an encoding that a person stated; raises `UnreadableFile` when there is none."""
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError, UnicodeError):
        info = None
    if info is None or not info._is_text_encoding or info.name in ("idna", "punycode", "undefined"):
        raise UnreadableFile(
            _('There is no encoding "{encoding}".'),
            fix=_("Common ones are utf-8, utf-16, gb18030, big5 and cp1252."),
            encoding=name,
        )
    return info.name


# --- what is not text ------------------------------------------------------------------------------------------------

_SAVE_CSV = _("Open it in its program and save it as CSV (UTF-8).")
_UNPACK = _("Unpack it first; of compressed files only .gz and .xz are read directly.")
_NOT_TABLE = _("An import reads tables (CSV, JSON lines, spreadsheets) and address cards (vCard).")
_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _("an old Excel workbook or another Office document"), _SAVE_CSV),
    (b"%PDF-", _("a PDF document"), _NOT_TABLE),
    (b"\x89PNG\r\n", _("a picture (PNG)"), _NOT_TABLE),
    (b"\xff\xd8\xff", _("a picture (JPEG)"), _NOT_TABLE),
    (b"GIF8", _("a picture (GIF)"), _NOT_TABLE),
    (b"SQLite format 3\0", _("an SQLite database"), _("Export the table that you want as CSV.")),
    (b"\x7fELF", _("a program"), _NOT_TABLE),
    (b"BZh91AY&SY", _("a bzip2 archive"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", _("a Zstandard archive"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", _("a 7-Zip archive"), _UNPACK),
    (b"Rar!\x1a", _("a RAR archive"), _UNPACK),
    (b"\x1f\x8b", _("a file that was compressed twice (gzip)"), _UNPACK),
    (b"\xfd7zXZ\0", _("a file that was compressed twice (xz)"), _UNPACK),
    (b"PAR1", _("a Parquet file"), _("Export it as CSV.")),
    (b"{\\rtf", _("a rich-text document"), _SAVE_CSV),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table)\b", re.IGNORECASE)


def refuse_foreign(head: bytes, name: str) -> None:
    """Raise `UnreadableFile` for a file whose first bytes belong to a workbook, picture, archive or the like."""

    def refuse(kind: str, fix: str) -> UnreadableFile:
        return UnreadableFile(_('"{file}" is {kind}.'), fix=fix, file=name, kind=kind)

    for magic, kind, fix in _BINARY:
        if head.startswith(magic):
            raise refuse(kind, fix)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if b"xl/" in head or (b"[Content_Types].xml" in head[:200] and b"word/" not in head):
            raise refuse(_("an Excel workbook"), _SAVE_CSV)
        if b"opendocument.spreadsheet" in head[:200]:
            raise refuse(_("an OpenDocument spreadsheet"), _SAVE_CSV)
        raise refuse(_("a ZIP archive"), _UNPACK)
    if head.startswith(b"MZ") and b"\0" in head[:64]:
        raise refuse(_("a Windows program"), _NOT_TABLE)
    plain = head.removeprefix(codecs.BOM_UTF8)
    if _MARKUP.match(plain):
        page = _("a web page or an XML file; a download that needs a login often gives one instead of the data")
        raise refuse(page, _SAVE_CSV)


# --- detection -------------------------------------------------------------------------------------------------------


def detect_encoding(head: bytes, *, complete: bool = True, name: str = "-") -> Detected:
    """Return the encoding that a file beginning with these bytes is in.

    ``complete`` says that the head is the whole file; otherwise a character cut at its end is no evidence against an
    encoding. Raises `UnreadableFile` for what is empty, binary, wrongly marked or in no encoding that can be told.
    """
    marked = _from_mark(head, complete, name)
    if marked:
        return marked
    if complete:
        return _decide(head, head, *_utf8_counts(head, final=True), name)
    whole = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    return _decide(head, whole, *_utf8_counts(head, final=False), name)


def detect_stream(open_stream: Callable[[], BinaryIO], *, name: str = "-") -> Detected:
    """Return the encoding of a whole file, read once in blocks; see the module's text for what is kept of it.

    ``open_stream`` opens it anew from its first byte. Raises `UnreadableFile` like `detect_encoding`.
    """
    with open_stream() as stream:
        head = stream.read(HEAD)
        marked = _from_mark(head, len(head) < HEAD, name)
        if marked:
            return marked
    evidence: list[bytes] = []
    kept = special = bad = 0
    with open_stream() as stream:
        while block := stream.read(_BLOCK):
            block += stream.readline(_BLOCK)
            if block.isascii():
                continue
            more = _utf8_counts(block, final=True)
            special, bad = special + more[0], bad + more[1]
            if kept < HEAD:
                lines = b"\n".join(line for line in block.split(b"\n") if not line.isascii())[: HEAD - kept]
                evidence.append(lines)
                kept += len(lines)
    return _decide(head, b"\n".join(evidence) or head, special, bad, name)


def _from_mark(head: bytes, complete: bool, name: str) -> Detected | None:
    if not head:
        raise UnreadableFile(_('"{file}" is empty.'), fix=_("Choose a file with a heading and rows."), file=name)
    refuse_foreign(head, name)
    for mark, encoding in ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")):
        if head.startswith(mark):
            text = _whole_units(head[4:], 4, complete).decode(encoding, "replace")
            if text and text.count("\ufffd") * 10 < len(text):
                return Detected(encoding=encoding, bom=True, mark=4)
    for mark, encoding, other in (
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-be"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-le"),
    ):
        if head.startswith(mark):
            rest = _whole_units(head[2:], 2, complete)
            text = rest.decode(encoding, "replace")
            if text.count("\0") * 5 > len(text) or _readable(text) < 0.5 * _readable(rest.decode(other, "replace")):
                raise UnreadableFile(
                    _('"{file}" begins with a mark for UTF-16, but what follows is not: the mark is wrong.'),
                    fix=_("Save it again as UTF-8."),
                    file=name,
                )
            _need_text(text, name)
            return Detected(encoding=encoding, bom=True, mark=2)
    if head.startswith(codecs.BOM_UTF8):
        _need_text(head[3:].decode("utf-8", "replace"), name)
        special, bad = _utf8_counts(head[3:], final=complete)
        if bad > special // 4 + 5:
            raise UnreadableFile(
                _('"{file}" begins with a mark for UTF-8, but {bad} bytes are not UTF-8: the mark is wrong.'),
                fix=_("State the encoding that the file is really in."),
                file=name,
                bad=bad,
            )
        return Detected(encoding="utf-8", bom=True, mark=3)
    return None


def _whole_units(data: bytes, size: int, complete: bool) -> bytes:
    return data if complete else data[: len(data) - len(data) % size]


def _need_text(text: str, name: str) -> None:
    if not text.strip("\0\r\n\t \ufeff"):
        raise UnreadableFile(_('"{file}" holds no text.'), fix=_("Choose a file with a heading and rows."), file=name)


def _decide(head: bytes, sample: bytes, special: int, bad: int, name: str) -> Detected:
    wide = _utf16_without_mark(head) if b"\0" in head else None
    if wide:
        return wide
    if head.count(b"\0") * 4 > len(head):
        _need_text(head.decode("latin-1"), name)
        raise _binary(name)
    _need_text(head.decode("latin-1"), name)
    if not bad:
        return Detected(encoding="utf-8", confidence=1.0)
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head))
    if controls > 4 and controls * 20 > len(head):
        raise _binary(name)
    if special > 4 * bad:
        return Detected(
            encoding="utf-8", confidence=0.9, note=_("Some bytes are not UTF-8; the rows that hold them are refused.")
        )
    return _legacy(sample, name)


def _binary(name: str) -> UnreadableFile:
    return UnreadableFile(_('"{file}" is not a text file (it holds binary data).'), fix=_NOT_TABLE, file=name)


def _utf8_counts(data: bytes, *, final: bool) -> tuple[int, int]:
    """Return how many characters beyond ASCII and how many bytes that are not UTF-8 there are."""
    decoder = TextDecoder("utf-8")
    text = decoder.decode(data, final)
    bad = len(decoder.bad)
    return (len(re.findall(r"[^\x00-\x7f]", text)) - bad, bad) if not text.isascii() else (0, bad)


def _readable(text: str) -> float:
    common = _common("gb2312", 0xA1, 0xD7) | _common("big5", 0xA1, 0xC6)
    good = sum(
        1 for char in text[:20000] if " " <= char <= "~" or char in "\r\n\t" or char in common or char in _WESTERN
    )
    return good / max(1, len(text[:20000]))


def _utf16_without_mark(head: bytes) -> Detected | None:
    even = _whole_units(head, 2, complete=False)
    scores = {encoding: _readable(even.decode(encoding, "replace")) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(scores, key=lambda encoding: scores[encoding])
    other = min(scores.values())
    text = even.decode(best, "replace")
    if scores[best] > 0.6 and scores[best] > 1.5 * other and text.count("\0") * 5 < len(text) and len(even) >= 4:
        return Detected(encoding=best, confidence=0.9)
    return None


# --- encodings of one or two bytes a character -----------------------------------------------------------------------

_WESTERN = frozenset(
    "áàâäãåæçéèêëíìîïñóòôöõøœúùûüýÿßÁÀÂÄÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØŒÚÛÜŠšŽž€‚„…‘’“”•–—™©®°£§«»¿¡·´ºª¢×±²³½¼¾µ\xa0"
)
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "客户编号姓名手机电话公司称职位省份城市区县地址邮编子箱身证性别男女生日备注金额状态日期来源标签部门联系客經理銷售销售總总"
    "這國個為時來們產後經電話稱職區縣郵編證別備註額狀態標籤門聯繫發對會過說種動學東車長開關間問題業務機號戶"
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐許許韩冯邓曹彭曾張劉陳楊黃趙吳孫馬羅鄭謝韓馮鄧蕭葉葉蘇"
    "北京上海天津重庆广东江苏浙山河南西湖福建安徽四川云贵州陕甘肃青海宁夏新疆内蒙古吉林黑龙辽臺台灣香港澳門廣慶蘇雲貴陝肅寧龍遼"
    "有限科技网络信息贸易集团股份科技網絡信息貿易集團路街道号楼室樓一二三四五六七八九十零段巷弄"
)


@lru_cache(maxsize=8)
def _common(codec: str, first: int, last: int) -> frozenset[str]:
    """Return the characters that a standard puts on its pages of frequent ones: the two rank characters by use."""
    pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    return frozenset(
        char for char in (pair.decode(codec, "ignore") for pair in pairs) if len(char) == 1 and char > "\x7f"
    )


def _chinese_score(sample: bytes, codec: str, common: frozenset[str]) -> float:
    chars = [char for char in sample.decode(codec, "replace") if char > "\x7f"]
    if not chars:
        return 0.0
    good = sum(1 for char in chars if char in common)
    frequent = sum(1 for char in chars if char in _FREQUENT)
    wrong = sum(1 for char in chars if char == "\ufffd" or "\ue000" <= char <= "\uf8ff")
    return (good + 0.5 * frequent - 4 * wrong) / len(chars)


def _western_score(sample: bytes) -> float:
    good = total = 0
    for run in re.findall(rb"[\x80-\xff]+", sample):
        total += len(run)
        if len(run) <= 2 and all(char in _WESTERN for char in run.decode("cp1252", "replace")):
            good += len(run)
    return good / max(1, total)


def _legacy(sample: bytes, name: str) -> Detected:
    gb = _chinese_score(sample, "gb18030", _common("gb2312", 0xA1, 0xD7))
    big5 = _chinese_score(sample, "cp950", _common("big5", 0xA1, 0xC6))
    western = _western_score(sample)
    best = max(gb, big5, western)
    note = _("The encoding was guessed from the text; state it when characters look wrong.")
    if best >= 0.7:
        runner_up = sorted((gb, big5, western))[1]
        confidence = round(min(0.99, 0.6 + (best - max(0.0, runner_up)) * 0.5), 2)
        if best == western:
            encoding = "cp1252"
        elif best == big5:
            encoding = "cp950" if _decodes(sample, "cp950") or not _decodes(sample, "big5hkscs") else "big5hkscs"
        elif _is_korean(sample):
            encoding = "cp949"
        else:
            encoding = "gb18030"
        return Detected(encoding=encoding, confidence=confidence, note=note if confidence < 0.8 else None)
    from charset_normalizer import from_bytes

    match = from_bytes(sample[: 1 << 16]).best()
    if match is not None and match.encoding not in ("ascii", "utf_8") and _decodes(sample, match.encoding):
        return Detected(encoding=codecs.lookup(match.encoding).name, confidence=0.5, note=note)
    raise UnreadableFile(
        _('The encoding of "{file}" cannot be told.'), fix=_("State it, or save the file again as UTF-8."), file=name
    )


def _is_korean(sample: bytes) -> bool:
    """Hangul shares its first bytes (B0 to C8) with frequent Chinese characters, which also use C9 to D7."""
    leads = [pair[0] for pair in re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", sample) if 0xB0 <= pair[0] <= 0xD7]
    return len(leads) >= 40 and max(leads) <= 0xC8


def _decodes(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 4
    return True
