"""Who sees a free customer, and who may claim it: the members of the team whose pool it is in.

The customer itself can be read, so that one knows whom one claims; to change it one has to hold it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, select

from crmkit import AccessRule, Actor, Customer, Id, TeamMember, texts
from crmkit_sales.pool.models import Holding, Pool

_ = texts("crmkit_sales")

REASON = _("The customer is free in a pool of one's team.")


# Who acts is a parameter of every statement: one compiled statement serves everybody.
_TEAMS = select(TeamMember.team_id).where(TeamMember.user_id == bindparam("crmkit_user", type_=Id()))
_POOLS = select(Pool.id).where(Pool.active.is_(True), Pool.team_id.in_(_TEAMS))


def _free() -> ColumnElement[bool]:
    return (Holding.state == "free") & Holding.pool_id.in_(_POOLS)


_HOLDING = [AccessRule(effect="allow", where=_free(), reason=REASON)]
_CUSTOMER = [
    AccessRule(effect="allow", where=Customer.id.in_(select(Holding.customer_id).where(_free())), reason=REASON)
]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Let the members of a pool's team read and claim who is free in it."""
    if actor.user_id is None:
        return None
    # To claim is to update, and to give back is to put it there, once the operation has let one in.
    if resource == "sales.holding" and action in ("read", "claim", "update", "create"):
        return _HOLDING
    if resource == "customer" and action == "read":
        return _CUSTOMER
    return None
