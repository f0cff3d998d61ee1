"""What the configuration registers with the kernel, under the name ``crmkit``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.configuration import views
from crmkit.hooks import hookimpl


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the operations by which an admin says how the business and its records are."""
    from crmkit.configuration import applying, business, lists

    return [*business.OPERATIONS, *lists.OPERATIONS, *applying.OPERATIONS, *views.OPERATIONS]


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events that tell of them."""
    from crmkit.configuration.events import EVENTS

    return EVENTS
