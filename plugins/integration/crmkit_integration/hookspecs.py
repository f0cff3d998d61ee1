"""The hooks that integration offers to other plugins. crmkit finds them in a module of this name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit.hooks.markers import hookspec

if TYPE_CHECKING:
    from crmkit_integration.api import ConnectorKind


@hookspec
def integration_connectors() -> Sequence[ConnectorKind] | None:
    """Return the kinds of system that customers can be synchronised with.

    When: a synchronisation is set up or run.
    None: no kinds of its own.
    """
