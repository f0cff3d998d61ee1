"""Two texts side by side, and who has written which line. Must not know articles.

Lines are compared first, then words within lines that were changed; a Chinese character is a word. Texts of which the
comparison would take too long are shown as wholly changed in their middle part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from attrs import field, frozen

MOST_LINES, MOST_WORDS = 4000, 3000
"""Lines and words of one side that are compared one by one."""
_WORD = re.compile(r"[a-z0-9]+|\s+|.", re.IGNORECASE | re.DOTALL)


@frozen
class Part:
    """A piece of a line; ``changed`` says that the other side has not got it."""

    text: str
    changed: bool = False


@frozen(kw_only=True)
class Row:
    """Lines that stand side by side: their numbers from 1, None where a side has none."""

    kind: str
    left_number: int | None = None
    right_number: int | None = None
    left: tuple[Part, ...] = field(default=(), converter=tuple)
    right: tuple[Part, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Written:
    """A line of a text, and the number of the revision that it came with."""

    text: str
    number: int


def compare(left: str, right: str) -> list[Row]:
    """Return two texts as rows of kind "same", "changed", "removed" or "added"."""
    a, b = left.splitlines(), right.splitlines()
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in _steps(a, b, MOST_LINES):
        if tag == "equal":
            rows += [
                Row(kind="same", left_number=i + 1, right_number=j + 1, left=[Part(a[i])], right=[Part(b[j])])
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        pairs = min(i2 - i1, j2 - j1)
        for step in range(pairs):
            i, j = i1 + step, j1 + step
            was, became = words(a[i], b[j])
            rows.append(Row(kind="changed", left_number=i + 1, right_number=j + 1, left=was, right=became))
        rows += [Row(kind="removed", left_number=i + 1, left=[Part(a[i], True)]) for i in range(i1 + pairs, i2)]
        rows += [Row(kind="added", right_number=j + 1, right=[Part(b[j], True)]) for j in range(j1 + pairs, j2)]
    return rows


def words(left: str, right: str) -> tuple[list[Part], list[Part]]:
    """Return two lines in parts that both have, and that one of them has."""
    a, b = _WORD.findall(left), _WORD.findall(right)
    was: list[Part] = []
    became: list[Part] = []
    for tag, i1, i2, j1, j2 in _steps(a, b, MOST_WORDS):
        changed = tag != "equal"
        if i2 > i1:
            was.append(Part("".join(a[i1:i2]), changed))
        if j2 > j1:
            became.append(Part("".join(b[j1:j2]), changed))
    return was, became


def near(rows: Sequence[Row], around: int = 3) -> list[Row | None]:
    """Return the rows that were changed with some around them; None stands for those that are left out."""
    wanted = {
        place + step
        for place, row in enumerate(rows)
        if row.kind != "same"
        for step in range(-around, around + 1)
        if 0 <= place + step < len(rows)
    }
    found: list[Row | None] = []
    last = -1
    for place in sorted(wanted):
        if place != last + 1:
            found.append(None)
        found.append(rows[place])
        last = place
    if wanted and last + 1 < len(rows):
        found.append(None)
    return found


def blame(texts: Sequence[tuple[int, str]]) -> list[Written]:
    """Return the lines of the last of some revisions, the first first, each with the revision that it came with."""
    lines: list[Written] = []
    for number, text in texts:
        after = text.splitlines()
        grown: list[Written] = []
        for tag, i1, i2, j1, j2 in _steps([each.text for each in lines], after, MOST_LINES):
            grown += lines[i1:i2] if tag == "equal" else [Written(text=each, number=number) for each in after[j1:j2]]
        lines = grown
    return lines


def _steps(a: Sequence[str], b: Sequence[str], most: int) -> list[tuple[str, int, int, int, int]]:
    """Return how a becomes b, as `difflib` says it. What both begin and end with is taken off first; the rest is taken
    as changed where it is too long to be compared."""
    first = 0
    while first < min(len(a), len(b)) and a[first] == b[first]:
        first += 1
    last = 0
    while last < min(len(a), len(b)) - first and a[-1 - last] == b[-1 - last]:
        last += 1
    x, y = a[first : len(a) - last], b[first : len(b) - last]
    found: list[tuple[str, int, int, int, int]] = [("equal", 0, first, 0, first)] if first else []
    if max(len(x), len(y)) > most:
        found.append(("replace", first, first + len(x), first, first + len(y)))
    else:
        steps = SequenceMatcher(None, x, y).get_opcodes()
        found += [(tag, i1 + first, i2 + first, j1 + first, j2 + first) for tag, i1, i2, j1, j2 in steps]
    if last:
        found.append(("equal", len(a) - last, len(a), len(b) - last, len(b)))
    return found
