"""Where the nodes of a drawing stand: in layers from the first one on, with few crossings.

Layers by the longest way without what goes back (Sugiyama, Tagawa & Toda 1981, IEEE Transactions on Systems, Man, and
Cybernetics 11, 109-125), ordered by the middle of their neighbours. Must not know what the nodes are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from attrs import frozen

WIDE, HIGH, GAP_X, GAP_Y, EDGE = 190, 62, 46, 64, 16
"""Sizes in pixels: of a node, between nodes, and around the drawing."""


@frozen(kw_only=True)
class Box:
    """Where a node stands: its name and the upper left corner, in pixels."""

    name: str
    x: int
    y: int


@frozen(kw_only=True)
class Line:
    """A way from one node to another, as a path of SVG; ``back`` says that it leads up. ``x`` and ``y`` is where its
    name stands."""

    start: str
    end: str
    way: str
    path: str
    back: bool
    x: int
    y: int


@frozen(kw_only=True)
class Drawing:
    """A whole drawing, in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(ways: Mapping[str, Sequence[tuple[str, str]]], first: str) -> Drawing:
    """Return the drawing of nodes, by the ways that lead from each (name of the way, name of the node)."""
    outs = {name: [to for _way, to in each if to in ways] for name, each in ways.items()}
    layer = _layers(outs, first)
    rows: list[list[str]] = [[] for _each in range(max(layer.values(), default=0) + 1)]
    for name in ways:
        rows[layer[name]].append(name)
    _order(rows, outs)
    widest = max((len(row) for row in rows), default=1)
    width = EDGE * 2 + widest * WIDE + (widest - 1) * GAP_X + GAP_X
    place: dict[str, Box] = {}
    for depth, row in enumerate(rows):
        used = len(row) * WIDE + (len(row) - 1) * GAP_X
        left = (width - GAP_X - used) // 2
        for index, name in enumerate(row):
            place[name] = Box(name=name, x=left + index * (WIDE + GAP_X), y=EDGE + depth * (HIGH + GAP_Y))
    lines = [
        _line(place[name], place[to], way, index, len(each), layer[to] <= layer[name], width)
        for name, each in ways.items()
        for index, (way, to) in enumerate(each)
        if to in place
    ]
    height = EDGE * 2 + len(rows) * HIGH + max(0, len(rows) - 1) * GAP_Y
    return Drawing(width=width, height=height, boxes=tuple(place.values()), lines=tuple(lines))


def _layers(outs: Mapping[str, Sequence[str]], first: str) -> dict[str, int]:
    """Return the layer of each node: one below the lowest of those that lead to it, what goes back left aside."""
    forward: dict[str, list[str]] = {name: [] for name in outs}
    state: dict[str, int] = {}
    order: list[str] = []
    for root in (*([first] if first in outs else []), *outs):
        if root in state:
            continue
        stack = [(root, iter(outs[root]))]
        state[root] = 1
        while stack:
            name, rest = stack[-1]
            to = next(rest, None)
            if to is None:
                stack.pop()
                state[name] = 2
                order.append(name)
            elif state.get(to) != 1:
                forward[name].append(to)
                if to not in state:
                    state[to] = 1
                    stack.append((to, iter(outs[to])))
    layer = dict.fromkeys(outs, 0)
    for name in reversed(order):
        for to in forward[name]:
            layer[to] = max(layer[to], layer[name] + 1)
    return layer


def _order(rows: list[list[str]], outs: Mapping[str, Sequence[str]]) -> None:
    """Order each row by the middle of what leads there, and twice the other way round."""
    ins: dict[str, list[str]] = {name: [] for name in outs}
    for name, each in outs.items():
        for to in each:
            ins[to].append(name)
    for _round in range(2):
        for above, row in pairwise(rows):
            _by_middle(row, above, ins)
        for below, row in pairwise(reversed(rows)):
            _by_middle(row, below, outs)


def _by_middle(row: list[str], beside: Sequence[str], near: Mapping[str, Sequence[str]]) -> None:
    at = {name: index for index, name in enumerate(beside)}
    old = {name: index for index, name in enumerate(row)}

    def middle(name: str) -> tuple[float, int]:
        seen = [at[each] for each in near[name] if each in at]
        return (sum(seen) / len(seen) if seen else float(old[name]), old[name])

    row.sort(key=middle)


def _line(start: Box, end: Box, way: str, index: int, of: int, back: bool, width: int) -> Line:
    x1 = start.x + WIDE * (index + 1) // (of + 1)
    y1, x2, y2 = start.y + HIGH, end.x + WIDE // 2, end.y
    if not back and end.y - start.y > HIGH + GAP_Y:
        # Past the layers between, beside the nodes that stand there.
        beside = max(start.x, end.x) + WIDE + EDGE + index * 8
        half = (y1 + y2) // 2
        path = f"M{x1},{y1} C{x1},{y1 + 36} {beside},{y1 + 18} {beside},{half} S{x2 + 20},{y2 - 40} {x2},{y2}"
        return Line(start=start.name, end=end.name, way=way, path=path, back=False, x=beside - 4, y=half)
    if not back:
        half = (y1 + y2) // 2
        path = f"M{x1},{y1} C{x1},{half} {x2},{half} {x2},{y2}"
        return Line(start=start.name, end=end.name, way=way, path=path, back=False, x=(x1 + x2) // 2, y=half)
    # Back around the right side, where no node stands.
    side = width - EDGE - index * 8
    top, right = end.y + HIGH // 2, end.x + WIDE
    path = f"M{x1},{y1} C{x1},{y1 + 30} {side},{y1 + 30} {side},{(y1 + top) // 2} S{side},{top} {right},{top}"
    return Line(start=start.name, end=end.name, way=way, path=path, back=True, x=side - 20, y=(y1 + top) // 2)
