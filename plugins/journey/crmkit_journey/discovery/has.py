"""What discovery has, for the hook module."""

from __future__ import annotations

from crmkit_journey.discovery.pages import PAGES
from crmkit_journey.discovery.reports import REPORTS

__all__ = ["PAGES", "REPORTS"]
