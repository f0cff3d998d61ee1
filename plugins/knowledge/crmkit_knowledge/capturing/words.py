"""The words of this room: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_knowledge")

LINKS = {
    "source": _("Written from it"),
    "solved_by": _("Solved by it"),
    "seen_in": _("Seen in it"),
    "sent": _("Sent in it"),
}
"""What an article has to do with a record."""
SECTIONS = {
    "problem": _("Problem"),
    "environment": _("Environment"),
    "cause": _("Cause"),
    "solution": _("Solution"),
}
"""The parts of a draft, in their order."""
RECORDS = ("service.case", "feedback.feedback", "interaction")
"""Resources of which a draft is made."""
LINKED = (*RECORDS, "feedback.response")
"""Resources that articles are linked with."""
