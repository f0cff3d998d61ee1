"""The words of this room: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_knowledge")

ARMS = {"shown": _("Articles shown"), "control": _("Nothing shown (control group)")}
"""What somebody who asks for help is shown before they send their question."""
