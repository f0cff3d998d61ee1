"""What the desk has, for the hook module."""

from __future__ import annotations

from crmkit_needs.desk import board, pages

PAGES = [*pages.PAGES, *board.PAGES]
