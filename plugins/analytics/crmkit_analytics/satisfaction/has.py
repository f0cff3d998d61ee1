"""What the room of satisfaction has, for the hook module."""

from __future__ import annotations

from crmkit_analytics.satisfaction import reports

REPORTS = reports.REPORTS
