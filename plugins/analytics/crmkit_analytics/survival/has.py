"""What survival has, for the hook module."""

from __future__ import annotations

from crmkit_analytics.metrics.shipped import METRICS
from crmkit_analytics.metrics.values import explained
from crmkit_analytics.survival import pages, reports

PAGES = pages.PAGES
REPORTS = explained(reports.REPORTS, METRICS)
