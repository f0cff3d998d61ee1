"""Members and their tiers: looked at whenever points move, and once a day for those whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import or_, select

from crmkit import CRM, Actor, CrmSession, Input, Job, Refused, Subscription, operation, texts
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.tiers.counting import counter_of
from crmkit_loyalty.tiers.deciding import Figures, Held, Ladder, Step, decide, missing, period_of
from crmkit_loyalty.tiers.events import TierChanged
from crmkit_loyalty.tiers.models import MemberTier, Tier, TierChange, TierMetric, TierPolicy

_ = texts("crmkit_loyalty")

LOOK = "loyalty.tier.look"
RUN = "loyalty.ledger.run"
BATCH = 200
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]


@frozen(kw_only=True)
class Prospect:
    """Where a member stands: the tier, through which day, what is counted in the running period, what is lacking to
    keep it, the next tier and what is lacking to reach that."""

    tier: Tier
    until: date | None
    first: date
    last: date
    figures: Figures
    to_keep: Figures
    following: Tier | None
    to_reach: Figures


@operation(LOOK, title=_("Look at tiers"), permission=RUN, hidden=True)
def look(session: CrmSession, *, member_ids: Ids = ()) -> int:
    """Give members the tiers that they have today: those named, or the next 200 whose day is over and whom nobody has
    looked at today; return how many were looked at. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    query = select(Member).where(Member.left_at.is_(None))
    if member_ids:
        query = query.where(Member.id.in_(member_ids))
    else:
        today = session.today()
        query = (
            query.join(MemberTier, MemberTier.member_id == Member.id)
            .where(
                MemberTier.looked_on < today,
                or_(MemberTier.until < today, MemberTier.pinned_until < today),
            )
            .order_by(Member.id)
            .limit(BATCH)
        )
    found = session.scalars(query).all()
    for program_id in dict.fromkeys(each.program_id for each in found):
        program = session.get_one(Program, program_id)
        look_at(session, program, [each for each in found if each.program_id == program_id])
    return len(found)


def look_at(session: CrmSession, program: Program, members: Sequence[Member]) -> None:
    """Give members of a programme the tiers that they have today, within an operation."""
    tiers = tiers_of(session, program)
    if not tiers:
        return
    ladder = ladder_of(session, program, tiers)
    metrics = _metrics(session, program)
    by_name = {each.name: each for each in tiers}
    steps = {each.name: each for each in ladder.steps}
    names = {each.id: each.name for each in tiers}
    zone, today = ZoneInfo(session.business().zone), session.today()
    for member in members:
        held = current_of(session, member)
        joined = member.joined_at.astimezone(zone).date()
        now = None
        if held is not None:
            over = held.pinned_until is not None and held.pinned_until < today
            if over:
                held.until = min(held.until or today, held.pinned_until or today)
                held.pinned_until = None
            now = Held(step=steps[names[held.tier_id]], since=held.since, until=held.until)
            if held.pinned_until is not None:
                now = Held(step=now.step, since=now.since, until=None)
        found = decide(ladder, now, today, joined, counter_of(session, metrics, member))
        if found is not None:
            put(
                session,
                member,
                held,
                by_name[found.step.name],
                since=found.since,
                until=found.until,
                reason=found.reason,
            )
        if held is not None:
            held.looked_on = today
    session.flush()


def put(
    session: CrmSession,
    member: Member,
    held: MemberTier | None,
    tier: Tier,
    *,
    since: date,
    until: date | None,
    reason: str,
    note: str = "",
) -> MemberTier:
    """Give a member a tier, and write down that it changed."""
    before = session.get(Tier, held.tier_id) if held is not None else None
    clock, today = session.gate.clock, session.today()
    if held is None:
        held = MemberTier(
            member_id=member.id,
            program_id=member.program_id,
            customer_id=member.customer_id,
            owner_id=member.owner_id,
            team_id=member.team_id,
            tier_id=tier.id,
            since=since,
            looked_on=today,
        )
        session.add(held)
    held.tier_id, held.since, held.until, held.looked_on = tier.id, since, until, today
    held.pinned_until = None
    session.add(
        TierChange(
            recorded_at=clock.now(),
            customer_id=member.customer_id,
            member_id=member.id,
            program_id=member.program_id,
            before=before.name if before is not None else None,
            after=tier.name,
            level_before=before.level if before is not None else None,
            level_after=tier.level,
            reason=reason,
            at=clock.business_now(),
            on_day=today,
            note=note.strip()[:500] or None,
            user_id=session.actor.user_id,
        )
    )
    session.flush()
    if before is None or before.id != tier.id:
        session.emit(
            TierChanged(
                member_id=member.id,
                customer_id=member.customer_id,
                before=before.name if before is not None else "",
                after=tier.name,
                up=before is None or tier.level > before.level,
                reason=reason,
            )
        )
    return held


def current_of(session: CrmSession, member: Member) -> MemberTier | None:
    """Return the tier that a member has."""
    return session.scalars(select(MemberTier).where(MemberTier.member_id == member.id)).first()


def prospect_of(session: CrmSession, program: Program, member: Member) -> Prospect | None:
    """Return where a member stands and what is lacking, None in a programme without tiers."""
    tiers = tiers_of(session, program)
    held = current_of(session, member)
    if not tiers:
        return None
    ladder = ladder_of(session, program, tiers)
    zone = ZoneInfo(session.business().zone)
    joined, today = member.joined_at.astimezone(zone).date(), session.today()
    first, last = period_of(ladder, today, joined)
    figures = counter_of(session, _metrics(session, program), member)(first, min(last, today))
    tier = next((each for each in tiers if held is not None and each.id == held.tier_id), tiers[0])
    following = next((each for each in tiers if each.level > tier.level), None)
    return Prospect(
        tier=tier,
        until=held.until if held is not None else None,
        first=first,
        last=last,
        figures=figures,
        to_keep=missing(_numbers(tier.keep), figures),
        following=following,
        to_reach=missing(_numbers(following.reach), figures) if following is not None else {},
    )


def tiers_of(session: CrmSession, program: Program) -> Sequence[Tier]:
    """Return the tiers of a programme, the lowest first."""
    return session.scalars(select(Tier).where(Tier.program_id == program.id).order_by(Tier.level)).all()


def ladder_of(session: CrmSession, program: Program, tiers: Sequence[Tier]) -> Ladder:
    """Return how tiers are won and lost."""
    policy = session.scalars(select(TierPolicy).where(TierPolicy.program_id == program.id)).first()
    steps = [
        Step(name=each.name, level=each.level, reach=_numbers(each.reach), keep=_numbers(each.keep)) for each in tiers
    ]
    if policy is None:
        return Ladder(steps=steps)
    return Ladder(
        steps=steps,
        window=policy.window,
        months=policy.months,
        downgrade=policy.downgrade,
        grace_days=policy.grace_days,
        landing=policy.landing,
    )


def _metrics(session: CrmSession, program: Program) -> Sequence[TierMetric]:
    return session.scalars(select(TierMetric).where(TierMetric.program_id == program.id)).all()


def _numbers(said: dict[str, Any]) -> Figures:
    return {name: Decimal(number) for name, number in said.items()}


def _counts(session: CrmSession, happened: Any) -> bool:
    """Say whether a movement of points can change a tier: what is counted in money or events comes with those."""
    if happened.kind not in ("earn", "claw_back", "give_back", "adjust"):
        return False
    return session.scalars(select(TierMetric.id).where(TierMetric.source == "points").limit(1)).first() is not None


def _moved(session: CrmSession, happened: Any) -> None:
    """Look at the tiers of those whose points moved."""
    if happened.kind in ("earn", "claw_back", "give_back", "adjust"):
        query = select(Member.id).where(Member.account_id == happened.account_id, Member.left_at.is_(None))
        _look(session, list(session.scalars(query)))


def _bought(session: CrmSession, happened: Any) -> None:
    """Look at the tiers of those of whom something was recorded."""
    customers = {each for each in happened.customer_ids if each is not None}
    query = select(Member.id).where(Member.customer_id.in_(customers), Member.left_at.is_(None))
    _look(session, list(session.scalars(query)))


def _joined(session: CrmSession, happened: Any) -> None:
    _look(session, list(happened.member_ids))


def _look(session: CrmSession, ids: list[UUID]) -> None:
    for start in range(0, len(ids), 1000):
        session.run(LOOK, {"member_ids": tuple(ids[start : start + 1000])})


def _daily(crm: CRM, actor: Actor, tick: datetime) -> None:
    while crm.run(actor, LOOK):
        pass


OPERATIONS = [look]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.tier_points", event="loyalty.points.moved", handler=_moved, wanted=_counts),
    Subscription(name="loyalty.tier_recorded", event="interaction.recorded", handler=_bought),
    Subscription(name="loyalty.tier_joined", event="loyalty.member.joined", handler=_joined),
]
JOBS = [
    Job(
        name="loyalty.tiers",
        title=_("Tiers whose time is over"),
        handler=_daily,
        cron="20 0 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
