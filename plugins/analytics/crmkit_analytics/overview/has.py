"""What the first page has, for the hook module."""

from __future__ import annotations

from crmkit_analytics.overview import pages

PAGES = pages.PAGES
