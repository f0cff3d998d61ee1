"""What clusters have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.clusters import fitting, operations, pages

KINDS = [fitting.KIND]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
