"""How two texts differ, and which revision each line of a text is from. Must not know who wrote them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Literal

from attrs import field, frozen

Change = Literal["same", "gone", "new", "changed"]
# Words of alphabets, single signs of Chinese, Japanese and Korean, and everything between.
_WORDS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
MOST_WORDS = 4_000
"""Words of two lines that are compared one by one; longer ones are shown as gone and new."""


@frozen
class Piece:
    """Words of a line: the same in both, gone, or new."""

    change: Change
    text: str


@frozen(kw_only=True)
class Line:
    """A line of a comparison: what it says in the older and the newer text, in pieces."""

    change: Change
    old: tuple[Piece, ...] = field(default=())
    new: tuple[Piece, ...] = field(default=())
    old_number: int | None = None
    new_number: int | None = None


def compare(old: str, new: str) -> tuple[Line, ...]:
    """Return the lines of two texts side by side, in their order."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [_line("same", before[i + at], after[k + at], i + at + 1, k + at + 1) for at in range(j - i)]
            continue
        both = min(j - i, m - k)
        found += [_changed(before[i + at], after[k + at], i + at + 1, k + at + 1) for at in range(both)]
        found += [_line("gone", before[at], None, at + 1, None) for at in range(i + both, j)]
        found += [_line("new", None, after[at], None, at + 1) for at in range(k + both, m)]
    return tuple(found)


def blame(texts: Sequence[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """Return the lines of the newest of some texts, each with the number of the revision in which it has come.
    ``texts`` are numbers and texts, the oldest first."""
    lines: list[tuple[int, str]] = []
    for number, text in texts:
        after = text.splitlines()
        before = [line for _number, line in lines]
        made: list[tuple[int, str]] = []
        for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            made += lines[i:j] if tag == "equal" else [(number, line) for line in after[k:m]]
        lines = made
    return tuple(lines)


def _line(change: Change, old: str | None, new: str | None, old_number: int | None, new_number: int | None) -> Line:
    return Line(
        change=change,
        old=() if old is None else (Piece("gone" if change == "gone" else "same", old),),
        new=() if new is None else (Piece("new" if change == "new" else "same", new),),
        old_number=old_number,
        new_number=new_number,
    )


def _changed(old: str, new: str, old_number: int, new_number: int) -> Line:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) + len(after) > MOST_WORDS:
        gone, come = [Piece("gone", old)], [Piece("new", new)]
    else:
        gone, come = [], []
        for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            same = tag == "equal"
            if j > i:
                gone.append(Piece("same" if same else "gone", "".join(before[i:j])))
            if m > k:
                come.append(Piece("same" if same else "new", "".join(after[k:m])))
    return Line(change="changed", old=tuple(gone), new=tuple(come), old_number=old_number, new_number=new_number)
