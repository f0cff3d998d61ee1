"""What scoring has, for the hook module."""

from __future__ import annotations

from crmkit_needs.scoring import operations, pages, reports

OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
