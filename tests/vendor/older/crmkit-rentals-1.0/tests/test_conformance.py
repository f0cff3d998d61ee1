"""The plugin keeps the rules of crmkit: the same checks as ``crmkit plugin check rentals``."""

from __future__ import annotations

from crmkit.testing import PluginConformance


class TestConformance(PluginConformance):
    """Manifest, hooks, models, migrations there and back, and the whole life cycle."""
