"""Who needs what, counted so that nobody counts twice: persons, and companies once whoever of theirs asks.

A person counts for the company that they belong to. Figures cover the customers whom the reader may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_needs.catalogue.counting import companies_of
from crmkit_needs.catalogue.models import Evidence, Need

CHUNK = 500


@frozen(kw_only=True)
class Support:
    """What supports a need: rows of evidence, customers, companies (each person without one is its own), the mean
    importance and satisfaction of customers on scales from 0 to 10, and the customers themselves."""

    evidence: int
    customers: int
    companies: int
    importance: Decimal | None
    satisfaction: Decimal | None
    customer_ids: frozenset[UUID] = field(repr=False)
    company_ids: frozenset[UUID] = field(repr=False)


NOTHING = Support(
    evidence=0,
    customers=0,
    companies=0,
    importance=None,
    satisfaction=None,
    customer_ids=frozenset(),
    company_ids=frozenset(),
)


def support_of(session: CrmSession, needs: Sequence[Need]) -> dict[UUID, Support]:
    """Return what supports each of some needs, with what was merged into them, of customers whom the actor sees."""
    rows: dict[UUID, list[tuple[UUID, int, int | None]]] = defaultdict(list)
    ids = [each.id for each in needs]
    for start in range(0, len(ids), CHUNK):
        query = (
            select(Need.root_id, Evidence.customer_id, Evidence.importance, Evidence.satisfaction)
            .join(Need, Need.id == Evidence.need_id)
            .where(Need.root_id.in_(ids[start : start + CHUNK]))
        )
        for root, customer, importance, satisfaction in session.execute(query):
            rows[root].append((customer, importance, satisfaction))
    companies = companies_of(session, {customer for each in rows.values() for customer, _i, _s in each})
    return {each.id: _support(rows[each.id], companies) if rows.get(each.id) else NOTHING for each in needs}


def _support(rows: Sequence[tuple[UUID, int, int | None]], companies: dict[UUID, UUID]) -> Support:
    importance: dict[UUID, int] = {}
    satisfaction: dict[UUID, int] = {}
    for customer, much, met in rows:
        importance[customer] = max(importance.get(customer, 0), much)
        if met is not None:
            satisfaction[customer] = min(satisfaction.get(customer, 5), met)
    return Support(
        evidence=len(rows),
        customers=len(importance),
        companies=len({companies[each] for each in importance}),
        importance=_ten(list(importance.values())),
        satisfaction=_ten(list(satisfaction.values())),
        customer_ids=frozenset(importance),
        company_ids=frozenset(companies[each] for each in importance),
    )


def _ten(values: list[int]) -> Decimal | None:
    """Return the mean of numbers from 1 to 5 on a scale from 0 to 10."""
    return Decimal(sum(values) - len(values)) * 10 / (4 * len(values)) if values else None
