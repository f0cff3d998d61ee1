"""Blocks of a text that are for fewer readers: ``:::internal`` to ``:::``. Must not know how a text looks.

Whatever is doubtful is for colleagues: a block that is not closed, a name that is not known, a mark in a code block. So
a slip of the pen hides too much and never too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

PUBLIC, CUSTOMERS, INTERNAL = "public", "customers", "internal"
WIDTH = {PUBLIC: 0, CUSTOMERS: 1, INTERNAL: 2}
"""How narrow an audience is."""
EVERYBODY = frozenset({PUBLIC})
COLLEAGUES = frozenset(WIDTH)
CALLOUTS = ("note", "tip", "info", "important", "warning", "caution", "danger", "details")
"""Blocks that only look different: they are for whoever reads what is around them."""
_NAMES = {
    "public": PUBLIC,
    "everybody": PUBLIC,
    "公开": PUBLIC,
    "customers": CUSTOMERS,
    "customer": CUSTOMERS,
    "客户": CUSTOMERS,
    "internal": INTERNAL,
    "内部": INTERNAL,
}
_LINES = re.compile(r"[^\r\n]*(?:\r\n?|\n|$)")
_UNSEEN = " \t\v\f\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"
_INSIDE = re.compile(rf"^(?:[{_UNSEEN}]|>|[-*+](?=[{_UNSEEN}])|\d{{1,9}}[.)](?=[{_UNSEEN}]))+")
_MARK = re.compile(rf"^[:：]{{3,}}[{_UNSEEN}]*(?P<name>[^\s:：{{]*)")
_FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,})(?P<rest>.*)$", re.DOTALL)


@frozen
class Block:
    """A piece of a text, and for whom it is."""

    audience: str
    text: str


@frozen(kw_only=True)
class Piece:
    """A line of a text, or where a block begins or ends: its name, and for whom is what stands there.

    ``open`` and ``close`` are marks; ``line`` is empty at a close that the end of the text makes.
    """

    what: Literal["line", "open", "close"]
    audience: str
    name: str = ""
    line: str = ""


@frozen
class _Open:
    name: str
    audience: str
    fence: str


def pieces(markdown: str) -> Iterator[Piece]:
    """Yield the lines of a text with the marks of blocks; each block that begins also ends."""
    held: list[_Open] = []
    fence = ""
    for line in _LINES.findall(markdown):
        if not line:
            continue
        bare = _INSIDE.sub("", line).rstrip(_UNSEEN + "\r\n")
        audience = held[-1].audience if held else PUBLIC
        mark = _MARK.match(bare)
        if mark is not None and mark["name"]:
            name = mark["name"].casefold()
            wanted = audience if name in CALLOUTS else _NAMES.get(name, INTERNAL)
            # What is inside of a block for few is never for more.
            opened = _Open(name, max(wanted, audience, key=WIDTH.__getitem__), fence)
            held.append(opened)
            yield Piece(what="open", audience=opened.audience, name=_title(name), line=line)
        elif mark is not None and mark.end() == len(bare) and held and held[-1].fence == fence:
            closed = held.pop()
            yield Piece(what="close", audience=closed.audience, name=_title(closed.name), line=line)
        else:
            fence = _fence(bare, fence)
            yield Piece(what="line", audience=audience, line=line)
    for each in reversed(held):
        yield Piece(what="close", audience=each.audience, name=_title(each.name))


def split_audiences(markdown: str) -> tuple[Block, ...]:
    """Return a text in pieces for one audience each, in their order, without the marks of the blocks; what is inside of
    a block is for the narrowest of those around it."""
    found: list[tuple[str, list[str]]] = []
    for piece in pieces(markdown):
        if piece.what == "line" or piece.name in CALLOUTS:
            if not found or found[-1][0] != piece.audience:
                found.append((piece.audience, []))
            found[-1][1].append(piece.line)
        elif found and found[-1][1][-1].strip():
            # Without an empty line what stands before a block and after it would be one paragraph.
            found[-1][1].append("\n" if found[-1][1][-1][-1:] in "\r\n" else "\n\n")
    return tuple(Block(audience, "".join(lines)) for audience, lines in found)


def text_for(markdown: str, readers: frozenset[str]) -> str:
    """Return what some readers see of a text: ``readers`` are the audiences that they belong to, such as public and
    customers."""
    if ":::" not in markdown and "：" not in markdown:
        return markdown
    blocks = split_audiences(markdown)
    return "".join(each.text for each in blocks if each.audience in readers)


def _title(name: str) -> str:
    return name if name in CALLOUTS else _NAMES.get(name, INTERNAL)


def _fence(bare: str, fence: str) -> str:
    """Return the mark of the code block that goes on after a line, or an empty text."""
    found = _FENCE.match(bare)
    if found is None:
        return fence
    mark, rest = found["mark"], found["rest"]
    if not fence:
        return mark if mark[0] == "~" or "`" not in rest else ""
    ends = mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip()
    return "" if ends else fence
