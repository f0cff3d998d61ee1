"""The words of leads: their states, what is known of intent, ability and timing, and the fields that a form can ask.

Must not know databases.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmkit import texts

_ = texts("crmkit_sales")

STATES: Mapping[str, str] = {
    "new": _("New lead"),
    "working": _("Being worked on"),
    "marketing_qualified": _("Marketing qualified"),
    "offered": _("Offered to sales"),
    "accepted": _("Accepted by sales"),
    "rejected": _("Rejected by sales"),
    "recycled": _("Back to marketing"),
    "converted": _("Converted"),
    "disqualified": _("Disqualified"),
}
"""The states of a lead, with their titles."""
CLOSED = ("converted", "disqualified")
"""States in which nothing more is done with a lead; in all others it is open."""
EARLY = ("new", "working", "rejected", "recycled")
"""States in which marketing has a lead that is not qualified."""
TONES: Mapping[str, str] = {
    "new": "info",
    "marketing_qualified": "accent",
    "offered": "warn",
    "accepted": "good",
    "rejected": "bad",
    "converted": "good",
}

INTENTS: Mapping[str, str] = {
    "none": _("No intent"),
    "low": _("Little intent"),
    "medium": _("Some intent"),
    "high": _("Firm intent"),
}
ABILITIES: Mapping[str, str] = {
    "unknown": _("Budget not known"),
    "none": _("No budget"),
    "partly": _("Part of the budget"),
    "yes": _("Budget is there"),
}
TIMINGS: Mapping[str, str] = {
    "unknown": _("Not known when"),
    "now": _("Now"),
    "quarter": _("This quarter"),
    "year": _("This year"),
    "later": _("Later"),
}

SOURCE_KINDS: Mapping[str, str] = {
    "web": _("Website"),
    "event": _("Event"),
    "advertising": _("Advertising"),
    "referral": _("Referral"),
    "partner": _("Partner"),
    "outbound": _("Outbound"),
    "list": _("Bought list"),
    "other": _("Other source"),
}

CAUSES: Mapping[str, str] = {
    "opened": _("Came in"),
    "captured": _("Came in again"),
    "updated": _("Changed"),
    "worked": _("Work was begun"),
    "qualified": _("Qualified by marketing"),
    "offered": _("Offered"),
    "missed": _("Not answered in time"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
    "recycled": _("Back to marketing"),
    "converted": _("Converted"),
    "disqualified": _("Disqualified"),
}
"""What happened to a lead, with titles."""

FIELDS: Mapping[str, str] = {
    "name": _("Your name"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "company": _("Company"),
    "job_title": _("Job title"),
    "city": _("City"),
    "country": _("Country"),
    "need": _("What can we do for you?"),
    "budget": _("Is there a budget?"),
    "timing": _("When do you need it?"),
}
"""What a form can ask, with the questions."""
CHOICES: Mapping[str, Mapping[str, str]] = {"budget": ABILITIES, "timing": TIMINGS}
"""The questions that are answered by a choice."""
REACHED_BY = ("email", "phone")
"""By one of these a visitor can be reached again: a form asks for one of them at least."""

INQUIRY_STATES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "settled": _("Settled"),
    "suspect": _("Probably a machine"),
    "failed": _("Failed"),
}
WAYS: Mapping[str, str] = {"form": _("Form"), "api": _("Other system"), "import": _("Import")}
"""How an inquiry came in."""
