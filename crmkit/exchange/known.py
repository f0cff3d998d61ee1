"""Who is known by an e-mail address, a phone number or an id at another system, for plugins that hear from outside.

Must not know who asks, nor what is done with the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.lookups import has_contact
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

MOST = 100
CONTACTS = ("email", "phone")


def customers_known_by(session: CrmSession, kind: str, value: str) -> list[UUID]:
    """Return the ids of the customers with an e-mail address (``email``), a phone number (``phone``), or an id at the
    source that ``kind`` names; the one that has been known longest first.

    Those alone that the session's actor may see, without the deleted ones, at most 100. What is no address or number
    is nobody's.
    """
    query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.created_at, Customer.id)
    if kind in CONTACTS:
        key = match_key(kind, value, region=session.crm.config.get(session).country)
        if key is None:
            return []
        reached = select(ContactPoint.customer_id).where(has_contact(session, kind, key))
    else:
        reached = select(CustomerIdentifier.customer_id).where(
            CustomerIdentifier.source == kind, CustomerIdentifier.external_id == value
        )
    return list(session.scalars(query.where(Customer.id.in_(reached)).limit(MOST)))
