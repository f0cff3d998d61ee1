"""What each change of a customer in a pool has in common: its state, its owner, the log, and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_sales.pool.events import PoolClaimed, PoolReturned
from crmkit_sales.pool.models import Holding, HoldingMove, Pool


def note(session: CrmSession, holding: Holding, what: str, *, user_id: UUID | None = None, reason: str = "") -> None:
    """Write down what happened to a customer in a pool."""
    session.add(
        HoldingMove(
            customer_id=holding.customer_id,
            pool_id=holding.pool_id,
            what=what,
            user_id=user_id,
            team_id=holding.team_id,
            reason=reason or None,
            at=session.gate.clock.business_now(),
        )
    )


def locked(session: CrmSession, holding: Holding) -> Pool:
    """Return the pool of a customer, with both rows locked, so that two who claim at once are told apart."""
    pool = session.scalars(select(Pool).where(Pool.id == holding.pool_id).with_for_update()).one()
    session.refresh(holding, with_for_update=True)
    return pool


def hold(session: CrmSession, holding: Holding, pool: Pool, user_id: UUID, what: str) -> None:
    """Give a customer to somebody, protected for as long as the pool says."""
    now = session.gate.clock.business_now()
    holding.owner_id, holding.team_id = user_id, pool.team_id
    holding.state, holding.since, holding.warned_for = "held", now, None
    holding.protected_until = protection(pool, now)
    note(session, holding, what, user_id=user_id)
    session.emit(PoolClaimed(customer_id=holding.customer_id, pool_id=pool.id, user_id=user_id))


def free(session: CrmSession, holding: Holding, what: str, *, reason: str = "") -> None:
    """Put a customer back among those whom anybody may claim."""
    lost = holding.owner_id
    holding.owner_id = None
    holding.state, holding.since = "free", session.gate.clock.business_now()
    holding.protected_until = holding.warned_for = None
    note(session, holding, what, user_id=lost, reason=reason)
    session.emit(
        PoolReturned(customer_id=holding.customer_id, pool_id=holding.pool_id, user_id=lost, what=what),
    )


def protection(pool: Pool, now: datetime) -> datetime | None:
    """Return until when somebody who gets a customer now has it for sure."""
    return now + timedelta(days=pool.protection_days) if pool.protection_days else None
