"""The content lines of address cards: unfolded, decoded, taken apart. After RFC 6350, RFC 2426, RFC 6868 and the older
specification of version 2.1, as programs really write them.

Must not know what a property means. Memory stays flat: a line is bounded, and of pictures, sounds and keys only their
beginning is kept.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from crmkit.exchange.encodings import undecoded
from crmkit.exchange.sources import Lines

MAX_PROPERTY = 4 << 20
"""Characters of a property's value, folded lines put together."""
BINARY = frozenset(("PHOTO", "LOGO", "SOUND", "KEY"))
"""Properties whose values are pictures and the like, or addresses of such."""
KEPT = 16 << 10
"""Characters that are kept of such a value."""

_HEAD = re.compile(r"(?:([A-Za-z0-9_-]+)\.)?([A-Za-z0-9_-]+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{1,200}\Z")
_ENCODINGS = frozenset(("QUOTED-PRINTABLE", "BASE64", "B", "Q", "8BIT", "7BIT"))
_CARETS = {"^n": "\n", "^N": "\n", "^'": '"', "^^": "^"}
_UNDECODED = re.compile("([\udc00-\udcff])")
_UNESCAPED = re.compile(r"\\(.)", re.DOTALL)


@frozen(kw_only=True)
class Property:
    """One property: its group, its name and parameters in capitals, its value as it stands behind the colon, decoded
    where it was encoded. ``size`` are the characters that it had in the file."""

    name: str
    value: str
    group: str = ""
    parameters: Mapping[str, tuple[str, ...]] = field(factory=dict)
    line: int = 0
    size: int = 0
    is_binary: bool = False

    @property
    def types(self) -> frozenset[str]:
        """Return its types in capitals, those that are written as names alone among them."""
        return frozenset(one.upper() for one in self.parameters.get("TYPE", ()))

    def parameter(self, name: str) -> str:
        """Return the first value of a parameter, or nothing."""
        return next(iter(self.parameters.get(name, ())), "")


@define
class RawLine:
    """A line with those that it was folded into. ``text`` is the beginning where it is very long; ``parts`` are the
    lines as they stand in the file, none of a long picture; ``bad`` is the offset of a byte that does not decode."""

    text: str
    line: int
    parts: list[str]
    size: int = 0
    cut: bool = False
    bad: int | None = None


def logical_lines(lines: Lines) -> Iterator[RawLine]:
    """Return the lines of a file, unfolded."""
    current: _Growing | None = None
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        was_cut, lines.cut, lines.careful = lines.cut, False, False
        offsets = lines.forget(line)
        bad = offsets[0] if offsets else None
        if current is not None and current.takes(text):
            current.add(text, line, was_cut, bad)
            continue
        if current is not None:
            yield current.done()
        current = _Growing(text, line, number, was_cut, bad)
    if current is not None:
        yield current.done()


class _Growing:
    """A line that may go on in the next one."""

    def __init__(self, text: str, line: str, number: int, cut: bool, bad: int | None) -> None:
        head = text[:300].partition(":")[0].upper()
        self._name = head.partition(";")[0].rpartition(".")[2]
        self._quoted = "QUOTED-PRINTABLE" in head or ";ENCODING=Q" in head
        self._base64 = "BASE64" in head or ";ENCODING=B" in head
        self._texts: list[str] = []
        self._line = RawLine("", number, [])
        self._last = ""
        self.add(text, line, cut, bad, first=True)

    def takes(self, text: str) -> bool:
        """Say whether a line goes on with this one."""
        if text[:1] in (" ", "\t"):
            return bool(text.strip()) or not self._base64
        if self._quoted and self._last.endswith("="):
            return True
        # Old programs leave out the space before the lines of a picture.
        return self._base64 and bool(_BASE64.match(text)) and ":" not in text

    def add(self, text: str, line: str, cut: bool, bad: int | None, *, first: bool = False) -> None:
        """Take a line in."""
        found = self._line
        folded = not first and text[:1] in (" ", "\t")
        if self._quoted and self._last.endswith("="):
            # The break is soft: the sign at the end of the line and the break itself are no part of the text.
            self._texts[-1] = self._texts[-1][:-1]
            folded = False
        piece = text[1:] if folded else text
        found.size += len(piece)
        found.cut = found.cut or cut or found.size > MAX_PROPERTY
        found.bad = found.bad if found.bad is not None else bad
        limit = KEPT if self._name in BINARY else MAX_PROPERTY
        if found.size <= limit:
            self._texts.append(piece)
            found.parts.append(line)
        else:
            found.parts.clear()
            if first:
                self._texts.append(piece[: 1 << 10])
        self._last = text

    def done(self) -> RawLine:
        """Return the whole line."""
        self._line.text = "".join(self._texts)
        return self._line


def parse_line(raw: RawLine, encoding: str) -> Property | None:
    """Return the property that a line holds; None for a line that is none."""
    head = _HEAD.match(raw.text)
    if head is None:
        return None
    parameters, at = _parameters(raw.text, head.end())
    if at is None:
        return None
    name, value = head[2].upper(), raw.text[at:]
    coding = next(iter(parameters.get("ENCODING", ())), "").upper()
    is_binary = name in BINARY and (coding in ("B", "BASE64") or value[:5].lower() == "data:")
    if not is_binary:
        value = _decoded(value, coding, next(iter(parameters.get("CHARSET", ())), ""), encoding)
    return Property(
        name=name,
        value=value,
        group=(head[1] or "").lower(),
        parameters=parameters,
        line=raw.line,
        size=raw.size,
        is_binary=is_binary,
    )


def _parameters(text: str, at: int) -> tuple[dict[str, tuple[str, ...]], int | None]:
    """Return the parameters of a line and where its value begins; None where there is no colon."""
    found: dict[str, tuple[str, ...]] = {}
    while at < len(text) and text[at] == ";":
        at += 1
        begin = at
        quoted = False
        while at < len(text) and (quoted or text[at] not in ";:"):
            quoted ^= text[at] == '"'
            at += 1
        name, equals, value = text[begin:at].partition("=")
        name = name.strip().upper()
        if not name:
            continue
        if not equals:
            # Version 2.1 writes types and encodings as names alone.
            name, value = ("ENCODING" if name in _ENCODINGS else "TYPE"), name
        values = (_unquoted(value),) if name == "LABEL" else _listed(value)
        found[name] = (*found.get(name, ()), *values)
    if at >= len(text) or text[at] != ":":
        return found, None
    return found, at + 1


def _unquoted(value: str) -> str:
    plain = value.replace('"', "")
    if "^" in plain:
        plain = re.sub(r"\^[nN'^]", lambda match: _CARETS[match[0]], plain)
    return plain


def _listed(value: str) -> tuple[str, ...]:
    plain = _unquoted(value)
    return tuple(one.strip() for one in plain.split(",") if one.strip()) if "," in plain else (plain.strip(),)


def _decoded(value: str, coding: str, charset: str, encoding: str) -> str:
    named = _codec(charset)
    if coding in ("QUOTED-PRINTABLE", "Q"):
        data = quopri.decodestring(stored_bytes(value, encoding))
        return _text(data, named or "utf-8")
    if coding in ("B", "BASE64"):
        try:
            data = binascii.a2b_base64("".join(value.split()))
        except (binascii.Error, ValueError):
            return value
        return _text(data, named or "utf-8")
    if named and undecoded(value):
        # One file may hold properties of several character sets.
        return _text(stored_bytes(value, encoding), named)
    return value


def stored_bytes(value: str, encoding: str) -> bytes:
    """Return a text as the bytes that it was decoded from, those that did not decode among them."""
    parts = _UNDECODED.split(value)
    return b"".join(
        bytes((ord(part) - 0xDC00,)) if at % 2 else part.encode(encoding, "replace") for at, part in enumerate(parts)
    )


def _text(data: bytes, charset: str) -> str:
    return data.decode(charset, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _codec(charset: str) -> str | None:
    if not charset:
        return None
    try:
        found = codecs.lookup(charset)
    except (LookupError, ValueError):
        return None
    # Of text alone: there are codecs that unpack archives, too.
    return found.name if getattr(found, "_is_text_encoding", True) else None


# --- values ----------------------------------------------------------------------------------------------------------


def plain_text(value: str, version: str) -> str:
    r"""Return a text without its escapes: ``\n``, ``\,``, ``\;``, ``\:`` and ``\\``; a break of a line as in 2.1 stays
    what it is."""
    if "\\" not in value:
        return value

    def unescaped(match: re.Match[str]) -> str:
        char = match[1]
        if char in "nN":
            return match[0] if version == "2.1" else "\n"
        return char if char in ',;:\\"' else match[0]

    return _UNESCAPED.sub(unescaped, value)


def components(value: str, version: str, separator: str = ";") -> list[str]:
    """Return the parts of a structured value, each without its escapes."""
    parts: list[str] = []
    begin = at = 0
    while at < len(value):
        if value[at] == "\\":
            at += 2
            continue
        if value[at] == separator:
            parts.append(value[begin:at])
            begin = at + 1
        at += 1
    parts.append(value[begin:])
    return [plain_text(part, version) for part in parts]
