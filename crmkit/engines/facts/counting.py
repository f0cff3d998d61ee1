"""How many customers meet a condition, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func

from crmkit.core.customers.models import Customer
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.facts.reading import joined

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.facts.moments import Moment


def count(session: CrmSession, expression: Expression, moment: Moment) -> int:
    """Return how many customers whom the session's actor may see meet a condition. Raises UnknownFact for a fact that
    he may not read."""
    return session.scalar(joined(session, (), moment, where=expression).select(func.count())) or 0


def ids(
    session: CrmSession, expression: Expression, moment: Moment, limit: int | None = None, after: UUID | None = None
) -> list[UUID]:
    """Return the ids of customers who meet a condition, in order, at most ``limit`` of those behind ``after``."""
    statement = joined(session, (), moment, where=expression).select(Customer.id).order_by(Customer.id)
    if after is not None:
        statement = statement.where(Customer.id > after)
    return list(session.scalars(statement.limit(limit)))
