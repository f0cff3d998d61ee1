"""Finds the customer that a person means on the command line, and says what was meant where that is not clear.

Must not print nor change anything.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit.cli.invocation import Invocation
from crmkit.core.business.config import Config
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.lookups import has_contact
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier
from crmkit.core.customers.names import folded
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, NotFound
from crmkit.i18n import texts
from crmkit.identity.records import surviving_id

_ = texts("crmkit")

LISTED = 10


def find_customer(session: CrmSession, text: str, *, deleted: bool = False) -> Customer:
    """Return the customer that a text names: an id, ``source:external_id``, an e-mail address, a phone number or the
    whole name (case and width aside), tried in this order. ``deleted`` includes customers that were put away; an id
    always does.

    Raises NotFound, and Conflict naming the candidates where several are meant.
    """
    identity = parse_id(text)
    if identity is not None:
        found = session.get(Customer, identity)
        if found is None:
            # Who was merged into another customer is that one now.
            survivor = surviving_id(session, identity)
            found = None if survivor is None else session.get(Customer, survivor)
        if found is None:
            raise NotFound(_("There is no customer {id}."), id=text)
        return found
    config = session.crm.config.get(session)
    for ids in (_by_identifier(session, text), _by_contact(session, text, config), _by_name(session, text)):
        query = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.sort_name, Customer.id).limit(LISTED + 1)
        if not deleted:
            query = query.where(Customer.deleted_at.is_(None))
        candidates = list(session.scalars(query)) if ids else []
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise _ambiguous(text, candidates)
    raise NotFound(
        _('No customer is named by "{text}".'),
        fix=_("Name one by id, source:external-id, e-mail address, phone number or exact name."),
        text=text,
    )


def customer_id(cli: Invocation, text: str) -> UUID:
    """Return the id of the customer that a text names. Raises as `find_customer`."""
    with cli.session() as session:
        found: UUID = find_customer(session, text).id
        return found


def _by_identifier(session: CrmSession, text: str) -> list[UUID]:
    source, colon, external = text.partition(":")
    if not colon or not source or not external:
        return []
    query = select(CustomerIdentifier.customer_id).where(
        CustomerIdentifier.source == source, CustomerIdentifier.external_id == external
    )
    return list(session.scalars(query))


def _by_contact(session: CrmSession, text: str, config: Config) -> list[UUID]:
    found: list[UUID] = []
    for kind in ("email", "phone"):
        key = match_key(kind, text, region=config.country)
        if key is not None:
            query = select(ContactPoint.customer_id).where(has_contact(session, kind, key))
            found.extend(session.scalars(query.distinct().limit(1000)))
    return list(dict.fromkeys(found))


def _by_name(session: CrmSession, text: str) -> list[UUID]:
    return list(session.scalars(select(Customer.id).where(Customer.name_key == folded(text)).limit(1000)))


def _ambiguous(text: str, candidates: list[Customer]) -> Conflict:
    listed = "; ".join(
        " · ".join(part for part in (str(item.id), item.name, item.city, item.country) if part)
        for item in candidates[:LISTED]
    )
    return Conflict(
        _('"{text}" names several customers: {listed}{more}.'),
        fix=_("Name one of them by its id."),
        text=text,
        listed=listed,
        more="; …" if len(candidates) > LISTED else "",
    )
