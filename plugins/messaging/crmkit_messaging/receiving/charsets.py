"""Bytes of mails to text, whatever their writers declared: a wrong or unknown charset costs no mail.

Must not know mails. Never raises.
"""

from __future__ import annotations

import codecs
import re

ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "x-mac-chinesesimp": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "windows-31j": "cp932",
}
"""What writers declare, and what is meant: the larger set of which theirs is a part."""
_TEXT = frozenset((
    "ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "gb18030", "big5", "big5hkscs", "cp950",
    "cp932", "cp949", "euc-jp", "shift-jis", "iso2022-jp", "iso2022-jp-1", "iso2022-jp-2", "iso2022-kr",
    "hz", "koi8-r", "koi8-u", "tis-620", "cp874",
    *(f"cp125{number}" for number in range(9)), *(f"iso8859-{number}" for number in range(1, 17)),
))  # fmt: skip
"""The codecs that text is read by; the others of Python's are no charsets of mails."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(content: bytes, declared: str | None = None) -> str:
    """Return bytes as text: by the charset that is declared, else by the one that fits, else with marks of
    replacement."""
    name = _known(declared)
    if name is not None and name != "ascii":
        # Letters with accents hardly ever make UTF-8 by chance; two Chinese signs do ("联通" in GBK).
        for candidate in ("utf-8", name) if name.startswith(("cp125", "iso8859", "koi8")) else (name, "utf-8"):
            try:
                return content.decode(candidate)
            except (UnicodeError, ValueError, LookupError):
                continue
    found = _guess(content)
    if found is not None:
        return found
    try:
        return content.decode(name or "utf-8", "replace")
    except (UnicodeError, ValueError, LookupError):
        return content.decode("utf-8", "replace")


def plain_text(text: str) -> str:
    """Return text without what no text has: control characters, halves of surrogates; with plain ends of lines."""
    return _CONTROL.sub(
        "", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x85", "\n")
    )


def _known(declared: str | None) -> str | None:
    """Return the codec of a declared charset, or None for what is no charset."""
    if not declared:
        return None
    plain = declared.strip().strip("\"'").lower()[:40]
    plain = ALIASES.get(plain, plain)
    try:
        name = codecs.lookup(plain).name
    except (LookupError, ValueError, UnicodeError):
        return None
    if name == "iso8859-1":
        return "cp1252"
    return name if name.replace("_", "-") in _TEXT else None


def _guess(content: bytes) -> str | None:
    """Return text of bytes of which nothing is known: UTF-8, Chinese, else of Western Europe; None where none fits."""
    try:
        return content.decode("utf-8")
    except UnicodeError:
        pass
    high = sum(byte > 0x7F for byte in content[:4000])
    for name in ("gb18030", "big5"):
        try:
            text = content.decode(name)
        except UnicodeError:
            continue
        # In Western text single letters have the high bit; read as Chinese, those make odd signs.
        chinese = sum("\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff5e"
                      for char in text[:4000])  # fmt: skip
        if chinese * 2 >= high * 0.8:
            return text
    try:
        return content.decode("cp1252")
    except UnicodeError:
        return None
