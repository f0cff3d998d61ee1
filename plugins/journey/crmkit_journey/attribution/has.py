"""What attribution has, for the hook module."""

from __future__ import annotations

from crmkit_journey.attribution.reports import REPORTS

__all__ = ["REPORTS"]
