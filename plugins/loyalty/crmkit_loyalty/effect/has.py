"""What effect has, for the hook module."""

from __future__ import annotations

from crmkit_loyalty.effect import facts, pages, reports

FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
