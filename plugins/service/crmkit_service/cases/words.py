"""The words of cases: kinds, states and their phases, the moves between states, priorities, channels, kinds of events.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from crmkit import texts

_ = texts("crmkit_service")

Kind = Literal["consultation", "complaint", "support"]
State = Literal[
    "new",
    "open",
    "waiting_customer",
    "waiting_third_party",
    "on_hold",
    "resolved",
    "closed",
    "reopened",
    "merged",
    "spam",
]
Phase = Literal["open", "paused", "resolved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Severity = Literal["minor", "moderate", "major", "critical"]
CaseChannel = Literal["mail", "form", "phone", "chat", "api", "visit", "social", "page"]
Direction = Literal["in", "out", "internal"]

KINDS: Mapping[str, str] = {
    "consultation": _("Consultation"),
    "complaint": _("Complaint"),
    "support": _("Technical support"),
}
"""What a case is, with titles."""

STATES: Mapping[str, str] = {
    "new": _("New"),
    "open": _("Open"),
    "waiting_customer": _("Waiting for the customer"),
    "waiting_third_party": _("Waiting for somebody else"),
    "on_hold": _("On hold"),
    "resolved": _("Resolved"),
    "closed": _("Closed"),
    "reopened": _("Opened again"),
    "merged": _("Merged into another case"),
    "spam": _("Spam"),
}
"""The states of a case, with titles."""

PHASES: Mapping[str, str] = {
    "open": _("Open"),
    "paused": _("Paused"),
    "resolved": _("Resolved"),
    "closed": _("Closed"),
}
"""What a state means for whoever counts, with titles."""

PHASE_OF: Mapping[str, Phase] = {
    "new": "open",
    "open": "open",
    "reopened": "open",
    "waiting_customer": "paused",
    "waiting_third_party": "paused",
    "on_hold": "paused",
    "resolved": "resolved",
    "closed": "closed",
    "merged": "closed",
    "spam": "closed",
}
"""The phase of each state."""

UNFINISHED: tuple[str, ...] = ("new", "open", "reopened", "waiting_customer", "waiting_third_party", "on_hold")
"""The states in which there is still something to do."""
WAITING: tuple[str, ...] = ("waiting_customer", "waiting_third_party", "on_hold")
"""The states in which something else has to happen first."""

_WORK = ("open", *WAITING, "resolved", "spam", "merged")
MOVES: Mapping[str, tuple[str, ...]] = {
    "new": _WORK,
    "open": tuple(each for each in _WORK if each != "open"),
    "reopened": _WORK,
    "waiting_customer": tuple(each for each in _WORK if each != "waiting_customer"),
    "waiting_third_party": tuple(each for each in _WORK if each != "waiting_third_party"),
    "on_hold": tuple(each for each in _WORK if each != "on_hold"),
    "resolved": ("reopened", "closed", "merged"),
    "closed": ("reopened", "merged"),
    "merged": (),
    "spam": ("open",),
}
"""The moves between states that a type allows unless it says otherwise."""

PRIORITIES: Mapping[str, str] = {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}
"""Priorities, the lowest first."""

SEVERITIES: Mapping[str, str] = {
    "minor": _("Minor"),
    "moderate": _("Moderate"),
    "major": _("Major"),
    "critical": _("Critical"),
}
"""How bad it is for the customer, the least first."""

CHANNELS: Mapping[str, str] = {
    "mail": _("E-mail"),
    "form": _("Form"),
    "phone": _("Telephone"),
    "chat": _("Chat"),
    "api": _("Another system"),
    "visit": _("Visit"),
    "social": _("Social media"),
    "page": _("Page of the case"),
}
"""By what a case or a message came or went, with titles."""

INTERACTIONS: Mapping[str, tuple[str, str]] = {
    "mail": ("email", "email"),
    "form": ("service.message", "web"),
    "phone": ("call", "phone"),
    "chat": ("chat", "chat"),
    "api": ("service.message", "other"),
    "visit": ("visit", "in_person"),
    "social": ("social", "social"),
    "page": ("service.message", "web"),
}
"""The kind of interaction, and its channel, as which what is said by a channel is recorded."""

ANSWERED_BY: Mapping[str, str] = {"form": "mail", "page": "mail"}
"""By which channel an answer goes, where not by that of the case."""

DIRECTIONS: Mapping[str, str] = {"in": _("From the customer"), "out": _("To the customer"), "internal": _("Internal")}
"""Whither a message goes."""

DELIVERIES: Mapping[str, str] = {
    "none": _("Nothing to deliver"),
    "waiting": _("Waiting to be sent"),
    "sent": _("Sent"),
    "failed": _("Not delivered"),
}
"""How far the delivery of an answer is."""

EVENT_KINDS: Mapping[str, str] = {
    "opened": _("Opened"),
    "customer_message": _("The customer wrote"),
    "agent_message": _("Answered"),
    "auto_message": _("Answered by a machine"),
    "note": _("Note"),
    "state": _("State"),
    "priority": _("Priority"),
    "severity": _("Severity"),
    "type": _("Type"),
    "queue": _("Queue"),
    "owner": _("Owner"),
    "team": _("Team"),
    "intent": _("Intent"),
    "acknowledged": _("Acknowledged"),
    "merged": _("Merged"),
    "unanswered": _("A question came over"),
    "unmerged": _("Merge undone"),
    "split": _("Split"),
    "linked": _("Linked"),
    "unlinked": _("Link removed"),
    "escalated": _("Escalated"),
    "policy": _("Service level"),
    "rated": _("Rated"),
    "complaint": _("Complaint"),
    "after_sale": _("After-sale"),
    "about": _("Subject matter"),
}
"""What can happen to a case, with titles."""
