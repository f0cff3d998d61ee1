"""Drawing a graph of activities: in layers from top to bottom, as values that a template writes as SVG.

The method is that of K. Sugiyama, S. Tagawa and M. Toda (1981): edges against the main direction are turned round for
the layout, nodes are put on layers by their longest way, long edges get places on the layers that they cross, and nodes
of a layer are ordered by the mean place of their neighbours. The same graph gives the same drawing. Must not know
databases or pages.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

from attrs import define, frozen

WIDTH, HEIGHT = 180, 44
_GAP, _BETWEEN, _EDGE, _SLIM = 28, 74, 40, 16
_SWEEPS = 6
_THIN, _THICK = 1.2, 7.0
_LETTERS = 22


@frozen(kw_only=True)
class Node:
    """A node: what stands in it, how often it happened, and its mean place in its cases (``rank``)."""

    name: str
    count: int
    rank: float


@frozen(kw_only=True)
class Link:
    """An edge between two nodes, by their names, and its frequency."""

    source: str
    target: str
    count: int


@frozen(kw_only=True)
class Box:
    """A node as it is drawn: the corner at the top left, and the text shortened to what fits in."""

    name: str
    label: str
    count: int
    x: float
    y: float


@frozen(kw_only=True)
class Arrow:
    """An edge as it is drawn: the path of SVG, its thickness, and where its frequency stands."""

    source: str
    target: str
    count: int
    path: str
    thickness: float
    x: float
    y: float


@frozen(kw_only=True)
class Picture:
    """A drawing: its size, boxes and arrows."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@define
class _Spot:
    """A place on a layer: of a node, or of an edge that crosses the layer."""

    layer: int
    wide: float
    order: float
    x: float = 0.0


def draw(nodes: Sequence[Node], links: Iterable[Link]) -> Picture:
    """Return the drawing of a graph. Links to nodes that are not there are left out."""
    ranks = {each.name: (each.rank, each.name) for each in nodes}
    shown = [each for each in links if each.source in ranks and each.target in ranks]
    ways = [(each, *_downward(each, ranks)) for each in shown if each.source != each.target]
    layers = _layers(ranks, [(upper, lower) for _link, upper, lower in ways])
    spots: dict[object, _Spot] = {
        each.name: _Spot(layer=layers[each.name], wide=WIDTH, order=place)
        for place, each in enumerate(sorted(nodes, key=lambda node: ranks[node.name]))
    }
    chains: list[list[object]] = []
    for number, (_link, upper, lower) in enumerate(ways):
        crossing: list[object] = [(number, layer) for layer in range(layers[upper] + 1, layers[lower])]
        spots.update({key: _Spot(layer=key[1], wide=_SLIM, order=spots[upper].order) for key in crossing})  # type: ignore[index]
        chains.append([upper, *crossing, lower])
    _arrange(spots, chains)
    return _picture(nodes, shown, [link for link, _upper, _lower in ways], chains, spots)


def _downward(link: Link, ranks: Mapping[str, tuple[float, str]]) -> tuple[str, str]:
    upper, lower = sorted((link.source, link.target), key=lambda name: ranks[name])
    return upper, lower


def _layers(ranks: Mapping[str, tuple[float, str]], ways: Sequence[tuple[str, str]]) -> dict[str, int]:
    found = dict.fromkeys(ranks, 0)
    below: dict[str, list[str]] = defaultdict(list)
    for upper, lower in ways:
        below[upper].append(lower)
    for name in sorted(ranks, key=lambda each: ranks[each]):
        for lower in below[name]:
            found[lower] = max(found[lower], found[name] + 1)
    return found


def _arrange(spots: Mapping[object, _Spot], chains: Sequence[Sequence[object]]) -> None:
    """Order the places of each layer so that few edges cross, and give them their x."""
    rows: dict[int, list[object]] = defaultdict(list)
    for key, spot in spots.items():
        rows[spot.layer].append(key)
    near: dict[object, list[object]] = defaultdict(list)
    for chain in chains:
        for one, two in itertools.pairwise(chain):
            near[one].append(two)
            near[two].append(one)
    for row in rows.values():
        row.sort(key=lambda key: spots[key].order)
        _place(row, spots)
    for sweep in range(_SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        for layer in sorted(rows, reverse=step < 0):
            wanted = {
                key: [spots[other].x for other in near[key] if spots[other].layer == layer - step]
                for key in rows[layer]
            }
            middles = {key: sum(found) / len(found) if found else spots[key].x for key, found in wanted.items()}
            rows[layer].sort(key=lambda key: middles[key])
            _place(rows[layer], spots)


def _place(row: Sequence[object], spots: Mapping[object, _Spot]) -> None:
    """Put a layer's places beside each other, its middle at 0."""
    whole = sum(spots[key].wide for key in row) + _GAP * (len(row) - 1)
    left = -whole / 2
    for key in row:
        spots[key].x = left + spots[key].wide / 2
        left += spots[key].wide + _GAP


def _picture(
    nodes: Sequence[Node],
    shown: Sequence[Link],
    links: Sequence[Link],
    chains: Sequence[Sequence[object]],
    spots: Mapping[object, _Spot],
) -> Picture:
    shift = _EDGE - min((spot.x - spot.wide / 2 for spot in spots.values()), default=0.0)
    width = max((spot.x + spot.wide / 2 for spot in spots.values()), default=0.0) + shift + _EDGE * 2
    most = max((each.count for each in shown), default=1)

    def top(key: object) -> float:
        return _EDGE + spots[key].layer * (HEIGHT + _BETWEEN)

    boxes = tuple(
        Box(
            name=each.name,
            label=each.name if len(each.name) <= _LETTERS else each.name[: _LETTERS - 1] + "…",
            count=each.count,
            x=round(spots[each.name].x + shift - WIDTH / 2, 1),
            y=top(each.name),
        )
        for each in nodes
    )
    arrows: list[Arrow] = []
    for number, (link, chain) in enumerate(zip(links, chains, strict=True)):
        turned = link.source == chain[-1]
        # Neighbouring edges leave and reach a node beside each other; those that go back are on its right.
        aside = (-1 if not turned else 1) * (8 + number % 4 * 7)
        points = [(spots[key].x + shift, top(key) + HEIGHT / 2) for key in chain]
        points[0] = (points[0][0] + aside, top(chain[0]) + HEIGHT)
        points[-1] = (points[-1][0] + aside, top(chain[-1]))
        middle = _middle(points)
        drawn = points[::-1] if turned else points
        arrows.append(_arrow(link, _curve(drawn), most, middle))
    for link in shown:
        if link.source == link.target:
            x, y = spots[link.source].x + shift + WIDTH / 2, top(link.source)
            path = f"M{x:.1f} {y + 12:.1f}C{x + 34:.1f} {y:.1f} {x + 34:.1f} {y + HEIGHT:.1f} {x:.1f} {y + 32:.1f}"
            arrows.append(_arrow(link, path, most, (x + 30, y + HEIGHT / 2)))
    deepest = max((top(key) for key in spots), default=0.0)
    return Picture(width=round(width, 1), height=deepest + HEIGHT + _EDGE, boxes=boxes, arrows=tuple(arrows))


def _arrow(link: Link, path: str, most: int, at: tuple[float, float]) -> Arrow:
    part = log(link.count + 1) / log(most + 1)
    return Arrow(
        source=link.source,
        target=link.target,
        count=link.count,
        path=path,
        thickness=round(_THIN + (_THICK - _THIN) * part, 2),
        x=round(at[0], 1),
        y=round(at[1], 1),
    )


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of the part in the middle, where a curve between two points passes."""
    place = (len(points) - 1) // 2
    (one, two), (three, four) = points[place], points[place + 1]
    return (one + three) / 2, (two + four) / 2


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Return the path through points, leaving and reaching each of them upright."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        half = (to_y - y) / 2
        path += f"C{x:.1f} {y + half:.1f} {to_x:.1f} {to_y - half:.1f} {to_x:.1f} {to_y:.1f}"
    return path
