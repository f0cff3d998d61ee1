"""What members have of their own, for the hook module."""

from __future__ import annotations

from crmkit_loyalty.members import page

OPERATIONS = page.OPERATIONS
PUBLIC_PAGES = page.PUBLIC_PAGES
