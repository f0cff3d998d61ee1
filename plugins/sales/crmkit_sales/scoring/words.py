"""The words of scoring. Must not know databases."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_sales")

LABELS: Mapping[str, str] = {"cold": _("Cold"), "warm": _("Warm"), "hot": _("Hot")}
"""How promising somebody is, in ascending order."""
TONES: Mapping[str, str] = {"cold": "", "warm": "warn", "hot": "bad"}
STATES: Mapping[str, str] = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
"""The states of a version."""
DIRECTIONS: Mapping[str, str] = {"in": _("From the customer"), "out": _("To the customer"), "internal": _("Among us")}
