"""What this room registers with the kernel: its operations, events and resources."""

from __future__ import annotations

from typing import Any

from crmkit.core.customers import consents, contact_operations, operations, relationships, reveal, tags, updates
from crmkit.core.customers.events import EVENTS as CUSTOMER_EVENTS
from crmkit.core.customers.models import Customer
from crmkit.hooks.contributions import Resource
from crmkit.i18n import texts

_ = texts("crmkit")

OPERATIONS: list[Any] = [
    *operations.OPERATIONS,
    *updates.OPERATIONS,
    *tags.OPERATIONS,
    *contact_operations.OPERATIONS,
    *relationships.OPERATIONS,
    *consents.OPERATIONS,
    *reveal.OPERATIONS,
]
EVENTS: list[type[Any]] = [*CUSTOMER_EVENTS]
RESOURCES: list[Resource] = [
    Resource(
        name="customer",
        model=Customer,
        title=_("Customer"),
        plural=_("Customers"),
        columns=("name", "kind", "standing", "city", "country", "owner_id", "created_at"),
        search=("name",),
        sort="sort_name",
    )
]
