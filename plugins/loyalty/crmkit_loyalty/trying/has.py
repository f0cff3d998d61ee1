"""What trying has, for the hook module."""

from __future__ import annotations

from crmkit_loyalty.trying import operations, pages, reports

OPERATIONS = operations.OPERATIONS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
