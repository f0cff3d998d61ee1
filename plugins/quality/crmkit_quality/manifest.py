"""What quality says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

_ = texts("crmkit_quality")

MANIFEST = PluginManifest(
    name="quality",
    title=_("Data quality"),
    summary=_("Duplicates, field rules, scores, cleaning, staleness and contracts with sources."),
    api="1.0",
    module="crmkit_quality.plugin",
    migrations="crmkit_quality.migrations",
    extra="quality",
    needs=["numpy", "pypinyin", "rapidfuzz"],
    license="Apache-2.0",
)
