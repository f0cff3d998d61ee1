"""What is known of the sources of customers, as facts. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal, select, union

from crmkit import Customer, Fact, FactQuery, FactSet, texts
from crmkit_quality.survivorship.models import Source
from crmkit_quality.survivorship.words import UNRATED

_ = texts("crmkit_quality")


def select_sources(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that a source knows: by an identifier, or as where it came from.

    Not temporal: how far a source is trusted is as it stands now.
    """
    customer: Any = Customer.__table__
    identifier: Any = Customer.identifiers.property.mapper.local_table
    source: Any = Source.__table__
    known = union(
        select(identifier.c.customer_id, identifier.c.source).where(query.within(identifier.c.customer_id)),
        select(customer.c.id.label("customer_id"), customer.c.source).where(
            customer.c.source.is_not(None), query.within(customer.c.id)
        ),
    ).subquery()
    trust = func.coalesce(source.c.trust, literal(UNRATED))
    return (
        select(
            known.c.customer_id,
            func.count().label("known_sources"),
            func.max(trust).label("source_trust"),
            func.min(trust).label("lowest_source_trust"),
        )
        .select_from(known.outerjoin(source, source.c.name == known.c.source))
        .group_by(known.c.customer_id)
    )


FACTS = [
    FactSet(
        name="quality",
        select=select_sources,
        temporal=False,
        columns=[
            Fact(name="known_sources", type=int, default=0, doc=_("Systems that know the customer")),
            Fact(name="source_trust", type=int | None, doc=_("Trust in the best of them, from 0 to 100")),
            Fact(name="lowest_source_trust", type=int | None, doc=_("Trust in the poorest of them, from 0 to 100")),
        ],
    )
]
