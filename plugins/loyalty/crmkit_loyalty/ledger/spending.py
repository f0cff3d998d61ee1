"""Which points a spending takes, and how much of an amount falls on each part: pure arithmetic.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Part:
    """What is left of a lot."""

    lot_id: UUID
    left: int
    earned_at: datetime
    expires_at: datetime | None


@frozen
class Taken:
    """How many points are taken from a lot."""

    lot_id: UUID
    points: int


def in_order(parts: Iterable[Part]) -> list[Part]:
    """Return lots in the order in which they are spent: what expires earliest first, then what was earned first."""
    return sorted(
        parts,
        key=lambda part: (
            part.expires_at is None,
            part.expires_at.timestamp() if part.expires_at is not None else 0.0,
            part.earned_at.timestamp(),
            part.lot_id,
        ),
    )


def take(parts: Iterable[Part], points: int) -> tuple[Sequence[Taken], int]:
    """Return what is taken from which lots, in order, and how many points are lacking."""
    wanted, taken = points, list[Taken]()
    for part in in_order(parts):
        if wanted <= 0:
            break
        here = min(part.left, wanted)
        if here > 0:
            taken.append(Taken(part.lot_id, here))
            wanted -= here
    return taken, max(wanted, 0)


def share_of(points: int, part: int, whole: int, before: int = 0) -> int:
    """Return how many of ``points`` fall on ``part`` of a ``whole`` of which ``before`` has been dealt with already.

    The shares of parts that make up the whole add up to ``points``, in whatever pieces they come: each is the
    difference of two cumulated shares, which are rounded half up. Nothing falls on what goes beyond the whole.
    """
    if whole <= 0:
        return points if before <= 0 < part else 0
    return _cumulated(points, before + part, whole) - _cumulated(points, before, whole)


def _cumulated(points: int, part: int, whole: int) -> int:
    part = min(max(part, 0), whole)
    return (2 * points * part + whole) // (2 * whole)
