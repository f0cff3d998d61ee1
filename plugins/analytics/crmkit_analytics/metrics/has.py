"""What definitions of figures have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.metrics import pages, registry, shipped

METRICS = shipped.METRICS
OPERATIONS = registry.OPERATIONS
PAGES = pages.PAGES
