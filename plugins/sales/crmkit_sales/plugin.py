"""What sales has, for the kernel's hooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit import (
    Board,
    Calendar,
    CrmSession,
    DashboardCard,
    FactSet,
    Panel,
    PersonalData,
    Resource,
    Rule,
    TimelineEntry,
    hookimpl,
    texts,
)
from crmkit_sales import display, facts, operations, rules, today, views
from crmkit_sales.events import EVENTS
from crmkit_sales.models import Opportunity

_ = texts("crmkit_sales")


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the models of sales."""
    return [Opportunity]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    return [
        Resource(
            name="sales.opportunity",
            model=Opportunity,
            title=_("Opportunity"),
            plural=_("Opportunities"),
            columns=["title", "stage", "amount_minor", "currency", "expected_close", "owner_id"],
            search=["title"],
            sort="expected_close",
            icon="target",
        )
    ]


@hookimpl
def crmkit_boards() -> Sequence[Board]:
    """Return the board of opportunities by stage."""
    return views.BOARDS


@hookimpl
def crmkit_calendars() -> Sequence[Calendar]:
    """Return the calendar of expected closes."""
    return views.CALENDARS


@hookimpl
def crmkit_dashboard_cards() -> Sequence[DashboardCard]:
    """Return the card of opportunities that close soon."""
    return today.CARDS


@hookimpl
def crmkit_operations() -> Sequence[Callable[..., Any]]:
    """Return the operations on opportunities."""
    return operations.OPERATIONS


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events of opportunities."""
    return EVENTS


@hookimpl
def crmkit_facts() -> Sequence[FactSet]:
    """Return the fact set of sales."""
    return facts.FACTS


@hookimpl
def crmkit_rules() -> Sequence[Rule]:
    """Return the rules of sales."""
    return rules.RULES


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what opportunities hold about persons."""
    return [
        PersonalData(
            table=Opportunity.__tablename__, columns=["title", "lost_reason"], purpose=_("Selling to the customer")
        )
    ]


@hookimpl
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return when opportunities were added and closed."""
    return display.timeline_entries(session, customer_ids, since, until)


@hookimpl
def crmkit_customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return the open opportunities of each customer."""
    return display.customer_panels(session, customer_ids)
