"""The words of channels: kinds of them, by what somebody came in, what became of it, what a form may ask.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from crmkit import texts

_ = texts("crmkit_service")

ChannelKind = Literal["mail", "form"]
FormField = Literal["name", "email", "phone", "subject", "text", "product", "order"]

CHANNEL_KINDS: Mapping[str, str] = {"mail": _("E-mail"), "form": _("Form")}
"""What a channel that is set up can be, with titles."""

WAYS: Mapping[str, str] = {"mail": _("E-mail"), "form": _("Form"), "api": _("Another system")}
"""By what something came in, with titles."""

INTAKE_STATES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "settled": _("In a case"),
    "left": _("No case"),
    "suspect": _("Sent by a machine"),
    "failed": _("Failed"),
}
"""What became of something that came in, with titles."""

LEFT: Mapping[str, str] = {
    "automatic": _("A machine wrote it, or it went to many."),
    "report": _("A server reports on a mail of ours."),
    "spam": _("It was marked as spam on its way, or came from somebody whose cases are spam."),
    "loop": _("Too much came from the same sender within an hour."),
    "unknown": _("It is not known who sent it."),
    "inactive": _("The channel is not active."),
}
"""Why something that came in went into no case, or waits, with texts."""

FIELDS: Mapping[str, str] = {
    "name": _("Your name"),
    "email": _("Your e-mail address"),
    "phone": _("Your telephone number"),
    "subject": _("What is it about?"),
    "text": _("What has happened?"),
    "product": _("Product"),
    "order": _("Number of your order or invoice"),
}
"""What a form may ask, with the words that a visitor reads."""
REACHED_BY = ("email", "phone")
"""What somebody can be answered by."""

SCORES: Mapping[int, str] = {
    5: _("Very satisfied"),
    4: _("Satisfied"),
    3: _("Neither nor"),
    2: _("Dissatisfied"),
    1: _("Very dissatisfied"),
}
"""What a customer may answer to the question how satisfied they are, the best first."""
SATISFIED = 4
"""From this score on a customer counts as satisfied."""

DEFLECTIONS: Mapping[str, str] = {"shown": _("Something was shown"), "sent": _("The form was sent")}
"""What becomes of a visit to a form that suggests answers, with titles."""
