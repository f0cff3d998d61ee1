"""What the help centre has, for the hook module."""

from __future__ import annotations

from crmkit_knowledge.centre import letters, site

PUBLIC_SITES = site.PUBLIC_SITES
PUBLIC_PAGES = letters.PUBLIC_PAGES
