"""The words of monitors, with their titles."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_journey")

KINDS = {
    "stuck": _("Customers are stuck"),
    "failing": _("Too many fail"),
    "slow": _("It lags behind"),
    "dropping": _("Fewer reach the goal"),
    "dry": _("Nobody comes in any more"),
}
