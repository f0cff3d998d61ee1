"""What the designer has, for the hook module."""

from __future__ import annotations

from crmkit_journey.designer import pages, panels, strokes

OPERATIONS = strokes.OPERATIONS
PAGES = pages.PAGES
customer_panels = panels.customer_panels
