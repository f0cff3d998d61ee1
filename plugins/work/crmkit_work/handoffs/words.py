"""The words of hand-offs: what can become of one, and what goes over with it."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_work")

STATES = {
    "offered": _("Offered"),
    "accepted": _("Accepted"),
    "declined": _("Declined"),
    "returned": _("Returned"),
    "expired": _("Not accepted in time"),
    "done": _("Done"),
    "withdrawn": _("Withdrawn"),
}
"""What a hand-off can be, with titles."""
WAITING = ("offered", "expired")
"""The states in which it waits for the receiving side: what comes late still comes."""
OPEN = (*WAITING, "accepted")
"""The states in which somebody still has to do with it."""
ACTIONS = {
    "offer": _("Offered"),
    "accept": _("Accepted"),
    "decline": _("Declined"),
    "return": _("Returned"),
    "expire": _("Not accepted in time"),
    "finish": _("Done"),
    "withdraw": _("Withdrawn"),
    "transfer": _("Handed over"),
    "fail": _("Could not be handed over"),
}
"""What happens to a hand-off, with titles."""
HANDED = {
    "nothing": _("Nothing but this request"),
    "share": _("The customer is shared with the receiving side"),
    "customer": _("The customer goes over to the receiving side"),
}
"""What of the customer goes over on acceptance, with titles."""
