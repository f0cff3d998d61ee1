"""What insight has, for the hook module."""

from __future__ import annotations

from crmkit_value.insight import acquisition, display, pages, reports

REPORTS = [*reports.REPORTS, *acquisition.REPORTS]
PAGES = pages.PAGES
customer_panels = display.customer_panels
