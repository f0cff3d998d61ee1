"""How interactions are read as an event log: the choices, with the titles that people read."""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_journey")

CaseBy = Literal["customer", "thread"]
CASES = {"customer": _("A customer"), "thread": _("A thread")}
ActivityBy = Literal["auto", "kind", "outcome", "subject"]
ACTIVITIES = {
    "auto": _("Found out"),
    "kind": _("The kind"),
    "outcome": _("The outcome"),
    "subject": _("The subject"),
}


@frozen(kw_only=True)
class LogChoice:
    """Which interactions are events, and how they are read.

    A case is a customer or a thread. An event's activity is its kind, its outcome or its subject; "auto" takes the
    kind, and where all events are of one kind the outcome if any of them has one, else the subject. An event that lacks
    what is taken has its kind as activity. ``kinds`` are those that count (none: all); ``since`` and ``until`` are
    calendar days of the company's zone, both included.
    """

    by: CaseBy = "customer"
    activity: ActivityBy = "auto"
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
