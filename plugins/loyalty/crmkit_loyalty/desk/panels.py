"""What loyalty adds where a customer is shown: what they have, which tier, what expires; and what happened to it in the
timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Panel, TimelineEntry, texts
from crmkit_loyalty.desk.common import MEMBER
from crmkit_loyalty.ledger.models import Balance, Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import OWN
from crmkit_loyalty.programs.models import Account, Member, PointType, Program
from crmkit_loyalty.rewards.models import Redemption, Reward
from crmkit_loyalty.tiers.models import MemberTier, Tier, TierChange

_ = texts("crmkit_loyalty")

MOVED = {
    "earn": _("Points earned"),
    "spend": _("Points spent"),
    "capture": _("Points spent"),
    "expire": _("Points expired"),
    "claw_back": _("Points taken back"),
    "give_back": _("Points given back"),
    "transfer": _("Points passed on"),
    "adjust": _("Points changed by hand"),
}
"""What stands in the timeline, by the kind of movement; waiting and reservations are left out."""
CHANGED = _("Loyalty tier")
REDEEMED = _("Reward redeemed")


@frozen(kw_only=True)
class Here:
    """How customers take part: their memberships with programme, their open accounts by customer and programme, and the
    kinds of points that can be spent by programme."""

    members: Sequence[tuple[Member, Program]]
    accounts: Mapping[tuple[UUID, UUID], set[UUID]]
    kinds: Mapping[UUID, Sequence[PointType]]


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return for each customer and programme what they can spend, their tier, and what expires next."""
    here = _here(session, customer_ids)
    ids = {account for accounts in here.accounts.values() for account in accounts}
    balances, expiring = _balances(session, ids), _expiring(session, ids)
    held = select(MemberTier, Tier).join(Tier, Tier.id == MemberTier.tier_id)
    tiers = {
        got.member_id: tier
        for got, tier in session.execute(held.where(MemberTier.member_id.in_([each.id for each, _p in here.members])))
    }
    zone, now = ZoneInfo(session.business().zone), session.gate.clock.business_now()
    panels: dict[tuple[UUID, UUID], Panel] = {}
    for member, program in here.members:
        key = member.customer_id, program.id
        if key in panels:
            continue
        said: list[tuple[str, str]] = []
        if member.id in tiers:
            said.append((_("Tier"), tiers[member.id].title))
        for kind in here.kinds.get(program.id, ()):
            places = [(account, kind.id) for account in here.accounts.get(key, ())]
            lots = sorted((at, left) for place in places for at, left in expiring.get(place, ()))
            over = sum(left for at, left in lots if at <= now)
            said.append((kind.title, f"{sum(balances.get(place, (0, 0))[0] for place in places) - over:,}"))
            waiting = sum(balances.get(place, (0, 0))[1] for place in places)
            if waiting:
                said.append((_("Waiting"), f"{waiting:,}"))
            first = next((at for at, _left in lots if at > now), None)
            if first is not None:
                points = sum(left for at, left in lots if at == first)
                said.append((_("Expire next"), f"{points:,} · {first.astimezone(zone):%Y-%m-%d}"))
        panels[key] = Panel(
            customer_id=member.customer_id,
            title=_("Loyalty"),
            rows=said,
            path=f"{MEMBER}?id={member.id}",
            link=program.title,
        )
    return list(panels.values())


def _here(session: CrmSession, customer_ids: Sequence[UUID]) -> Here:
    query = (
        select(Member, Program, Account)
        .join(Program, Program.id == Member.program_id)
        .join(Account, Account.id == Member.account_id)
        .where(Member.customer_id.in_(customer_ids), Member.left_at.is_(None))
        .order_by(Member.joined_at, Member.id)
    )
    members: list[tuple[Member, Program]] = []
    accounts: dict[tuple[UUID, UUID], set[UUID]] = {}
    for member, program, account in session.execute(query):
        members.append((member, program))
        if account.state == "open":
            accounts.setdefault((member.customer_id, program.id), set()).add(account.id)
    kinds: dict[UUID, list[PointType]] = {}
    spendable = select(PointType).where(
        PointType.program_id.in_({program.id for _m, program in members}),
        PointType.spendable.is_(True),
        PointType.active.is_(True),
    )
    for kind in session.scalars(spendable.order_by(PointType.created_at, PointType.id)):
        kinds.setdefault(kind.program_id, []).append(kind)
    return Here(members=members, accounts=accounts, kinds=kinds)


def _balances(session: CrmSession, accounts: Collection[UUID]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """Return how many points can be spent and how many wait, by account and kind."""
    query = select(Balance.account_id, Balance.type_id, Balance.available, Balance.pending)
    rows = session.execute(query.where(Balance.account_id.in_(accounts)))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _expiring(session: CrmSession, accounts: Collection[UUID]) -> dict[tuple[UUID, UUID], list[tuple[datetime, int]]]:
    """Return what is left of lots that expire, with when, by account and kind."""
    query = select(Lot.account_id, Lot.type_id, Lot.expires_at, Lot.left).where(
        Lot.account_id.in_(accounts), Lot.left > 0, Lot.released_at.is_not(None), Lot.expires_at.is_not(None)
    )
    found: dict[tuple[UUID, UUID], list[tuple[datetime, int]]] = {}
    for account_id, type_id, at, left in session.execute(query):
        if at is not None:
            found.setdefault((account_id, type_id), []).append((at, left))
    return found


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return how points of customers moved, how their tiers changed and what they redeemed, within the half-open
    span."""
    return sorted(
        [
            *_moved(session, customer_ids, since, until),
            *_changed(session, customer_ids, since, until),
            *_redeemed(session, customer_ids, since, until),
        ],
        key=lambda entry: entry.occurred_at,
    )


def _moved(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    query = (
        select(Transaction, Posting, PointType)
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(PointType, PointType.id == Posting.type_id)
        .where(
            Transaction.customer_id.in_(customer_ids),
            Transaction.kind.in_(MOVED),
            Posting.side.in_(OWN),
            # A reward that was redeemed stands there itself.
            Transaction.id.not_in(select(Redemption.transaction_id).where(Redemption.customer_id.in_(customer_ids))),
        )
        .order_by(Transaction.at, Transaction.id, Posting.line_no)
    )
    if since is not None:
        query = query.where(Transaction.at >= since)
    if until is not None:
        query = query.where(Transaction.at < until)
    sums: dict[tuple[UUID, UUID], tuple[Transaction, PointType, int]] = {}
    for transaction, posting, kind in session.execute(query):
        if posting.account_id != transaction.account_id and transaction.kind == "transfer":
            continue
        _t, _k, before = sums.get((transaction.id, kind.id), (transaction, kind, 0))
        sums[transaction.id, kind.id] = transaction, kind, before + posting.points
    return [
        TimelineEntry(
            customer_id=transaction.customer_id,
            occurred_at=transaction.at,
            kind=f"loyalty.points.{transaction.kind}",
            title=MOVED[transaction.kind],
            summary=f"{points:+,} {kind.title}" + (f" · {transaction.reason}" if transaction.reason else ""),
            ref=f"loyalty.transaction:{transaction.id}",
        )
        for transaction, kind, points in sums.values()
        if points
    ]


def _changed(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    query = (
        select(TierChange, Tier)
        .join(Tier, (Tier.program_id == TierChange.program_id) & (Tier.name == TierChange.after))
        .where(TierChange.customer_id.in_(customer_ids))
        .order_by(TierChange.at, TierChange.id)
    )
    if since is not None:
        query = query.where(TierChange.at >= since)
    if until is not None:
        query = query.where(TierChange.at < until)
    return [
        TimelineEntry(
            customer_id=change.customer_id,
            occurred_at=change.at,
            kind="loyalty.tier.changed",
            title=CHANGED,
            summary=tier.title,
            ref=f"loyalty.tier_change:{change.id}",
        )
        for change, tier in session.execute(query)
        if change.before != change.after
    ]


def _redeemed(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    query = (
        select(Redemption, Reward)
        .join(Reward, Reward.id == Redemption.reward_id)
        .where(Redemption.customer_id.in_(customer_ids))
        .order_by(Redemption.redeemed_at, Redemption.id)
    )
    if since is not None:
        query = query.where(Redemption.redeemed_at >= since)
    if until is not None:
        query = query.where(Redemption.redeemed_at < until)
    return [
        TimelineEntry(
            customer_id=redemption.customer_id,
            occurred_at=redemption.redeemed_at,
            kind="loyalty.reward.redeemed",
            title=REDEEMED,
            summary=f"{redemption.number} · {reward.title} · {-redemption.points:,}",
            ref=f"loyalty.redemption:{redemption.id}",
        )
        for redemption, reward in session.execute(query)
    ]
