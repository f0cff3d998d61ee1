"""What reporting has, for the hook module."""

from __future__ import annotations

from crmkit_sales.reporting import closed, forecasts, funnel, pipeline, visits

REPORTS = [*pipeline.REPORTS, *funnel.REPORTS, *closed.REPORTS, *forecasts.REPORTS, *visits.REPORTS]
