"""Pages of dimensions: the list, one dimension with who moves in it, and the editor that shows who would move."""

from __future__ import annotations

from crmkit.web.pages.deciding.dimensions import editing, showing

ROUTES = [*editing.ROUTES, *showing.ROUTES]
