"""What the plugin has. Thin: imports are inside the hooks, so that this module costs little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit import hookimpl, texts
from crmkit.hooks.contributions import (
    Check,
    FactSet,
    InteractionKind,
    Job,
    PayloadField,
    PersonalData,
    Resource,
    Subscription,
    TimelineEntry,
)

if TYPE_CHECKING:
    from crmkit import CrmSession

_ = texts("crmkit_rentals")


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the models."""
    from crmkit_rentals.models import Item

    return [Item]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    from crmkit_rentals.models import Item

    return [
        Resource(
            name="rentals.item",
            model=Item,
            title=_("Item"),
            plural=_("Items"),
            columns=("title", "customer_id", "due_on", "finished_at"),
            search=("title",),
            sort="due_on",
        )
    ]


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the tables hold about persons."""
    return [
        PersonalData(
            table="rentals_item",
            columns=("title", "note"),
            purpose=_("Work for the customer"),
        )
    ]


@hookimpl
def crmkit_operations() -> Sequence[Callable[..., Any]]:
    """Return the operations."""
    from crmkit_rentals.operations import OPERATIONS

    return OPERATIONS


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events."""
    from crmkit_rentals.events import EVENTS

    return EVENTS


@hookimpl
def crmkit_facts() -> Sequence[FactSet]:
    """Return the facts about customers."""
    from crmkit_rentals.facts import FACTS

    return FACTS


@hookimpl
def crmkit_interaction_kinds() -> Sequence[InteractionKind]:
    """Return the kinds of interaction that the plugin adds to the stream."""
    return [
        InteractionKind(
            name="rentals.contact",
            title=_("Contact"),
            channel="other",
            payload=(PayloadField(name="topic", required=True, classified="internal", title=_("Topic")),),
        )
    ]


@hookimpl
def crmkit_subscriptions() -> Sequence[Subscription]:
    """Return what the plugin listens to."""
    from crmkit_rentals.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the work of the workers."""
    from crmkit_rentals.jobs import JOBS

    return JOBS


@hookimpl
def crmkit_checks() -> Sequence[Check]:
    """Return the checks for crmkit doctor."""
    from crmkit_rentals.checks import CHECKS

    return CHECKS


@hookimpl
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return items that were finished, for the customers' timelines."""
    from crmkit_rentals.queries import finished_items

    return [
        TimelineEntry(
            customer_id=item.customer_id,
            occurred_at=item.finished_at,
            kind="rentals.finished",
            title=_("Item finished"),
            summary=item.title,
            ref=f"rentals.item:{item.id}",
        )
        for item in finished_items(session, customer_ids, since, until)
        if item.finished_at is not None
    ]
