"""What the overview has, for the hook module."""

from __future__ import annotations

from crmkit_needs.overview import coverage, effect, pages, promises, reports

REPORTS = [*reports.REPORTS, *coverage.REPORTS, *promises.REPORTS, *effect.REPORTS]
PAGES = pages.PAGES
