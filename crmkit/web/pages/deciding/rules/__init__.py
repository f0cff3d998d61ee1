"""Pages of rules: the list, one rule with its log, and the editor that tries a rule over past days before it is on."""

from __future__ import annotations

from crmkit.web.pages.deciding.rules import editing, showing

ROUTES = [*editing.ROUTES, *showing.ROUTES]
