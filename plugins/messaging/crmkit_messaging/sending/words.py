"""The words of this room: states, reasons, what caps count over. Titles only; must not decide anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmkit import texts

_ = texts("crmkit_messaging")

EVERY = "*"
"""Stands for every channel, or every purpose that caps count."""

STATES = {
    "waiting": _("Waiting"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "refused": _("Refused"),
    "failed": _("Failed"),
    "uncertain": _("Uncertain"),
    "cancelled": _("Cancelled"),
}
"""What a message can be, with titles."""

REASONS: Mapping[str, str] = {
    # later
    "not_before": _("It is not to leave earlier."),
    "quiet_hours": _("It is the customer's quiet time."),
    "capped": _("The customer has had as many messages as it is to get for now."),
    "busy": _("The other side has asked to be tried again later."),
    "not_ready": _("It could not be made ready: error {code}."),
    # never
    "customer_gone": _("The customer is deleted or gone."),
    "no_channel": _("No channel reaches the customer."),
    "no_contact_point": _("The customer has no contact point for this channel."),
    "suppressed": _("The address is suppressed: {suppression}"),
    "no_consent": _("The customer has not agreed to this purpose."),
    "withdrawn": _("The customer has withdrawn its consent."),
    "consent_expired": _("The consent has expired."),
    "expired": _("It would have been too late."),
    "always_quiet": _("The quiet hours leave no time at all."),
    "cap_of_none": _("A cap lets no such message through."),
    # afterwards
    "no_carrier": _("Nothing carries messages of this channel."),
    "carrier_refused": _("The other side has refused it."),
    "bounced": _("There is no such address."),
    "too_many_attempts": _("It was tried too often."),
    "file_gone": _("A file that belongs to it is gone."),
    "unknown_end": _("It was being handed over when something broke off: nobody knows whether it has left."),
    "by_person": _("Somebody has decided so."),
}
"""Why a message waits, was refused or has failed, by code; ``{…}`` are filled from the values beside the code."""

SHORT: Mapping[str, str] = {
    **REASONS,
    "suppressed": _("The address is suppressed."),
    "not_ready": _("It could not be made ready."),
}
"""The reasons without what is particular about one message."""

HAPPENED = {
    "waiting": _("A message waits"),
    "sending": _("A message is being sent"),
    "sent": _("A message was sent"),
    "refused": _("A message was refused"),
    "failed": _("A message could not be delivered"),
    "uncertain": _("A message may have left or not"),
    "cancelled": _("A message was cancelled"),
}
"""The same states as what happened."""

PER = {"day": _("A calendar day"), "week": _("A calendar week"), "month": _("A calendar month"), "hours": _("Hours")}
"""Over what a cap counts, with titles."""

SUPPRESSIONS = {
    "hard_bounce": _("There is no such address"),
    "soft_bounces": _("Too many messages came back"),
    "complaint": _("The recipient has complained"),
    "unsubscribed": _("The recipient wants nothing more"),
    "manual": _("Suppressed by hand"),
}
"""Why an address is suppressed, with titles."""
OF_ADDRESS = frozenset({"hard_bounce", "soft_bounces"})
"""The reasons that are about an address; all others are about whom it belongs to."""

KINDS = {"email": _("E-mail"), "phone": _("Telephone"), "social": _("Social media"), "address": _("Postal address")}
"""The kinds of contact point that can be suppressed, with titles."""

DAYS = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
"""The days of the week, with titles."""


def day_numbers(days: Iterable[str]) -> frozenset[int]:
    """Return the numbers of days of the week, 0 for Monday."""
    order = list(DAYS)
    return frozenset(order.index(day) for day in days)
