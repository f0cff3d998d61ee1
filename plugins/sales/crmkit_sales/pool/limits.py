"""How many customers somebody may still claim from a pool, and whether one of them again. Must not change anything."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, texts
from crmkit_sales.pool.errors import PoolLimitReached, StillCooling
from crmkit_sales.pool.models import Holding, HoldingMove, Pool
from crmkit_sales.pool.terms import cooling_until
from crmkit_sales.pool.words import RECYCLED

_ = texts("crmkit_sales")


@frozen(kw_only=True)
class Allowance:
    """What somebody has claimed today and holds now, beside what the pool allows; None allows any number."""

    claimed: int
    per_day: int | None
    held: int
    cap: int | None

    @property
    def left(self) -> int | None:
        """How many more can be claimed now; None for any number."""
        over = [most - used for most, used in ((self.per_day, self.claimed), (self.cap, self.held)) if most is not None]
        return max(0, min(over)) if over else None


def allowance(session: CrmSession, pool: Pool, user_id: UUID) -> Allowance:
    """Return what somebody may still claim; a day begins at midnight in the company's zone."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    start = datetime.combine(session.today(), time(), tzinfo=zone)
    claimed = session.scalar(
        select(func.count(HoldingMove.id)).where(
            HoldingMove.pool_id == pool.id,
            HoldingMove.user_id == user_id,
            HoldingMove.what == "claimed",
            HoldingMove.at >= start,
        )
    )
    held = session.scalar(
        select(func.count(Holding.id)).where(
            Holding.pool_id == pool.id, Holding.owner_id == user_id, Holding.state != "free"
        )
    )
    return Allowance(claimed=claimed or 0, per_day=pool.claims_per_day, held=held or 0, cap=pool.holding_cap)


def check_claim(session: CrmSession, pool: Pool, holding: Holding, user_id: UUID) -> None:
    """Return when somebody may claim a customer. Raises PoolLimitReached, StillCooling."""
    found = allowance(session, pool, user_id)
    if found.per_day is not None and found.claimed >= found.per_day:
        raise PoolLimitReached(
            _('{number} customers a day may be claimed from "{pool}".'),
            fix=_("Claim it tomorrow, or ask a manager to assign it."),
            number=found.per_day,
            pool=pool.title,
        )
    if found.cap is not None and found.held >= found.cap:
        raise PoolLimitReached(
            _('{number} customers of "{pool}" may be held at a time.'),
            fix=_("Give one back first."),
            number=found.cap,
            pool=pool.title,
        )
    lost_at = session.scalar(
        select(func.max(HoldingMove.at)).where(
            HoldingMove.customer_id == holding.customer_id,
            HoldingMove.user_id == user_id,
            HoldingMove.what.in_(("released", *RECYCLED)),
        )
    )
    until = cooling_until(pool.cooldown_days, lost_at, session.gate.clock.business_now())
    if until is not None:
        zone = ZoneInfo(session.crm.config.get(session).zone)
        raise StillCooling(
            _("You had this customer. You can claim it again on {day}."),
            fix=_("A colleague can claim it now, or a manager can assign it."),
            day=until.astimezone(zone).date(),
        )
