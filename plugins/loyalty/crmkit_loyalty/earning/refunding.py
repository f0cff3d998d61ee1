"""How much of which line a refund takes back: pure arithmetic in minor units. Must not know the database.

A refund names products and amounts: what it says of a product falls on the lines of that product, in their order, as
far as something is left of them; the rest, and a refund without lines, falls on all lines by what is left of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Bought:
    """A line of a purchase: its product, what it cost, and how much of that was taken back before."""

    line_no: int
    product_id: UUID | None
    amount: int
    before: int = 0

    @property
    def left(self) -> int:
        """Return how much of it is left."""
        return max(self.amount - self.before, 0)


@frozen(kw_only=True)
class Returned:
    """A line of a refund."""

    product_id: UUID | None
    amount: int


def fallen(lines: Sequence[Bought], amount: int, returned: Sequence[Returned]) -> Mapping[int, int]:
    """Return how much of each line a refund of an amount takes back, never more than is left of it."""
    left = {line.line_no: line.left for line in lines}
    found: dict[int, int] = {}

    def take(line_no: int, wanted: int) -> int:
        here = min(left[line_no], wanted)
        if here > 0:
            left[line_no] -= here
            found[line_no] = found.get(line_no, 0) + here
        return max(here, 0)

    rest = amount
    for back in returned:
        wanted = min(back.amount, rest)
        for line in lines:
            if back.product_id is not None and line.product_id == back.product_id and wanted > 0:
                here = take(line.line_no, wanted)
                wanted -= here
                rest -= here
    whole = sum(left.values())
    if rest > 0 and whole > 0:
        rest = min(rest, whole)
        done, passed = 0, 0
        for line_no, there in list(left.items()):
            passed += there
            share = rest * passed // whole - done
            done += take(line_no, share)
    return found
