"""Where records and lists are found: the address of each resource's pages. Must not know requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry

ROOMS = {"customer": "/customers"}
"""Resources that have pages of their own."""


def list_path(resource: str) -> str:
    """Return the path of a resource's list."""
    return ROOMS.get(resource) or f"/records/{quote(resource)}"


def record_path(registry: Registry, resource: str, identity: Any) -> str | None:
    """Return the path of a record's page, or None for a resource that has no pages."""
    if resource not in registry.resources:
        return None
    return f"{list_path(resource)}/{identity}"


def path_of_record(registry: Registry, record: Any) -> str | None:
    """Return the path of the page of a record, or None where it has none."""
    model = type(record)
    found = next((each.name for each in registry.resources.values() if each.model is model), None)
    return None if found is None else record_path(registry, found, record.id)


def operation_path(name: str, **query: object) -> str:
    """Return the path of an operation's form, with what it begins with."""
    given = {key: str(value) for key, value in query.items() if value is not None}
    return f"/operations/{quote(name)}" + (f"?{urlencode(given)}" if given else "")
