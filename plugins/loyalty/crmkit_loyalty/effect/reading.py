"""What customers of both groups bought, what their points cost, and how much a programme is used. Must not change
anything, nor know how differences are told from chance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import CrmkitError, CrmSession, Interaction
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson
from crmkit_loyalty.earning.happening import base_minor
from crmkit_loyalty.effect.comparing import Effect, Spent, effect_of
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.programs.models import Draw, Member, Program
from crmkit_loyalty.programs.money import digits_of

BOUGHT, BACK = "purchase", "refund"


@frozen(kw_only=True)
class Drawn:
    """When a customer drew the lot, which, and at which share."""

    at: datetime
    held_out: bool
    percent: int


@frozen(kw_only=True)
class Usage:
    """How a programme was used within days. ``active`` is the share of their accounts that earned or spent something,
    ``redeemed`` how many points of those given out in the same days were redeemed (None where none were given out)."""

    members: int
    active: Estimate
    issued: int
    spent: int

    @property
    def redeemed(self) -> float | None:
        """Return points spent for each point given out."""
        return self.spent / self.issued if self.issued else None


def program_effect(session: CrmSession, program: Program, days: int, margin: int = 0) -> Effect:
    """Return what a programme brings within so many days after customers drew their lots; those count for whom the days
    are over. Amounts without an exchange rate are left out of both groups."""
    now = session.gate.clock.business_now()
    span = timedelta(days=days)
    drawn = {id_: each for id_, each in _drawn(session, program).items() if each.at + span <= now}
    spent = dict.fromkeys(drawn, 0)
    for customer_id, kind, at, amount in _amounts(session, program):
        known = drawn.get(customer_id)
        if known is not None and known.at < at < known.at + span:
            spent[customer_id] += amount if kind == BOUGHT else -amount
    costs = _costs(session, program, drawn, span)
    return effect_of(
        [
            Spent(
                stratum=each.percent,
                held_out=each.held_out,
                revenue=float(spent[id_]),
                cost=float(costs.get(id_, 0)),
            )
            for id_, each in drawn.items()
        ],
        days,
        margin=margin,
    )


def usage_of(session: CrmSession, program: Program, first: date, last: date) -> Usage:
    """Return how a programme was used from one day through another one, of the company's zone."""
    zone = session.business().zone
    begin, end = start_of(first, zone), start_of(last + timedelta(days=1), zone)
    here = (
        Member.program_id == program.id,
        Member.joined_at < end,
        (Member.left_at.is_(None)) | (Member.left_at >= begin),
    )
    members = session.scalars(select(func.count(func.distinct(Member.customer_id))).where(*here)).one()
    moved = select(Transaction.account_id).where(
        Transaction.program_id == program.id,
        Transaction.at >= begin,
        Transaction.at < end,
        Transaction.kind.in_(("earn", "spend", "capture")),
    )
    # By account: of those who share one, nobody knows who did what.
    accounts = select(func.count(func.distinct(Member.account_id))).where(*here)
    active, every = (session.scalars(query).one() for query in (accounts.where(Member.account_id.in_(moved)), accounts))
    query = (
        select(Posting.side, func.sum(Posting.points))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(
            Transaction.program_id == program.id,
            Transaction.at >= begin,
            Transaction.at < end,
            Transaction.kind != "transfer",
            Posting.side.in_(("issued", "redeemed")),
        )
        .group_by(Posting.side)
    )
    sums = {side: int(points) for side, points in session.execute(query)}
    return Usage(
        members=members,
        active=wilson(active, every),
        issued=-sums.get("issued", 0),
        spent=sums.get("redeemed", 0),
    )


def _drawn(session: CrmSession, program: Program) -> dict[UUID, Drawn]:
    """Return the lots of a programme; of a customer with several the first one counts."""
    query = select(Draw.customer_id, Draw.at, Draw.held_out, Draw.percent).where(Draw.program_id == program.id)
    found: dict[UUID, Drawn] = {}
    for customer_id, at, held, percent in session.execute(query.order_by(Draw.recorded_at, Draw.id)):
        found.setdefault(customer_id, Drawn(at=at, held_out=held, percent=percent))
    return found


def _amounts(session: CrmSession, program: Program) -> Iterator[tuple[UUID, str, datetime, int]]:
    """Return purchases and refunds that count of customers who drew, in minor units of the base currency."""
    gone = aliased(Interaction)
    since = session.scalar(select(func.min(Draw.at)).where(Draw.program_id == program.id))
    if since is None:
        return
    query = select(
        Interaction.customer_id,
        Interaction.kind,
        Interaction.occurred_at,
        Interaction.amount_minor,
        Interaction.currency,
    ).where(
        Interaction.kind.in_((BOUGHT, BACK)),
        Interaction.occurred_at >= since,
        Interaction.customer_id.in_(select(Draw.customer_id).where(Draw.program_id == program.id)),
        Interaction.amount_minor.is_not(None),
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
    )
    business = session.business()
    zone = ZoneInfo(business.zone)
    for customer_id, kind, at, amount, currency in session.execute(query).all():
        if customer_id is None or amount is None:
            continue
        try:
            minor = amount if currency == business.base_currency else base_minor(
                session, int(amount), currency, at.astimezone(zone).date()
            )  # fmt: skip
        except CrmkitError:
            continue
        yield customer_id, kind, at, int(minor)


def _costs(session: CrmSession, program: Program, drawn: dict[UUID, Drawn], span: timedelta) -> dict[UUID, Decimal]:
    """Return what the points cost that each customer redeemed within the days, in minor units: whoever was held out and
    taken in by hand redeems, too."""
    query = (
        select(Posting.customer_id, Transaction.at, Posting.points, Lot.unit_cost)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .join(Lot, Lot.id == Posting.lot_id)
        .where(Transaction.program_id == program.id, Posting.side == "redeemed")
    )
    digits = digits_of(session)
    found: dict[UUID, Decimal] = {}
    for customer_id, at, points, unit_cost in session.execute(query).all():
        known = drawn.get(customer_id)
        if known is not None and known.at <= at < known.at + span:
            found[customer_id] = found.get(customer_id, Decimal(0)) + (points * unit_cost).scaleb(digits)
    return found
