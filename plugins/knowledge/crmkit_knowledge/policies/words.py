"""The words of verification policies."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_knowledge")

STEPS = {
    "reminded": _("Reminded"),
    "overdue": _("Overdue"),
    "escalated": _("Escalated"),
    "hidden": _("Hidden"),
}
"""What is done about an article, with titles; each once for each day by which it has to be verified."""
