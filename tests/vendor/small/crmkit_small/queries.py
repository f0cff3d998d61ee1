"""Reads that several rooms share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_small.models import Item


def due_items(session: CrmSession, last: date) -> list[Item]:
    """Return items that are due on or before a day, the most urgent first."""
    return list(session.scalars(select(Item).where(Item.due_on <= last).order_by(Item.due_on, Item.id)))


def items_of(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Item]:
    """Return the items of customers."""
    return list(session.scalars(select(Item).where(Item.customer_id.in_(customer_ids)).order_by(Item.id)))


def every_item(session: CrmSession) -> list[Item]:
    """Return all items."""
    return list(session.scalars(select(Item).order_by(Item.id)))
