"""Queries that answer for a whole batch at once: keys seen before, customers, products.

A fixed number of statements for a batch, whatever its size. Must not know inputs, and must not write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.lookups import customers_reached
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.interactions.models import InteractionKey, Product
from crmkit.core.store.guard import region

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

T = TypeVar("T")
CHUNK = 5000
"""Most values of one IN list."""
Pair = tuple[str, str]


def chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Return values in lists that are short enough for one statement."""
    items = list(values)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def recorded_keys(session: CrmSession, keys: Iterable[Pair]) -> dict[Pair, tuple[UUID, UUID | None]]:
    """Return the interaction and customer of each key that was recorded before."""
    found: dict[Pair, tuple[UUID, UUID | None]] = {}
    for source, external_ids in _by_first(keys).items():
        for part in chunks(external_ids):
            query = select(InteractionKey.external_id, InteractionKey.interaction_id, InteractionKey.customer_id).where(
                InteractionKey.source == source, InteractionKey.external_id.in_(part)
            )
            with region(session, "what was recorded is not recorded twice"):
                rows = session.execute(query).all()
            found.update(
                ((source, external_id), (interaction_id, customer_id))
                for external_id, interaction_id, customer_id in rows
            )
    return found


def customers_by_identifier(session: CrmSession, pairs: Iterable[Pair]) -> dict[Pair, UUID]:
    """Return the customer of each pair of source and external id; deleted customers are left out."""
    found: dict[Pair, UUID] = {}
    for source, external_ids in _by_first(pairs).items():
        for part in chunks(external_ids):
            query = (
                select(CustomerIdentifier.external_id, CustomerIdentifier.customer_id)
                .join(Customer, Customer.id == CustomerIdentifier.customer_id)
                .where(
                    CustomerIdentifier.source == source,
                    CustomerIdentifier.external_id.in_(part),
                    Customer.deleted_at.is_(None),
                )
            )
            for external_id, customer_id in session.execute(query):
                found[source, external_id] = customer_id
    return found


def customers_by_contact(session: CrmSession, pairs: Iterable[Pair]) -> dict[Pair, set[UUID]]:
    """Return the customers of each pair of contact kind and match key; deleted customers are left out."""
    found: dict[Pair, set[UUID]] = {}
    for kind, keys in _by_first(pairs).items():
        for key, customer_id in customers_reached(session, kind, keys):
            found.setdefault((kind, key), set()).add(customer_id)
    return found


def existing_ids(session: CrmSession, column: Any, ids: Collection[UUID], *conditions: Any) -> set[UUID]:
    """Return which ids exist in a column."""
    found: set[UUID] = set()
    for part in chunks(ids):
        found.update(session.scalars(select(column).where(column.in_(part), *conditions)))
    return found


def products_by_sku(session: CrmSession, skus: Collection[str]) -> dict[str, UUID]:
    """Return the id of the product of each SKU."""
    found: dict[str, UUID] = {}
    for part in chunks(skus):
        found.update(
            (sku, id_) for sku, id_ in session.execute(select(Product.sku, Product.id).where(Product.sku.in_(part)))
        )
    return found


def _by_first(pairs: Iterable[Pair]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return found
