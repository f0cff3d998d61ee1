"""Everything that changes an item."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import CrmSession, Customer, Input, operation, texts
from crmkit.errors import NotFound
from crmkit_small.models import Item

_ = texts("crmkit_small")


@operation("small.item.create", title=_("Add an item"), effect="create")
def create_item(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="personal")],
    due_on: Annotated[date, Input(title=_("Due on"), classified="internal")],
) -> Item:
    """Add an item to a customer. Raises NotFound."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    item = Item(customer_id=customer.id, owner_id=customer.owner_id, title=title, due_on=due_on)
    session.add(item)
    return item


@operation("small.item.finish", title=_("Finish"), effect="update")
def finish_item(session: CrmSession, item: Item) -> Item:
    """Finish an item."""
    item.note = None
    return item
