"""The models of attribution, with the titles that people read."""

from __future__ import annotations

from typing import Literal

from crmkit import texts

_ = texts("crmkit_journey")

ModelName = Literal["first", "last", "linear", "position", "decay", "markov", "shapley"]
MODELS = {
    "first": _("First touch"),
    "last": _("Last touch"),
    "linear": _("Linear"),
    "position": _("By position"),
    "decay": _("Time decay"),
    "markov": _("Markov chain"),
    "shapley": _("Shapley value"),
}
By = Literal["channel", "kind"]
BY = {"channel": _("Channel"), "kind": _("Kind")}
Way = Literal["any", "in", "out"]
WAYS = {"any": _("Any direction"), "in": _("From the customer"), "out": _("To the customer")}
