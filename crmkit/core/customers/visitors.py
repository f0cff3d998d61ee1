"""Which customer a visitor sees: the one whose link was followed, and no other.

Records about customers follow, as they are seen by whoever sees their customer. Must not know links.
"""

from __future__ import annotations

from typing import Any, cast

from crmkit.core.customers.models import Customer
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard.conditions import SUBJECT, parameter
from crmkit.hooks.contributions import AccessRule
from crmkit.i18n import texts

_ = texts("crmkit")


def visitor_rules(actor: Actor, action: str, resource: str) -> list[AccessRule]:
    """Return the record rule by which a visitor reaches no customer but one; adding a customer is a matter of rights
    alone."""
    if actor.kind != "public" or resource != "customer" or action == "create":
        return []
    table = cast(Any, Customer).__table__
    return [AccessRule(effect="deny", reason=_("A visitor sees nobody else."), where=table.c.id != parameter(SUBJECT))]
