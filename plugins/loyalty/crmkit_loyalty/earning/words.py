"""The words of rules: values that are stored, with the titles that people read."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_loyalty")

SET_STATES = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
SCOPES = {"order": _("The whole"), "line": _("Each line")}
MODES = {"add": _("Adds points"), "multiply": _("Adds a part of what was earned so far")}
ROUNDINGS = {"down": _("Down"), "half_up": _("Half up"), "up": _("Up")}
OUTCOMES = {
    "given": _("Gave points"),
    "condition": _("The condition does not hold"),
    "nothing": _("Comes to nothing"),
    "group": _("Another rule of the group gives more"),
    "stopped": _("An earlier rule was the last one"),
    "cap": _("The limit has been reached"),
    "period": _("Not valid on that day"),
    "kind": _("For something else"),
}
