"""The words of asking. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_feedback")

WAYS = {
    "mail": _("Mail"),
    "sms": _("Text message"),
    "phone": _("Call list"),
    "link": _("Link or QR code"),
}
"""By what way a distribution asks."""

DISTRIBUTION_STATES = {
    "draft": _("Draft"),
    "running": _("Running"),
    "paused": _("Paused"),
    "ended": _("Ended"),
}

INVITATION_STATES = {
    "planned": _("Planned"),
    "sent": _("Sent"),
    "opened": _("Opened"),
    "started": _("Begun"),
    "completed": _("Answered"),
    "declined": _("Declined"),
    "expired": _("Expired"),
    "failed": _("Not delivered"),
    "withheld": _("Not asked"),
}
"""States of an invitation; ``withheld`` has the reason for which somebody was not asked."""

WITHHELD = {
    "sampled_out": _("Not in the sample"),
    "quota": _("The quota was full"),
    "resting": _("Was asked by a survey not long ago"),
    "no_consent": _("Has not allowed it"),
    "no_address": _("Has no address for it"),
    "suppressed": _("The address is suppressed"),
    "held_out": _("Held out for comparison"),
    "rule": _("A rule of the survey"),
}
"""Why somebody was not asked."""

CALL_OUTCOMES = {
    "reached": _("Customer reached"),
    "no_answer": _("No answer"),
    "busy": _("Busy"),
    "call_back": _("Call back later"),
    "refused": _("Refused"),
    "wrong_number": _("Wrong number"),
}
"""What came of a call."""
