"""What people do with customers in pools: claim, give back, assign, protect and lock them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from crmkit import Conflict, CrmSession, Input, Refused, operation, texts
from crmkit_sales.pool.errors import NotFree
from crmkit_sales.pool.keeping import free, hold, locked, note
from crmkit_sales.pool.limits import check_claim
from crmkit_sales.pool.models import Holding

_ = texts("crmkit_sales")

Why = Annotated[str, Input(title=_("Reason"), max_length=500, multiline=True)]


@operation("sales.holding.claim", title=_("Claim"), effect="update")
def claim(session: CrmSession, holding: Holding) -> Holding:
    """Take a free customer as one's own. Raises NotFree when somebody was quicker, PoolLimitReached, StillCooling."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user can claim a customer."))
    pool = locked(session, holding)
    if holding.state != "free":
        raise NotFree(_("This customer is not free any more."), fix=_("Look into the pool again."))
    check_claim(session, pool, holding, user_id)
    session.run("customer.assign", {"owner_id": user_id, "team_id": pool.team_id}, target=holding.customer_id)
    hold(session, holding, pool, user_id, "claimed")
    return holding


@operation("sales.holding.release", title=_("Give back to the pool"), effect="update")
def release(session: CrmSession, holding: Holding, *, reason: Why) -> Holding:
    """Give a customer back to its pool, with the reason. Raises Conflict when nobody holds it, Refused when it is
    another's."""
    locked(session, holding)
    if holding.state != "held":
        raise Conflict(_("Nobody holds this customer."))
    rights = session.guarding.rights
    if holding.owner_id != rights.user_id and rights.scope("sales.holding", "assign") == "none":
        raise Refused(_("Somebody else holds this customer."))
    free(session, holding, "released", reason=reason)
    session.run("customer.assign", {"owner_id": None}, target=holding.customer_id)
    return holding


@operation("sales.holding.assign", title=_("Assign out of the pool"), effect="update")
def assign(
    session: CrmSession,
    holding: Holding,
    *,
    user_id: Annotated[UUID, Input(title=_("To"), resource="user", classified="internal")],
) -> Holding:
    """Give a customer to somebody, whatever limits claims have. Raises InvalidInput for nobody active."""
    pool = locked(session, holding)
    session.run("customer.assign", {"owner_id": user_id, "team_id": pool.team_id}, target=holding.customer_id)
    hold(session, holding, pool, user_id, "assigned")
    return holding


@operation("sales.holding.protect", title=_("Protect longer"), permission="sales.holding.assign", effect="update")
def protect(
    session: CrmSession,
    holding: Holding,
    *,
    days: Annotated[int, Input(title=_("Days"), minimum=1, maximum=730, classified="internal")],
    reason: Why | None = None,
) -> Holding:
    """Keep a held customer from going back by itself for some days from now. Raises Conflict when nobody holds it."""
    locked(session, holding)
    if holding.state != "held":
        raise Conflict(_("Nobody holds this customer."))
    holding.protected_until = session.gate.clock.business_now() + timedelta(days=days)
    holding.warned_for = None
    note(session, holding, "protected", user_id=holding.owner_id, reason=reason or "")
    return holding


@operation("sales.holding.lock", title=_("Lock"), permission="sales.holding.assign", effect="update")
def lock(session: CrmSession, holding: Holding, *, reason: Why) -> Holding:
    """Keep a customer as it is: nobody can claim it, nor does it go back by itself. Raises Conflict when it is
    locked."""
    locked(session, holding)
    if holding.state == "locked":
        raise Conflict(_("The customer is locked."))
    holding.state = "locked"
    note(session, holding, "locked", user_id=holding.owner_id, reason=reason)
    return holding


@operation("sales.holding.unlock", title=_("Unlock"), permission="sales.holding.assign", effect="update")
def unlock(session: CrmSession, holding: Holding) -> Holding:
    """Let a locked customer be claimed again, or be held by its owner from today. Raises Conflict when it is not
    locked."""
    locked(session, holding)
    if holding.state != "locked":
        raise Conflict(_("The customer is not locked."))
    holding.state = "free" if holding.owner_id is None else "held"
    holding.since = session.gate.clock.business_now()
    holding.protected_until = None
    note(session, holding, "unlocked", user_id=holding.owner_id)
    return holding


OPERATIONS = [claim, release, assign, protect, lock, unlock]
