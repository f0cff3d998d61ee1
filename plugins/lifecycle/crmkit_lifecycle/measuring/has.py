"""What measuring has, for the hook module."""

from __future__ import annotations

from crmkit_lifecycle.measuring import pages, reports

REPORTS = reports.REPORTS
PAGES = pages.PAGES
