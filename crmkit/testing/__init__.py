"""The vendor's kit: fixtures for pytest, and the checks that ``crmkit plugin check`` runs.

Names are loaded at first use, so that the pytest plugin costs nothing where it is not used. Must not know the command
line, and is imported by nothing that runs in production.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit.testing.browsing import Clients
    from crmkit.testing.checking import check_plugin
    from crmkit.testing.codes import CODES
    from crmkit.testing.conformance import PluginConformance
    from crmkit.testing.factories import Customers, Interactions
    from crmkit.testing.mailbox import Mailbox
    from crmkit.testing.people import Actors
    from crmkit.testing.workbench import MovableClock, Workbench

__all__ = [
    "CODES",
    "Actors",
    "Clients",
    "Customers",
    "Interactions",
    "Mailbox",
    "MovableClock",
    "PluginConformance",
    "Workbench",
    "check_plugin",
]

_EXPORTS = {
    "CODES": "crmkit.testing.codes",
    "Actors": "crmkit.testing.people",
    "Clients": "crmkit.testing.browsing",
    "Customers": "crmkit.testing.factories",
    "Interactions": "crmkit.testing.factories",
    "Mailbox": "crmkit.testing.mailbox",
    "MovableClock": "crmkit.testing.workbench",
    "PluginConformance": "crmkit.testing.conformance",
    "Workbench": "crmkit.testing.workbench",
    "check_plugin": "crmkit.testing.checking",
}


def __getattr__(name: str) -> object:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module 'crmkit.testing' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(module), name)
