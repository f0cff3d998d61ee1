"""Finding customers by what is sealed: contact points and identity numbers, by the tokens of their equal forms.

A fixed number of statements for a batch, whatever its size. Must not know inputs, and must not write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from crmkit.core.customers.models import ContactPoint, Customer, contact_form, point_key
from crmkit.core.customers.references import chunks
from crmkit.core.store.opening import plain

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

POINTS = "crm_contact_point.value"
"""The index of the tokens of contact points."""


def has_contact(session: CrmSession, kind: str, key: str) -> ColumnElement[bool]:
    """Return the SQL condition that a contact point is of a kind and has a match key."""
    point: Any = ContactPoint.value
    return (ContactPoint.kind == kind) & point.matches(session, contact_form(kind, key))


def customers_reached(session: CrmSession, kind: str, keys: Collection[str]) -> Iterator[tuple[str, UUID]]:
    """Return pairs of match key and customer for those of some keys that are known, by customer; deleted customers are
    left out."""
    vault = session.crm.vault
    point: Any = ContactPoint
    for part in chunks(keys):
        by_token = {token: key for key in part for token in vault.tokens(POINTS, contact_form(kind, key))}
        query = (
            select(point.value_token, ContactPoint.customer_id)
            .join(Customer, Customer.id == ContactPoint.customer_id)
            .where(point.value_token.in_(list(by_token)), ContactPoint.kind == kind, Customer.deleted_at.is_(None))
            .order_by(ContactPoint.customer_id)
        )
        for token, customer_id in session.execute(query):
            yield by_token[bytes(token)], customer_id


def key_of(point: ContactPoint) -> tuple[str, str | None]:
    """Return a contact point's kind and match key: for comparing, never to be shown."""
    return point.kind, point_key(point.kind, plain(point, "value"), plain(point, "details"))
