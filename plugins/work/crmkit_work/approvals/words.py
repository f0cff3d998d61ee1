"""The words of approvals."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_work")

STATES = {
    "open": _("To be decided"),
    "approved": _("Approved"),
    "rejected": _("Rejected"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Not decided in time"),
    "run": _("Carried out"),
    "failed": _("Could not be carried out"),
}
"""What a request can be, with titles."""
ACTIONS = {
    "request": _("Asked"),
    "approve": _("Approved"),
    "reject": _("Rejected"),
    "withdraw": _("Withdrawn"),
    "expire": _("Not decided in time"),
    "skip": _("Not needed"),
    "run": _("Carried out"),
    "fail": _("Could not be carried out"),
    "retry": _("Tried again"),
}
"""What happens to a request, with titles."""
WHO = {
    "user": _("A user"),
    "role": _("Everybody with a role"),
    "team": _("Everybody of a team"),
    "lead": _("Who leads the team of whoever asks"),
    "owner_lead": _("Who leads the team of the customer's owner"),
}
"""Who can be asked in a step, with titles."""
NEEDS = {"any": _("One of them"), "all": _("All of them")}
"""How many have to agree, with titles."""
