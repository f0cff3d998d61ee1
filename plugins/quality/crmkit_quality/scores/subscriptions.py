"""What keeps scores in step: customers that are added or changed are checked soon after. Must not know how."""

from __future__ import annotations

from typing import Any

from crmkit import CrmSession, Subscription
from crmkit_quality.scores.checking import SLICE


def check_changed(session: CrmSession, event: Any) -> None:
    """Check the customers that an event is about."""
    ids = [event.customer_id] if hasattr(event, "customer_id") else list(event.customer_ids)
    if hasattr(event, "restored_id"):
        ids.append(event.restored_id)
    for start in range(0, len(ids), SLICE):
        session.run("quality.check.some", {"customer_ids": ids[start : start + SLICE]})


_EVENTS = (
    "customer.created",
    "customer.updated",
    "customer.restored",
    "customer.deleted",
    "customer.merged",
    "customer.unmerged",
    "contact_point.added",
    "contact_point.changed",
    "contact_point.removed",
)

SUBSCRIPTIONS = [
    Subscription(name=f"quality.check_{name.replace('.', '_')}", event=name, handler=check_changed) for name in _EVENTS
]
