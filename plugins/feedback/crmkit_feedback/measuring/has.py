"""What measuring has, for the hook module."""

from __future__ import annotations

from crmkit_feedback.measuring import dimensions, facts, insights, pages, reports

FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
REPORTS = [*reports.REPORTS, *insights.REPORTS]
PAGES = pages.PAGES
CARDS = pages.CARDS
