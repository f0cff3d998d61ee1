"""What notices are about, so that people can say of each kind where they want to be told.

Must not know how notices are kept or delivered.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts
from crmkit.i18n import Text

_ = texts("crmkit_work")

KINDS: Mapping[str, Text] = {
    "task": _("Tasks given to me"),
    "reminder": _("Reminders"),
    "escalation": _("Escalations"),
    "handoff": _("Hand-offs"),
    "approval": _("Approvals"),
    "mention": _("Somebody mentions me"),
    "comment": _("Comments on what I watch"),
    "message": _("Messages from customers"),
    "rule": _("Told by rules and by colleagues"),
    "system": _("What needs looking after"),
}
"""The kinds that people choose by, with their titles. A plugin may use another one, ``<plugin>.<noun>``: what somebody
has chosen for everything counts for it."""
EVERYTHING = "*"
"""Stands for every kind of which nothing else is said."""
PAGES, EMAIL = "pages", "email"
"""The channels that there always are; others are those that plugins carry."""
WANTED: Mapping[str, Text] = {"never": _("Not at all"), "daily": _("Once a day"), "now": _("At once")}
"""When somebody wants to be told, with titles."""
USUAL: Mapping[str, str] = {PAGES: "now"}
"""What counts on a channel for who has chosen nothing; on all others nothing is sent."""
