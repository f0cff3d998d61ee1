"""What happened in past months, and how the books stood when they began. Must not know rules, nor change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import CrmkitError, CrmSession, Interaction, PurchaseLine
from crmkit_loyalty.earning.happening import happenings_of
from crmkit_loyalty.earning.models import Contribution
from crmkit_loyalty.earning.refunding import Bought, Returned
from crmkit_loyalty.earning.returning import REFUND
from crmkit_loyalty.ledger.expiry import months_later, start_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import OWN
from crmkit_loyalty.programs.joining import kept_out
from crmkit_loyalty.programs.models import Draw, Member, PointType, Program
from crmkit_loyalty.trying.replaying import Back, Heap, Past, Spent, Tally

CHUNK = 500


@frozen(kw_only=True)
class Window:
    """The months that are replayed: from the first instant of a day in the company's zone up to now."""

    first: date
    last: date
    begin: datetime
    end: datetime


@frozen(kw_only=True)
class Happened:
    """What happened within a window, in its order; ``skipped`` counts what nobody can say the worth of."""

    window: Window
    things: Sequence[Past | Back | Spent]
    opening: Mapping[tuple[UUID, UUID], Sequence[Heap]]
    skipped: int = 0


def window_of(session: CrmSession, months: int) -> Window:
    """Return the last so many months, up to now."""
    today, zone = session.today(), session.business().zone
    first = months_later(today, -months)
    return Window(first=first, last=today, begin=start_of(first, zone), end=session.gate.clock.business_now())


def happened_in(session: CrmSession, program: Program, window: Window, events: set[str]) -> Happened:
    """Return what happened to those who took part."""
    within = Interaction.occurred_at >= window.begin, Interaction.occurred_at <= window.end
    query = select(Interaction).where(
        Interaction.kind.in_(sorted(events - {REFUND})),
        Interaction.customer_id.is_not(None),
        Interaction.reverses_id.is_(None),
        *within,
    )
    found = session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)).all()
    takes_part = _partakers(session, program, window)
    found = [each for each in found if takes_part(each)]
    pasts, skipped = _pasts(session, found)
    things: list[Past | Back | Spent] = [
        *pasts,
        *_backs(session, {each.id for each in pasts}),
        *_spent(session, program, window),
    ]
    order = {Past: 0, Back: 1, Spent: 2}
    things.sort(key=lambda each: (each.at, order[type(each)]))
    return Happened(window=window, things=things, opening=_opening(session, program, window), skipped=skipped)


def ledger_of(session: CrmSession, program: Program, window: Window) -> dict[UUID, Tally]:
    """Return what the books hold for what happened within a window, by kind of points."""
    earned = select(Transaction.id).where(
        Transaction.program_id == program.id,
        Transaction.kind == "earn",
        Transaction.interaction_id.is_not(None),
        Transaction.at >= window.begin,
        Transaction.at <= window.end,
    )
    found = {each: Tally() for each in _types(session, program)}
    rows = select(Lot.type_id, func.sum(Lot.points)).where(Lot.transaction_id.in_(earned)).group_by(Lot.type_id)
    for type_id, points in session.execute(rows):
        found[type_id].given = int(points)
    back = (
        select(Posting.type_id, func.sum(Posting.points))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.side == "reversed", Transaction.about_id.in_(earned))
        .group_by(Posting.type_id)
    )
    for type_id, points in session.execute(back):
        found[type_id].taken_back = int(points)
    gone = (
        select(Posting.type_id, func.sum(Posting.points))
        .join(Lot, Lot.id == Posting.lot_id)
        .where(Posting.side == "expired", Lot.transaction_id.in_(earned))
        .group_by(Posting.type_id)
    )
    for type_id, points in session.execute(gone):
        found[type_id].expired = int(points)
    return found


def used_in(
    session: CrmSession, program: Program, window: Window, days: int
) -> dict[tuple[UUID, str], list[tuple[datetime, date, int]]]:
    """Return what rules gave customers within so many days before a window, by customer and rule."""
    zone = ZoneInfo(session.business().zone)
    query = select(Contribution.customer_id, Contribution.rule, Contribution.at, Contribution.points).where(
        Contribution.program_id == program.id,
        Contribution.at < window.begin,
        Contribution.at >= window.begin - timedelta(days=days),
    )
    found: dict[tuple[UUID, str], list[tuple[datetime, date, int]]] = {}
    for customer_id, rule, at, points in session.execute(query):
        found.setdefault((customer_id, rule), []).append((at, at.astimezone(zone).date(), points))
    return found


def _types(session: CrmSession, program: Program) -> Sequence[UUID]:
    return session.scalars(select(PointType.id).where(PointType.program_id == program.id)).all()


def _partakers(session: CrmSession, program: Program, window: Window) -> Any:
    """Return what says of an interaction whether it counts: it has earned, or its customer took part, or would have
    joined by it."""
    query = select(Transaction.interaction_id).where(
        Transaction.program_id == program.id, Transaction.kind == "earn", Transaction.at >= window.begin
    )
    earned = set(session.scalars(query))
    lots = dict(
        session.execute(
            select(Draw.customer_id, Draw.held_out)
            .where(Draw.program_id == program.id)
            .order_by(Draw.recorded_at.desc(), Draw.id.desc())
        ).all()
    )
    members: dict[UUID, list[Member]] = {}
    for each in session.scalars(select(Member).where(Member.program_id == program.id)):
        members.setdefault(each.customer_id, []).append(each)

    def counts(found: Interaction) -> bool:
        if found.id in earned:
            return True
        assert found.customer_id is not None
        own = members.get(found.customer_id, [])
        if any(
            each.joined_at <= found.occurred_at and (each.left_at is None or each.left_at > found.occurred_at)
            for each in own
        ):
            return True
        if program.enrolment != "automatic" or any(each.left_at is not None for each in own):
            return False
        return not lots.get(found.customer_id, kept_out(program, found.customer_id))

    return counts


def _pasts(session: CrmSession, found: Sequence[Interaction]) -> tuple[list[Past], int]:
    zone = ZoneInfo(session.business().zone)
    made: list[Past] = []
    for start in range(0, len(found), CHUNK):
        part = found[start : start + CHUNK]
        try:
            happened = happenings_of(session, part, {})
        except CrmkitError:
            happened = {}
            for each in part:
                try:
                    happened.update(happenings_of(session, [each], {}))
                except CrmkitError:
                    continue  # without a rate nobody knows what it is worth, here as when it came in
        lines = _lines(session, [each.id for each in part])
        made += [
            Past(
                id=each.id,
                customer_id=each.customer_id,
                at=each.occurred_at,
                day=happened[each.id].day,
                month=each.occurred_at.astimezone(zone).strftime("%Y-%m"),
                happened=happened[each.id],
                whole=each.amount_minor or 0,
                lines=[
                    Bought(line_no=line.line_no, product_id=line.product_id, amount=line.amount_minor)
                    for line in lines.get(each.id, [])
                ],
            )
            for each in part
            if each.id in happened and each.customer_id is not None
        ]
    return made, len(found) - len(made)


def _lines(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, list[PurchaseLine]]:
    found: dict[UUID, list[PurchaseLine]] = {}
    query = select(PurchaseLine).where(PurchaseLine.interaction_id.in_(ids)).order_by(PurchaseLine.line_no)
    for each in session.scalars(query):
        found.setdefault(each.interaction_id, []).append(each)
    return found


def _backs(session: CrmSession, ids: set[UUID]) -> list[Back]:
    """Return refunds that stand and reversals, of what is replayed."""
    found: list[Back] = []
    every = sorted(ids)
    gone = aliased(Interaction)
    for start in range(0, len(every), CHUNK):
        part = every[start : start + CHUNK]
        query = select(Interaction).where(
            Interaction.about_id.in_(part),
            Interaction.kind == REFUND,
            Interaction.reverses_id.is_(None),
            ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
        )
        refunds = session.scalars(query).all()
        lines = _lines(session, [each.id for each in refunds])
        for each in refunds:
            assert each.about_id is not None
            returned = [
                Returned(product_id=line.product_id, amount=line.amount_minor) for line in lines.get(each.id, [])
            ]
            found.append(
                Back(about_id=each.about_id, at=each.occurred_at, amount=each.amount_minor or 0, returned=returned)
            )
        undone = select(Interaction.reverses_id, Interaction.occurred_at).where(Interaction.reverses_id.in_(part))
        for reversed_id, at in session.execute(undone):
            assert reversed_id is not None
            found.append(Back(about_id=reversed_id, at=at, everything=True))
    return found


def _spent(session: CrmSession, program: Program, window: Window) -> list[Spent]:
    """Return what left the accounts by being spent, by the day on which it was spent or reserved."""
    query = (
        select(Transaction.customer_id, Posting.type_id, Transaction.at, func.sum(Posting.points))
        .join(Posting, Posting.transaction_id == Transaction.id)
        .where(
            Transaction.program_id == program.id,
            Transaction.at >= window.begin,
            Transaction.at <= window.end,
            Posting.side == "redeemed",
            Posting.points > 0,
        )
        .group_by(Transaction.id, Transaction.customer_id, Posting.type_id, Transaction.at)
    )
    return [Spent(customer_id=row[0], type_id=row[1], at=row[2], points=int(row[3])) for row in session.execute(query)]


def _opening(session: CrmSession, program: Program, window: Window) -> dict[tuple[UUID, UUID], list[Heap]]:
    """Return what was left of lots when a window began, of lots that expire."""
    query = (
        select(Lot, func.sum(Posting.points))
        .join(Posting, Posting.lot_id == Lot.id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(
            Transaction.program_id == program.id,
            Transaction.at < window.begin,
            Posting.side.in_(OWN),
            Lot.left >= 0,
        )
        .group_by(Lot.id)
        .having(func.sum(Posting.points) > 0)
    )
    found: dict[tuple[UUID, UUID], list[Heap]] = {}
    for lot, left in session.execute(query):
        heap = Heap(
            type_id=lot.type_id,
            line_no=0,
            points=lot.points,
            left=int(left),
            at=lot.earned_at,
            expires_at=lot.expires_at,
            new=False,
        )
        found.setdefault((lot.customer_id, lot.type_id), []).append(heap)
    return found
