"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit_quality.profiling import pages

PAGES = pages.PAGES
