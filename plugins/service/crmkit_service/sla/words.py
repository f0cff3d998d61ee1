"""The words of service levels, and what is usual for each clock. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts
from crmkit.i18n import Text

_ = texts("crmkit_service")

CLOCKS: Mapping[str, Text] = {
    "acknowledgement": _("Acknowledgement"),
    "first_response": _("First response"),
    "next_response": _("Next response"),
    "update": _("Update"),
    "resolution": _("Resolution"),
}
"""The clocks that a policy for customers may have, in the order in which they are judged."""
STAYS: Mapping[str, Text] = {"ola": _("Own team"), "uc": _("Third party")}
"""The clocks of agreements with a team (OLA) and with a vendor (UC), by the kind of policy that has them."""
ALL_CLOCKS: Mapping[str, Text] = {**CLOCKS, **STAYS}
KINDS: Mapping[str, Text] = {
    "sla": _("With customers (SLA)"),
    "ola": _("With a team of ours (OLA)"),
    "uc": _("With a third party (UC)"),
}
"""With whom a policy is agreed."""
LEVELS: Mapping[str, Text] = {
    "contract": _("Contract of a customer"),
    "plan": _("Plan"),
    "priority": _("Priority"),
    "usual": _("Usual"),
}
"""How special a policy is; the most special one that fits a case holds for it."""
STATES: Mapping[str, Text] = {
    "running": _("Running"),
    "paused": _("Paused"),
    "met": _("Met"),
    "missed": _("Missed"),
    "cancelled": _("Cancelled"),
}
"""What a clock can be; one that runs and is past its deadline is overdue until it ends, and is missed then."""
UNMET = ("running", "paused")
"""States in which a clock is still to be met."""
PRIORITIES = ("urgent", "high", "normal", "low")
"""Priorities of cases, the most pressing first."""
CASE_STATES: Mapping[str, Text] = {
    "new": _("new"),
    "open": _("open"),
    "reopened": _("reopened"),
    "waiting_customer": _("waiting for the customer"),
    "waiting_third_party": _("waiting for a third party"),
    "on_hold": _("on hold"),
    "resolved": _("resolved"),
    "closed": _("closed"),
    "merged": _("merged"),
    "spam": _("spam"),
}
"""States of cases, as they are named within a sentence."""
TRIGGERS: Mapping[str, Text] = {
    "opened": _("the case was opened"),
    "customer_message": _("the customer wrote"),
    "agent_message": _("somebody answered"),
    "note": _("a note was written"),
    "acknowledged": _("receipt was acknowledged"),
    "reopened": _("the case was reopened"),
    "restored": _("the case was no longer spam or merged"),
    "owner": _("it got another owner"),
    "queue": _("it came to another queue"),
    "team": _("it came to another team"),
    "rated": _("the customer rated it"),
    **{name: _("the case was set to this state") for name in CASE_STATES if name != "reopened"},
}
"""What can start, stop or reset a clock: a kind of event, or a state that the case comes to."""
AROUND_THE_CLOCK = "always"
"""The name of the calendar of which every second counts."""
