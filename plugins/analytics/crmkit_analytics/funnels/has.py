"""What funnels have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.funnels import operations, pages, reports
from crmkit_analytics.metrics.shipped import METRICS
from crmkit_analytics.metrics.values import explained

OPERATIONS = operations.OPERATIONS
REPORTS = explained(reports.REPORTS, METRICS)
PAGES = pages.PAGES
