"""What the administration of protection registers with the kernel: through the same hooks as any plugin, under the name
``crmkit``.

Each room (a package beside this module) says in its module ``catalogue`` what it has, in lists of the names below. The
tables of all rooms are mapped when this module is imported; the kernel's own hook returns them with all others. Must
not know what any room is for.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import crmkit.security as _house
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import Check, Job, PersonalData, PublicPage, Report, Resource, Subscription

_ROOMS = tuple(sorted(module.name for module in pkgutil.iter_modules(_house.__path__) if module.ispkg))


def _module(room: str, name: str) -> Any | None:
    dotted = f"{_house.__name__}.{room}.{name}"
    return import_module(dotted) if find_spec(dotted) is not None else None


def _collect(name: str) -> list[Any]:
    return [item for room in _ROOMS for item in getattr(_module(room, "catalogue"), name, ())]


for _room in _ROOMS:
    _module(_room, "tables")
for _room in _ROOMS:
    # Here rather than in the first hook that is called, whose time would be that of all imports.
    _module(_room, "catalogue")


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the operations of all rooms (``OPERATIONS``)."""
    return _collect("OPERATIONS")


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events of all rooms (``EVENTS``)."""
    return _collect("EVENTS")


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return the kinds of record of all rooms that doors serve (``RESOURCES``)."""
    return _collect("RESOURCES")


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the jobs of all rooms (``JOBS``)."""
    return _collect("JOBS")


@hookimpl
def crmkit_subscriptions() -> Sequence[Subscription]:
    """Return the handlers of events of all rooms (``SUBSCRIPTIONS``)."""
    return _collect("SUBSCRIPTIONS")


@hookimpl
def crmkit_checks() -> Sequence[Check]:
    """Return the checks of all rooms that ``crmkit doctor`` runs (``CHECKS``)."""
    return _collect("CHECKS")


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the tables of all rooms hold about persons (``PERSONAL_DATA``)."""
    return _collect("PERSONAL_DATA")


@hookimpl
def crmkit_reports() -> Sequence[Report]:
    """Return the reports of all rooms (``REPORTS``)."""
    return _collect("REPORTS")


@hookimpl
def crmkit_public_pages() -> Sequence[PublicPage]:
    """Return the public pages of all rooms (``PUBLIC_PAGES``)."""
    return _collect("PUBLIC_PAGES")
