"""What happens to points, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("loyalty.points.moved")
class PointsMoved:
    """Points of a customer came or went: ``kind`` says how, ``points`` how many can be spent more, or less."""

    transaction_id: UUID
    account_id: UUID
    customer_id: UUID
    kind: Plain
    point_type: Plain
    points: Number


@event("loyalty.points.expired")
class PointsExpired:
    """Points of customers expired: at most 1,000 transactions, each with its customer at the same place."""

    transaction_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]


EVENTS = [PointsMoved, PointsExpired]
