"""Blocks as plain text: for short messages and chats, and the part of a mail for programs that show no HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from crmkit_messaging.composing.blocks import (
    Block,
    Button,
    Columns,
    Divider,
    Footer,
    Heading,
    Image,
    Lines,
    Text,
    When,
)
from crmkit_messaging.composing.layout import Frame, Paint
from crmkit_messaging.composing.markup import Marked, as_text
from crmkit_messaging.composing.placeholders import plain

RULE = "-" * 40
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The characters of GSM 03.38 that take one place of seven bits."""
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Those of its extension table, which take two."""


def plain_text(blocks: Sequence[Block], frame: Frame, paint: Paint, *, short: bool = False) -> str:
    """Return blocks as plain text; ``short`` for short messages and chats, where nothing is underlined or ruled off."""
    parts = [part for block in blocks for part in _parts(block, frame, paint, short)]
    text = ("\n" if short else "\n\n").join(part for part in parts if part.strip())
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _parts(block: Block, frame: Frame, paint: Paint, short: bool) -> list[str]:
    match block:
        case Heading():
            text = as_text(paint.fill(block.text))
            under = {1: "=", 2: "-"}.get(block.level)
            if short or not text or under is None:
                return [text]
            return [f"{text}\n{under * min(max(_columns(line) for line in text.split(chr(10))), 60)}"]
        case Text():
            return [as_text(paint.fill(block.text))]
        case Button():
            url = Marked.of(paint.fill(block.url))
            target = url.url(url.text)
            label = plain(paint.fill(block.text)).strip()
            return [f"{label}: {target}" if target else label]
        case Image():
            return [plain(paint.fill(block.alt)).strip()] if block.alt and not short else []
        case Divider():
            return [] if short else [RULE]
        case Columns():
            return [part for column in block.columns for each in column for part in _parts(each, frame, paint, short)]
        case Lines():
            entries = paint.entries(block.each)
            if not entries:
                return [as_text(paint.fill(block.empty))] if block.empty else []
            lines: list[str] = []
            for entry in entries:
                text = as_text(paint.line(block.text, entry))
                end = as_text(paint.line(block.end, entry)) if block.end else ""
                lines.append(f"- {text}{f'  {end}' if end else ''}")
            return ["\n".join(lines)]
        case When():
            chosen = block.blocks if paint.holds(block.condition) else block.otherwise
            return [part for each in chosen for part in _parts(each, frame, paint, short)]
        case Footer():
            parts = [as_text(paint.fill(block.text))] if block.text else []
            if block.unsubscribe and paint.leave:
                label = plain(paint.fill(block.label)).strip() if block.label else frame.leave
                parts.append(f"{label}: {paint.leave}")
            found = "\n".join(part for part in parts if part)
            return [found if short or not found else f"{RULE}\n{found}"]


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@frozen(kw_only=True)
class Segments:
    """What a short message costs: its encoding (GSM-7 or UCS-2), how many units it has, and in how many segments it is
    sent. ``left`` units are free in the last one."""

    encoding: str
    units: int
    count: int
    left: int
    outside: str = ""
    """The characters, at most ten, for which the message needs UCS-2."""


def segments_of(text: str) -> Segments:
    """Return the segments of a short message: 160 places of seven bits, or 70 characters of UTF-16; 153 or 67 of them
    where there are several. A character that takes two units is never split between segments. Source: 3GPP TS 23.038
    and 23.040."""
    outside = "".join(dict.fromkeys(char for char in text if char not in _BASIC and char not in _EXTENDED))
    if outside:
        sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
        single, several, encoding = 70, 67, "UCS-2"
    else:
        sizes = [2 if char in _EXTENDED else 1 for char in text]
        single, several, encoding = 160, 153, "GSM-7"
    units = sum(sizes)
    if units <= single:
        return Segments(
            encoding=encoding, units=units, count=1 if units else 0, left=single - units, outside=outside[:10]
        )
    count, used = 1, 0
    for size in sizes:
        if used + size > several:
            count, used = count + 1, 0
        used += size
    return Segments(encoding=encoding, units=units, count=count, left=several - used, outside=outside[:10])
