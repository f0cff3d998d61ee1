"""For which company a person counts, wherever supporters of needs are counted. Must not know what is counted."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from crmkit import CrmSession, Relationship

CHUNK = 500
EMPLOYED = "employee"
"""The kind of relationship by which a person belongs to a company."""


def companies_of(session: CrmSession, customers: set[UUID]) -> dict[UUID, UUID]:
    """Return for each customer the company for which they count: the one whose employee they are today, else
    themselves."""
    today = session.today()
    found = {each: each for each in customers}
    ids = sorted(customers)
    for start in range(0, len(ids), CHUNK):
        query = (
            select(Relationship.customer_id, Relationship.other_id)
            .where(Relationship.customer_id.in_(ids[start : start + CHUNK]), _employed(today))
            .order_by(Relationship.customer_id, Relationship.other_id.desc())
        )
        found.update((row[0], row[1]) for row in session.execute(query))
    return found


def company_of(customer_id: Any, today: date) -> ColumnElement[Any]:
    """Return the same as an expression, for customers of a query."""
    company = (
        select(Relationship.other_id)
        .where(Relationship.customer_id == customer_id, _employed(today))
        .order_by(Relationship.other_id)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(company, customer_id)


def _employed(today: date) -> ColumnElement[bool]:
    return (
        (Relationship.kind == EMPLOYED)
        & or_(Relationship.valid_from.is_(None), Relationship.valid_from <= today)
        & or_(Relationship.valid_to.is_(None), Relationship.valid_to >= today)
    )
