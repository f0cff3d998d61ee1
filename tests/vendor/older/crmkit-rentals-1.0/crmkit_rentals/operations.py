"""Everything that changes an item. There is no other way to write."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Conflict, CrmSession, Customer, Input, InvalidInput, Problem, operation, texts

from crmkit_rentals.events import ItemAdded, ItemFinished
from crmkit_rentals.models import Item

_ = texts("crmkit_rentals")


@operation(
    "rentals.add",
    title=_("Add an item"),
    permission="rentals.item.create",
    effect="create",
)
def add(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")],
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="personal")],
    due_on: Annotated[date | None, Input(title=_("Due on"), classified="internal")] = None,
    note: Annotated[str | None, Input(title=_("Note"), max_length=2000, multiline=True)] = None,
) -> Item:
    """Add an item to a customer. Raises InvalidInput when there is no such customer."""
    if session.get(Customer, customer_id) is None:
        raise InvalidInput([Problem("CK500", _("There is no such customer."), field="customer_id")])
    item = Item(customer_id=customer_id, title=title, due_on=due_on, note=note)
    session.add(item)
    session.emit(ItemAdded(item_id=item.id, customer_id=customer_id))
    return item


@operation(
    "rentals.finish",
    title=_("Finish"),
    permission="rentals.item.update",
    effect="update",
)
def finish(session: CrmSession, item: Item) -> Item:
    """Finish an item. Raises Conflict when it is finished already."""
    if item.finished_at is not None:
        raise Conflict(_('"{title}" is finished already.'), title=item.title)
    item.finished_at = session.gate.clock.now()
    session.emit(ItemFinished(item_id=item.id, customer_id=item.customer_id))
    return item


OPERATIONS = [add, finish]
