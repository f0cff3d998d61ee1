"""What quality has, for the kernel's hooks: whatever its rooms have.

A room says what it has in a module ``has``: lists such as ``MODELS``, ``OPERATIONS`` and ``JOBS``, and functions under
the names of hooks without their prefix, such as ``customer_panels``. Must not do anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any
from uuid import UUID

from crmkit import (
    CRM,
    Actor,
    Board,
    Change,
    Check,
    CrmSession,
    DashboardCard,
    Dimension,
    ExportSection,
    FactSet,
    Feed,
    IncomingChange,
    Job,
    KeptValue,
    Match,
    Page,
    Panel,
    PersonalData,
    Report,
    Resource,
    Rule,
    Segment,
    Subscription,
    TimelineEntry,
    hookimpl,
)
from crmkit.hooks.contributions import Probe
from crmkit_quality.cleaning import has as cleaning
from crmkit_quality.contracts import has as contracts
from crmkit_quality.duplicates import has as duplicates
from crmkit_quality.profiling import has as profiling
from crmkit_quality.rules import has as rules
from crmkit_quality.scores import has as scores
from crmkit_quality.staleness import has as staleness
from crmkit_quality.survivorship import has as survivorship

ROOMS: Sequence[ModuleType] = (
    duplicates,
    rules,
    staleness,
    scores,
    contracts,
    cleaning,
    profiling,
    survivorship,
)  # fmt: skip
"""The rooms, each by its module ``has``."""


def _all(name: str) -> list[Any]:
    return [item for room in ROOMS for item in getattr(room, name, ())]


def _ask(name: str, *given: Any) -> list[Any]:
    """Return what the rooms answer that have a function of a name, one after the other."""
    found: list[Any] = []
    for room in ROOMS:
        function = getattr(room, name, None)
        if function is not None:
            found.extend(function(*given) or ())
    return found


# --- what is declared -------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the models of all rooms."""
    return _all("MODELS")


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    return _all("RESOURCES")


@hookimpl
def crmkit_operations() -> Sequence[Callable[..., Any]]:
    """Return the operations of all rooms."""
    return _all("OPERATIONS")


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events of all rooms."""
    return _all("EVENTS")


@hookimpl
def crmkit_facts() -> Sequence[FactSet]:
    """Return the fact sets; a room gives columns of one of its own."""
    return _all("FACTS")


@hookimpl
def crmkit_dimensions() -> Sequence[Dimension]:
    """Return the dimensions of all rooms."""
    return _all("DIMENSIONS")


@hookimpl
def crmkit_segments() -> Sequence[Segment]:
    """Return the segments of all rooms."""
    return _all("SEGMENTS")


@hookimpl
def crmkit_rules() -> Sequence[Rule]:
    """Return the rules of all rooms."""
    return _all("RULES")


@hookimpl
def crmkit_reports() -> Sequence[Report]:
    """Return the reports of all rooms."""
    return _all("REPORTS")


@hookimpl
def crmkit_subscriptions() -> Sequence[Subscription]:
    """Return what the rooms listen to."""
    return _all("SUBSCRIPTIONS")


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the jobs of all rooms."""
    return _all("JOBS")


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the tables of all rooms hold about persons."""
    return _all("PERSONAL_DATA")


@hookimpl
def crmkit_pages() -> Sequence[Page]:
    """Return the pages of all rooms."""
    return _all("PAGES")


@hookimpl
def crmkit_boards() -> Sequence[Board]:
    """Return the boards of all rooms."""
    return _all("BOARDS")


@hookimpl
def crmkit_dashboard_cards() -> Sequence[DashboardCard]:
    """Return the cards of all rooms."""
    return _all("CARDS")


@hookimpl
def crmkit_checks() -> Sequence[Check]:
    """Return the checks of all rooms."""
    return _all("CHECKS")


@hookimpl
def crmkit_guards() -> Sequence[str]:
    """Return the resources of others that the rooms guard."""
    return sorted(set(_all("GUARDS")))


# --- what is asked ----------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_match_customers(session: CrmSession, probes: Sequence[Probe]) -> Sequence[Match]:
    """Return whom somebody probably is."""
    return _ask("match_customers", session, probes)


@hookimpl
def crmkit_customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return what the rooms show beside customers."""
    return _ask("customer_panels", session, customer_ids)


@hookimpl
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return what the rooms add to timelines."""
    return _ask("timeline", session, customer_ids, since, until)


@hookimpl
def crmkit_export_customer(session: CrmSession, customer_id: UUID) -> Sequence[ExportSection]:
    """Return what else the rooms know of a person."""
    return _ask("export_customer", session, customer_id)


# --- part of a change -------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_validate_change(session: CrmSession, changes: Sequence[Change]) -> None:
    """Let the rooms refuse changes."""
    _ask("validate_change", session, changes)


@hookimpl
def crmkit_check_feed(crm: CRM, actor: Actor, feed: Feed) -> None:
    """Let the rooms refuse a file."""
    _ask("check_feed", crm, actor, feed)


@hookimpl
def crmkit_keep_values(session: CrmSession, source: str, changes: Sequence[IncomingChange]) -> Sequence[KeptValue]:
    """Return the values that an import leaves as they are."""
    return _ask("keep_values", session, source, changes)


@hookimpl
def crmkit_merge_customers(session: CrmSession, source_id: UUID, target_id: UUID) -> None:
    """Let the rooms finish a merge."""
    _ask("merge_customers", session, source_id, target_id)


@hookimpl
def crmkit_erase_customer(session: CrmSession, customer_id: UUID) -> None:
    """Let the rooms finish an erasure."""
    _ask("erase_customer", session, customer_id)


# --- life cycle -------------------------------------------------------------------------------------------------------


@hookimpl
def crmkit_plugin_enabled(crm: CRM) -> None:
    """Let the rooms set up their data."""
    _ask("plugin_enabled", crm)
