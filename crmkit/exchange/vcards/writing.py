"""Content lines as they are written: escaped, folded at 75 octets, never within a character.

After RFC 6350 and RFC 6868.

Must not know what a line says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

OCTETS = 75
"""Bytes of a line without its end."""
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLAIN = re.compile(r"[^\s\",;:^]+\Z")


def escaped(text: str) -> str:
    """Return a text as the value of a property, or a part of one."""
    plain = _UNFIT.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    for char, written in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        plain = plain.replace(char, written)
    return plain


def address(text: str) -> str:
    """Return the address of a page as the value of a property: nothing in it is escaped."""
    return "".join(_UNFIT.sub("", text).split())


def structured(parts: Sequence[str | None]) -> str:
    """Return parts as one structured value."""
    return ";".join(escaped(part or "") for part in parts)


def quoted(text: str) -> str:
    """Return a text as the value of a parameter."""
    plain = _UNFIT.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return plain if _PLAIN.match(plain) and "^" not in plain else f'"{plain}"'


def content_line(name: str, value: str, parameters: Sequence[tuple[str, str]] = (), group: str = "") -> str:
    """Return a property as its folded lines. The value is written as it is; parameters are quoted where they must."""
    said = "".join(f";{key}={quoted(text)}" for key, text in parameters)
    return fold(f"{group}.{name}{said}:{value}" if group else f"{name}{said}:{value}")


def fold(line: str) -> str:
    """Return a line with its end, folded at 75 octets, never within a character."""
    if len(line.encode()) <= OCTETS:
        return line + "\r\n"
    pieces: list[str] = []
    begin = size = 0
    for at, char in enumerate(line):
        octets = len(char.encode())
        # A folded line begins with a space.
        if size + octets > OCTETS - bool(pieces):
            pieces.append(line[begin:at])
            begin, size = at, 0
        size += octets
    pieces.append(line[begin:])
    return "\r\n ".join(pieces) + "\r\n"
