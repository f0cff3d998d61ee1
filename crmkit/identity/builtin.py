"""What this room registers with the kernel, under the name ``crmkit``: through the same hooks as any plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crmkit.core.store.session import CrmSession
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import PersonalData
from crmkit.identity import catalogue


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the operations of merging."""
    return catalogue.OPERATIONS


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events of merging."""
    return catalogue.EVENTS


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the journal of merges holds about persons."""
    return catalogue.PERSONAL_DATA


@hookimpl
def crmkit_erase_customer(session: CrmSession, customer_id: UUID) -> None:
    """Erase with a customer whom it absorbed, and, of one that was absorbed, what has gone over to its survivor."""
    from crmkit.identity.erasing import erase_merged

    erase_merged(session, customer_id)
