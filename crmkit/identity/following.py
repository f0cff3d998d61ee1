"""What follows a merge and its undoing in the engines: labels, facts and the index of the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update

from crmkit.core.customers.models import Customer
from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.dimensions import in_effect
from crmkit.engines.classification.running import decide_now
from crmkit.engines.classification.tables import Label
from crmkit.engines.facts.materialising import touch as touch_facts
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.search.indexing import touch as touch_documents
from crmkit.engines.search.tables import SearchDocument

_label: Any = cast(Any, Label).__table__
_document: Any = cast(Any, SearchDocument).__table__


def dimensions_of(session: CrmSession, customers: Sequence[UUID]) -> list[str]:
    """Return the dimensions in effect in which one of some customers has a label, inside a region."""
    query = select(_label.c.dimension).where(_label.c.customer_id.in_(customers)).distinct()
    labelled = set(session.connection().execute(query).scalars())
    return sorted(labelled & set(in_effect(session, moment_of(session).as_of))) if labelled else []


def decide_anew(session: CrmSession, customers: Iterable[UUID], dimensions: Sequence[str]) -> None:
    """Decide over customers in some dimensions: what is known of them is another than it was."""
    for customer in customers:
        for dimension in dimensions:
            decide_now(session, customer, dimension)


def look_again(session: CrmSession, customers: Sequence[UUID]) -> None:
    """Have the facts of customers computed anew, and what is searched of them read anew."""
    there = session.connection().execute(select(Customer.id).where(Customer.id.in_(customers))).scalars().all()
    touch_facts(session, there)
    touch_documents(session, "customer", customers)


def documents_follow(session: CrmSession, was: UUID, becomes: UUID) -> None:
    """Have the documents of records that are a customer's now say so: those of records that went over to it from
    another one."""
    connection = session.connection()
    for searchable in session.gate.registry.searchables.values():
        if searchable.customer is None or searchable.customer == "id":
            continue
        table: Any = cast(Any, searchable.model).__table__
        theirs = select(table.c.id).where(table.c[searchable.customer] == becomes)
        connection.execute(
            update(_document)
            .where(
                _document.c.resource == searchable.name,
                _document.c.customer_id == was,
                _document.c.record_id.in_(theirs),
            )
            .values(customer_id=becomes)
        )
