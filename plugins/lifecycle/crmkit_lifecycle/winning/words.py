"""The words of keeping and winning back. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_lifecycle")

PURPOSES = {"retention": _("Keep"), "winback": _("Win back")}
STATES = {
    "open": _("Under way"),
    "won": _("Succeeded"),
    "failed": _("Ran out"),
    "stopped": _("Stopped"),
}
ARMS = {"treated": _("Treated"), "control": _("Control group")}
