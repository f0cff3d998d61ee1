"""Reads that several hooks share. Each takes many ids and costs one statement; none changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from crmkit import CrmSession
from sqlalchemy import func, or_, select

from crmkit_warranty.models import Terms, Warranty


def warranties_of(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[Warranty]:
    """Return the warranties of customers that were registered in a half-open span of time, oldest first."""
    query = select(Warranty).where(Warranty.customer_id.in_(customer_ids))
    if since is not None:
        query = query.where(Warranty.created_at >= since)
    if until is not None:
        query = query.where(Warranty.created_at < until)
    return list(session.scalars(query.order_by(Warranty.created_at, Warranty.id)))


def counts_of(session: CrmSession, customer_ids: Sequence[UUID]) -> list[tuple[UUID, int, date]]:
    """Return each customer's number of open warranties and the day on which the next one ends."""
    query = (
        select(Warranty.customer_id, func.count(), func.min(Warranty.expires_on))
        .where(Warranty.customer_id.in_(customer_ids), Warranty.status != "closed")
        .group_by(Warranty.customer_id)
    )
    return [(customer, number, first) for customer, number, first in session.execute(query)]


def owners_by_serial(session: CrmSession, serials: Sequence[str]) -> list[tuple[str, UUID]]:
    """Return the customers who hold the warranties with some serial numbers."""
    query = select(Warranty.serial, Warranty.customer_id).where(Warranty.serial.in_(serials))
    return [(serial, customer) for serial, customer in session.execute(query)]


def by_number(session: CrmSession, text: str, limit: int) -> list[Warranty]:
    """Return warranties whose serial number begins with a text, or whose receipt number it is, whatever its case.

    The receipt number is sealed: the database compares its token, which tells nothing about it.
    """
    found = func.lower(Warranty.serial).startswith(text.strip().lower(), autoescape=True)
    whole = Warranty.match_form_of("receipt", text, {})
    if whole is not None:
        found = or_(found, Warranty.receipt.matches(session, whole))
    query = select(Warranty).where(found)
    return list(session.scalars(query.order_by(Warranty.serial).limit(limit)))


def expiring(session: CrmSession, first: date, last: date) -> list[Warranty]:
    """Return open warranties that end between two days, both included, by day and serial number."""
    query = select(Warranty).where(Warranty.status != "closed", Warranty.expires_on.between(first, last))
    return list(session.scalars(query.order_by(Warranty.expires_on, Warranty.serial)))


def all_terms(session: CrmSession) -> list[Terms]:
    """Return the terms that there are, by name."""
    return list(session.scalars(select(Terms).order_by(Terms.name)))


def expired(session: CrmSession, day: date, limit: int = 500) -> list[Warranty]:
    """Return active warranties that ended before a day, oldest first."""
    query = select(Warranty).where(Warranty.status == "active", Warranty.expires_on < day)
    return list(session.scalars(query.order_by(Warranty.expires_on, Warranty.id).limit(limit)))


def in_days(day: date, days: int) -> date:
    """Return the day some days later."""
    return day + timedelta(days=days)
