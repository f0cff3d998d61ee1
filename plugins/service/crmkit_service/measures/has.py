"""What measures have, for the hook module."""

from __future__ import annotations

from crmkit_service.measures import attainment, costs, deflection, facts, pages, reports, trends

__all__ = ["FACTS", "PAGES", "REPORTS"]

FACTS = facts.FACTS
PAGES = pages.PAGES
REPORTS = [*reports.REPORTS, *attainment.REPORTS, *trends.REPORTS, *costs.REPORTS, *deflection.REPORTS]
