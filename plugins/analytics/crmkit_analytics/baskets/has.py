"""What baskets have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.baskets import reports
from crmkit_analytics.metrics.shipped import METRICS
from crmkit_analytics.metrics.values import explained

REPORTS = explained(reports.REPORTS, METRICS)
