"""Pages of segments: the list, one segment, and the editor that shows what a condition comes to while it is typed."""

from __future__ import annotations

from crmkit.web.pages.deciding.segments import editing, showing

ROUTES = [*editing.ROUTES, *showing.ROUTES]
