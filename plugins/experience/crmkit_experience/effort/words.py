"""The words of effort: the parts of the index with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_experience")

PART_TITLES = {
    "contacts": _("Contacts"),
    "switches": _("Channel switches"),
    "transfers": _("Transfers"),
    "repeats": _("Given again"),
    "wait_hours": _("Waited (hours)"),
    "elapsed_days": _("Took (days)"),
}
