"""The words of promotions: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

KINDS = {
    "free": _("So many bought, so many free"),
    "percent": _("Percent off"),
    "amount": _("An amount off"),
}
STATES = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
OUTCOMES = {
    "given": _("Applies"),
    "code": _("Its code was not given"),
    "minimum": _("The order does not reach the amount"),
    "condition": _("The condition does not hold"),
    "nothing": _("Comes to nothing"),
    "group": _("Another promotion of the group gives more"),
    "stopped": _("An earlier promotion was the last one"),
    "period": _("Not valid on that day"),
    "used_up": _("It has been used as often as it may be"),
    "customer_used_up": _("The customer has used it as often as they may"),
}
