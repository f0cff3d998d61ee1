"""What the room of fairness has, for the hook module."""

from __future__ import annotations

from crmkit_analytics.fairness import reports

REPORTS = reports.REPORTS
CHECKS = reports.CHECKS
