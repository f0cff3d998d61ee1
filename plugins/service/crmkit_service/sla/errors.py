"""The errors of service levels: codes SVC201 to SVC299."""

from __future__ import annotations

from crmkit import Conflict, texts

_ = texts("crmkit_service")


class NothingToAcknowledge(Conflict):
    """No clock of the case runs, so that nothing escalates."""

    code = "SVC201"
    summary = _("Nothing escalates here.")


class ShiftsOverlap(Conflict):
    """Somebody else is on call at that time."""

    code = "SVC202"
    summary = _("Somebody else is on call then.")
