"""What the search registers with the kernel: what of customers, interactions and products is found, and its upkeep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.core.interactions.models import Interaction, Product
from crmkit.core.operations.registry import KERNEL
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.indexing import drop_orphans, forget_words, heard
from crmkit.engines.search.rebuilding import rebuild
from crmkit.hooks.contributions import (
    Job,
    PersonalData,
    Searchable,
    SearchField,
    SearchRelated,
    Subscription,
)
from crmkit.i18n import texts

_ = texts("crmkit")


def _tags(session: CrmSession, ids: Sequence[UUID]) -> Iterable[tuple[UUID, str]]:
    """Return tags and interests, and the industry in the words of its option list."""
    customers: Any = Customer.__table__
    tags: Any = CustomerTag.__table__
    connection = session.connection()
    named = select(tags.c.customer_id, tags.c.name).where(tags.c.customer_id.in_(ids))
    yield from ((row[0], str(row[1])) for row in connection.execute(named.order_by(tags.c.kind, tags.c.name)))
    titles = session.crm.config.get(session).options.get("industry", {})
    industries = select(customers.c.id, customers.c.industry).where(
        customers.c.id.in_(ids), customers.c.industry.is_not(None)
    )
    for identity, industry in connection.execute(industries):
        yield identity, f"{industry} {titles.get(industry, '')}"


def _kept() -> ColumnElement[bool]:
    return Customer.deleted_at.is_(None)


def _of_somebody_kept() -> ColumnElement[bool]:
    return or_(Interaction.customer_id.is_(None), Interaction.customer.has(Customer.deleted_at.is_(None)))


SEARCHABLES = (
    Searchable(
        name="customer",
        model=Customer,
        title=_("Customer"),
        fields=[SearchField(name="name", part="title")],
        customer="id",
        keywords=_tags,
        related=[SearchRelated(model=CustomerTag, column="customer_id")],
        shown=_kept,
    ),
    Searchable(
        name="interaction",
        model=Interaction,
        title=_("Interaction"),
        fields=[SearchField(name="subject", part="title"), SearchField(name="body")],
        customer="customer_id",
        shown=_of_somebody_kept,
    ),
    Searchable(
        name="product",
        model=Product,
        title=_("Product"),
        fields=[SearchField(name="title", part="title"), SearchField(name="sku", part="keywords")],
    ),
)

PERSONAL_DATA = (
    PersonalData(
        table="crm_search_document",
        derived=True,
        columns=["words", "repeats"],
        purpose=_("Finding records by their words"),
        on_merge="move",
        on_erase="delete",
    ),
)

SUBSCRIPTIONS = tuple(
    Subscription(name=f"search.{event}", event=event, handler=heard, phase="before_commit")
    for event in (
        "customer.created",
        "customer.updated",
        "interaction.recorded",
        "product.created",
        "product.updated",
    )
)


def _tidy(session: CrmSession, *, tick: datetime) -> None:
    registry = session.gate.registry
    for name, searchable in registry.searchables.items():
        # Documents of the kernel's own records go with them.
        if registry.owners["searchable", name] != KERNEL:
            drop_orphans(session, searchable)
    forget_words(session)


def forget_person(session: CrmSession, customer_id: UUID) -> None:
    """Forget the words that nobody has any more after a customer was erased."""
    forget_words(session)


OPERATIONS = (rebuild,)
JOBS = (
    Job(
        name="search.tidy",
        title=_("Forget words that no record has any more"),
        handler=_tidy,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
    ),
)
ON_ERASE = (forget_person,)
