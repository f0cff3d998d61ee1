"""The vendor's kit: fixtures for pytest, and the checks that ``crmkit plugin check`` runs.

Names are loaded at first use, so that the pytest plugin costs nothing where it is not used. Must not know the command
line, and is imported by nothing that runs in production.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit.testing.checking import check_plugin
    from crmkit.testing.codes import CODES
    from crmkit.testing.conformance import PluginConformance
    from crmkit.testing.workbench import Customers, MovableClock, Workbench

__all__ = ["CODES", "Customers", "MovableClock", "PluginConformance", "Workbench", "check_plugin"]

_EXPORTS = {
    "CODES": "crmkit.testing.codes",
    "Customers": "crmkit.testing.workbench",
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
