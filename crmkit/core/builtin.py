"""What the kernel itself registers: through the same hooks as any plugin, under the name ``crmkit``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from crmkit.core.store.actor import Actor
from crmkit.core.store.model import models_of
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import AccessRule, Channel, InteractionKind, Job, PersonalData, Resource

_MODELS = (
    "crmkit.core.store.tables",
    "crmkit.core.vault.tables",
    "crmkit.core.operations.tables",
    "crmkit.core.business.models",
    "crmkit.core.access.models",
    "crmkit.core.access.tokens",
    "crmkit.core.privacy.holds",
    "crmkit.core.customers.models",
    "crmkit.core.interactions.models",
)


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the kernel's models."""
    for module in _MODELS:
        import_module(module)
    return [model for model in models_of("crmkit") if model.__tablename__.startswith("crm_")]


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the kernel's operations."""
    from crmkit.core.customers.catalogue import OPERATIONS as CUSTOMERS
    from crmkit.core.interactions.operations import OPERATIONS as INTERACTIONS
    from crmkit.core.operations import jobs, retention

    return [
        *jobs.OPERATIONS,
        *retention.OPERATIONS,
        *CUSTOMERS,
        *INTERACTIONS,
    ]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return the kernel's kinds of record that doors serve."""
    from crmkit.core.customers.catalogue import RESOURCES as CUSTOMERS
    from crmkit.core.interactions.catalogue import RESOURCES as INTERACTIONS

    return [*CUSTOMERS, *INTERACTIONS]


@hookimpl
def crmkit_access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule]:
    """Return the kernel's record rules: they follow from the kind of actor alone, as the guard asks for them once."""
    from crmkit.core.customers.visitors import visitor_rules
    from crmkit.core.interactions.visibility import visibility_rules

    return [*visibility_rules(resource), *visitor_rules(actor, action, resource)]


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the kernel's events."""
    from crmkit.core.customers.catalogue import EVENTS as CUSTOMERS
    from crmkit.core.interactions.events import EVENTS as INTERACTIONS

    return [*CUSTOMERS, *INTERACTIONS]


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the kernel's periodic jobs."""
    from crmkit.core.interactions.attachments import JOBS as ATTACHMENTS
    from crmkit.core.interactions.searchable import JOBS as SEARCHABLE
    from crmkit.core.operations.retention import JOBS

    return [*JOBS, *ATTACHMENTS, *SEARCHABLE]


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the kernel's own tables hold about persons."""
    from crmkit.core.privacy import PERSONAL_DATA

    return PERSONAL_DATA


@hookimpl
def crmkit_interaction_kinds() -> Sequence[InteractionKind]:
    """Return the kinds of interaction that everybody knows."""
    from crmkit.core.interactions.kinds import KINDS

    return KINDS


@hookimpl
def crmkit_channels() -> Sequence[Channel]:
    """Return the ways to reach customers that everybody knows."""
    from crmkit.core.interactions.kinds import CHANNELS

    return CHANNELS
