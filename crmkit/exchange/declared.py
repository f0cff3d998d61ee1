"""Which records of plugins can be filled from files, and with what: read from what their resources declare.

Must not know files or databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from crmkit.errors import MappingError
from crmkit.exchange.options import RESOURCES
from crmkit.hooks.imports import Imports
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")


@frozen(kw_only=True)
class Declared:
    """A plugin's resource that can be filled from files: its name, its plural title, and how."""

    resource: str
    title: str
    imports: Imports

    def __str__(self) -> str:
        return self.resource


Rows = str | Declared
"""What the rows of a file are: one of the kernel's `RESOURCES`, or what a plugin has declared."""


def importable(registry: Registry) -> Mapping[str, Declared]:
    """Return what plugins have declared, by the names of their resources."""
    return {
        name: Declared(resource=name, title=resource.plural, imports=resource.imports)
        for name, resource in sorted(registry.resources.items())
        if resource.imports is not None
    }


def rows_of(registry: Registry, resource: str) -> Rows:
    """Return what the rows of a file are, by the name of a resource, or of what other systems hold in a table.

    Raises MappingError where no plugin that is enabled has it.
    """
    if resource in RESOURCES:
        return resource
    known = importable(registry)
    found = known.get(resource) or next((one for one in known.values() if one.imports.holds == resource), None)
    if found is None:
        raise MappingError(
            _('No plugin that is enabled keeps "{resource}" that could be imported.'),
            fix=_("Enable one that does, or say with --as what else the rows are: {known}."),
            resource=resource,
            known=", ".join((*RESOURCES, *known)),
        )
    return found
