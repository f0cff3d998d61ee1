"""The plugin keeps the rules of crmkit: the same checks as ``crmkit plugin check feishu``."""

from __future__ import annotations

from crmkit.testing import PluginConformance


class TestConformance(PluginConformance):
    """Manifest, hooks and the whole life cycle."""
