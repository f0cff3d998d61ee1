"""What cohorts have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.cohorts import pages, reports
from crmkit_analytics.metrics.shipped import METRICS
from crmkit_analytics.metrics.values import explained

REPORTS = explained(reports.REPORTS, METRICS)
PAGES = pages.PAGES
