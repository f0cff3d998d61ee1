"""Rejected cards as they go into a file that can be mended and imported again: as they were, with the reason.

Must not know why they were rejected.
"""

from __future__ import annotations

from collections.abc import Sequence

from crmkit.exchange.vcards.lines import stored_bytes
from crmkit.exchange.vcards.writing import content_line, escaped

META_PREFIX = "X-CRMKIT-REJECTED-"
"""What the properties begin with that a file of rejected cards has besides; an import passes over them."""
NAMES = ("LINE", "PROPERTY", "VALUE", "REASON", "CODE")
"""What they say, in the order of the columns of any other file of rejected rows."""


def rejected_card(raw: str, about: Sequence[object]) -> bytes:
    """Return a card as it was read, in UTF-8, with what is said about it before its end.

    Lines that belong to no card stand as they are, and a card of nothing but the reason behind them.
    """
    said = [
        content_line(META_PREFIX + name, escaped(str(value))) for name, value in zip(NAMES, about, strict=True) if value
    ]
    lines = _without_old(raw.splitlines(keepends=True))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\r\n"
    if lines and lines[-1].strip().upper() == "END:VCARD":
        parts = [*lines[:-1], *said, lines[-1]]
    else:
        parts = [*lines, "BEGIN:VCARD\r\n", "VERSION:4.0\r\n", *said, "END:VCARD\r\n"]
    return stored_bytes("".join(parts), "utf-8")


def _without_old(lines: Sequence[str]) -> list[str]:
    """Leave out what was said about a card when it was rejected before."""
    kept: list[str] = []
    passing = False
    for line in lines:
        passing = line.upper().startswith(META_PREFIX) or (passing and line[:1] in (" ", "\t"))
        if not passing:
            kept.append(line)
    return kept
