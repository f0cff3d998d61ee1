"""Reads that several rooms share. Each takes many ids and costs one statement; none changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from crmkit import CrmSession
from sqlalchemy import select

from crmkit_rentals.models import Item


def due_items(session: CrmSession, last: date, limit: int = 500) -> list[Item]:
    """Return open items that are due on or before a day, the most urgent first."""
    query = select(Item).where(Item.finished_at.is_(None), Item.due_on <= last)
    return list(session.scalars(query.order_by(Item.due_on, Item.id).limit(limit)))


def finished_items(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[Item]:
    """Return items of customers that were finished in a half-open span of time, oldest first."""
    query = select(Item).where(Item.customer_id.in_(customer_ids), Item.finished_at.is_not(None))
    if since is not None:
        query = query.where(Item.finished_at >= since)
    if until is not None:
        query = query.where(Item.finished_at < until)
    return list(session.scalars(query.order_by(Item.finished_at, Item.id)))
