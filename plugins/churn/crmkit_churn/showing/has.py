"""What is shown of churn, for the hook module."""

from __future__ import annotations

from crmkit_analytics.api import explained

from crmkit_churn.showing import metrics, pages, reports

PAGES = pages.PAGES
REPORTS = explained(reports.REPORTS, metrics.METRICS)
