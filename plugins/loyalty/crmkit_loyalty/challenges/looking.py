"""Members and their challenges: looked at whenever something becomes known that counts, and made to agree with what the
interactions say: who completed one gets its points and badge, once; where that is reversed they are taken back.

Must not know tiers or rewards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, Input, Interaction, Job, Refused, Subscription, new_id, operation, texts
from crmkit_loyalty.challenges.events import BadgeGiven, ChallengeCompleted
from crmkit_loyalty.challenges.folding import Done, Progress, Task, fold
from crmkit_loyalty.challenges.happened import REFUND, happened_to
from crmkit_loyalty.challenges.models import Badge, Challenge, ChallengeCompletion, ChallengeProgress
from crmkit_loyalty.ledger.books import About, known
from crmkit_loyalty.ledger.giving import Earned, earn
from crmkit_loyalty.ledger.models import Lot
from crmkit_loyalty.ledger.operations import tell
from crmkit_loyalty.ledger.taking import claw_back
from crmkit_loyalty.programs.models import Account, Member, PointType

_ = texts("crmkit_loyalty")

LOOK = "loyalty.challenge.look"
CATCH_UP = "loyalty.challenge.catch_up"
RUN = "loyalty.ledger.run"
BATCH = 100
COUNTING = ("published", "retired")
"""States in which what becomes known late still counts; one that is retired has ended with its last day."""
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]


@operation(LOOK, title=_("Look at challenges"), permission=RUN, hidden=True)
def look(session: CrmSession, *, customer_ids: Ids) -> int:
    """Make the challenges of customers agree with what they did; return how many completions came or went. Raises
    Refused outside system scope."""
    _by_itself(session)
    members = session.scalars(select(Member).where(Member.customer_id.in_(customer_ids)).order_by(Member.id)).all()
    programs = {each.program_id for each in members}
    query = select(Challenge).where(Challenge.program_id.in_(programs), Challenge.state.in_(COUNTING))
    challenges = session.scalars(query.order_by(Challenge.created_at, Challenge.id)).all() if programs else []
    return sum(
        agree(session, challenge, member)
        for member in members
        for challenge in challenges
        if challenge.program_id == member.program_id
    )


@operation(CATCH_UP, title=_("Take what was done before a challenge was published"), permission=RUN, hidden=True)
def catch_up(session: CrmSession) -> int:
    """Look at members of whom something is known that counts in a challenge and whom it has not looked at, at most 100;
    return how many there were. Raises Refused outside system scope."""
    _by_itself(session)
    looked = 0
    for challenge in session.scalars(select(Challenge).where(Challenge.state == "published")).all():
        first, after = bounds(session, challenge)
        seen = select(ChallengeProgress.member_id).where(ChallengeProgress.challenge_id == challenge.id)
        doing = select(Interaction.customer_id).where(
            Interaction.kind == challenge.event, Interaction.customer_id.is_not(None), Interaction.occurred_at >= first
        )
        if after is not None:
            doing = doing.where(Interaction.occurred_at < after)
        query = select(Member).where(
            Member.program_id == challenge.program_id, Member.customer_id.in_(doing), Member.id.not_in(seen)
        )
        for member in session.scalars(query.order_by(Member.id).limit(BATCH - looked)).all():
            agree(session, challenge, member)
            looked += 1
        if looked >= BATCH:
            break
    return looked


def progress_of(session: CrmSession, challenge: Challenge, member: Member) -> Progress:
    """Return how far a member is in a challenge, from the interactions alone; of several memberships that a merge
    brought together the first one counts for all."""
    if _first(session, member) != member.id:
        return Progress(done=(), value=Decimal(0), through=None)
    first, after = bounds(session, challenge)
    happened = happened_to(session, member.customer_id, challenge.event, challenge.condition, first, after)
    zone = ZoneInfo(session.business().zone)
    joined = member.joined_at.astimezone(zone).date()
    rows = [(each.day, each.amount) for each in happened if each.day >= joined]
    return fold(task_of(challenge), rows, session.today())


def task_of(challenge: Challenge) -> Task:
    """Return what a challenge asks, for the fold."""
    return Task(
        kind=challenge.kind,
        target=challenge.target,
        window=challenge.window,
        unit=challenge.unit,
        per_unit=challenge.per_unit,
        again=challenge.again,
    )


def bounds(session: CrmSession, challenge: Challenge) -> tuple[datetime, datetime | None]:
    """Return the first instant that counts, and the first that does not any more."""
    zone = ZoneInfo(session.business().zone)
    first = datetime.combine(challenge.since or date.min.replace(year=1900), time(), zone)
    if challenge.until is None:
        return first, None
    return first, datetime.combine(challenge.until + timedelta(days=1), time(), zone)


def agree(session: CrmSession, challenge: Challenge, member: Member) -> int:
    """Make what is kept of a member in a challenge agree with what they did, within an operation; return how many
    completions came or went."""
    # Two who learn of something at the same moment look one after the other.
    session.scalars(select(Member.id).where(Member.id == member.id).with_for_update(key_share=True)).all()
    progress = progress_of(session, challenge, member)
    query = select(ChallengeCompletion).where(
        ChallengeCompletion.challenge_id == challenge.id, ChallengeCompletion.member_id == member.id
    )
    rows = session.scalars(query.order_by(ChallengeCompletion.turn)).all()
    turns = {each.period: each for each in rows}  # the last turn of each
    wanted = {each.period: each for each in progress.done}
    changed = 0
    for period, row in turns.items():
        if row.state == "given" and period not in wanted:
            _take_back(session, challenge, row)
            changed += 1
    if member.left_at is None:
        for period, done in wanted.items():
            last = turns.get(period)
            if last is None or last.state == "taken_back":
                _complete(session, challenge, member, done, 1 if last is None else last.turn + 1)
                changed += 1
    _badge(session, challenge, member)
    _keep(session, challenge, member, progress)
    session.flush()
    return changed


def _complete(session: CrmSession, challenge: Challenge, member: Member, done: Done, turn: int) -> None:
    row = ChallengeCompletion(
        id=new_id(),
        challenge_id=challenge.id,
        member_id=member.id,
        customer_id=member.customer_id,
        owner_id=member.owner_id,
        team_id=member.team_id,
        period=done.period,
        turn=turn,
        state="given",
        on_day=done.day,
        completed_at=session.gate.clock.business_now(),
        points=challenge.points,
    )
    session.add(row)
    session.flush()
    if challenge.points:
        kind = session.get_one(PointType, challenge.type_id)
        about = About(
            key=_key(row),
            kind="earn",
            source="challenge",
            rule=challenge.name,
            reason=challenge.title,
            ref=f"loyalty.challenge_completion:{row.id}",
        )
        account = session.get_one(Account, member.account_id)
        given = earn(session, account, about, [Earned(kind=kind, points=challenge.points)])
        if given is not None:
            tell(session, given, kind, challenge.points)
    session.emit(
        ChallengeCompleted(
            completion_id=row.id,
            challenge_id=challenge.id,
            member_id=member.id,
            customer_id=member.customer_id,
            challenge=challenge.name,
            period=done.period,
            points=challenge.points,
        )
    )


def _take_back(session: CrmSession, challenge: Challenge, row: ChallengeCompletion) -> None:
    row.state, row.ended_at = "taken_back", session.gate.clock.business_now()
    given = known(session, _key(row), "earn")
    if given is None:
        return
    lots = session.scalars(select(Lot).where(Lot.transaction_id == given.id)).all()
    about = About(
        key=f"{_key(row)} back",
        kind="claw_back",
        reason=challenge.title,
        about_id=given.id,
        ref=f"loyalty.challenge_completion:{row.id}",
    )
    taken = claw_back(session, given, {lot.id: lot.points for lot in lots}, about)
    if taken is not None:
        tell(session, taken, session.get_one(PointType, challenge.type_id), -row.points)


def _key(row: ChallengeCompletion) -> str:
    return f"challenge {row.challenge_id} {row.member_id} {row.period} {row.turn}"


def _badge(session: CrmSession, challenge: Challenge, member: Member) -> None:
    if challenge.badge is None:
        return
    done = session.scalars(
        select(ChallengeCompletion.id).where(
            ChallengeCompletion.challenge_id == challenge.id,
            ChallengeCompletion.member_id == member.id,
            ChallengeCompletion.state == "given",
        )
    ).first()
    query = select(Badge).where(Badge.challenge_id == challenge.id, Badge.member_id == member.id)
    badge = session.scalars(query).first()
    now = session.gate.clock.business_now()
    if done is None:
        if badge is not None and badge.state == "given" and challenge.badge_rule == "take_away":
            badge.state, badge.taken_at = "taken_back", now
        return
    if badge is not None and badge.state == "given":
        return
    if badge is None:
        badge = Badge(
            id=new_id(),
            challenge_id=challenge.id,
            member_id=member.id,
            customer_id=member.customer_id,
            owner_id=member.owner_id,
            team_id=member.team_id,
            title=challenge.badge,
            given_at=now,
        )
        session.add(badge)
    badge.state, badge.given_at, badge.taken_at = "given", now, None
    session.emit(
        BadgeGiven(
            badge_id=badge.id,
            challenge_id=challenge.id,
            member_id=member.id,
            customer_id=member.customer_id,
            challenge=challenge.name,
        )
    )


def _keep(session: CrmSession, challenge: Challenge, member: Member, progress: Progress) -> None:
    query = select(ChallengeProgress).where(
        ChallengeProgress.challenge_id == challenge.id, ChallengeProgress.member_id == member.id
    )
    row = session.scalars(query).first()
    if row is None:
        row = ChallengeProgress(
            challenge_id=challenge.id,
            member_id=member.id,
            customer_id=member.customer_id,
            owner_id=member.owner_id,
            team_id=member.team_id,
        )
        session.add(row)
    row.value, row.done, row.through = progress.value, len(progress.done), progress.through
    row.looked_at = session.gate.clock.business_now()


def _first(session: CrmSession, member: Member) -> UUID | None:
    query = select(Member.id).where(Member.program_id == member.program_id, Member.customer_id == member.customer_id)
    return session.scalars(query.order_by(Member.left_at.is_not(None), Member.joined_at, Member.id)).first()


def _by_itself(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


# --- as it comes in ---------------------------------------------------------------------------------------------------


def _wanted(session: CrmSession, happened: Any) -> bool:
    """Say whether there is a challenge for what happened."""
    query = select(Challenge.id).where(Challenge.state.in_(COUNTING))
    if happened.kind != REFUND:
        query = query.where(Challenge.event == happened.kind)
    return session.scalars(query.limit(1)).first() is not None


def _recorded(session: CrmSession, happened: Any) -> None:
    _look(session, happened.customer_ids)


def _one(session: CrmSession, happened: Any) -> None:
    _look(session, [happened.customer_id])


def _look(session: CrmSession, ids: Iterable[UUID | None]) -> None:
    found: Sequence[UUID] = sorted({each for each in ids if each is not None})
    for start in range(0, len(found), BATCH):
        session.run(LOOK, {"customer_ids": tuple(found[start : start + BATCH])})


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    while crm.run(actor, CATCH_UP):
        pass


def _published(session: CrmSession, happened: Any) -> None:
    """Begin with those who did something on its days before; the rest comes with the job."""
    session.run(CATCH_UP)


OPERATIONS = [look, catch_up]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.challenge_recorded", event="interaction.recorded", handler=_recorded, wanted=_wanted),
    Subscription(name="loyalty.challenge_reversed", event="interaction.reversed", handler=_one, wanted=_wanted),
    Subscription(name="loyalty.challenge_resolved", event="interaction.resolved", handler=_one, wanted=_wanted),
    Subscription(name="loyalty.challenge_merged", event="customer.merged", handler=_one),
    Subscription(name="loyalty.challenge_published", event="loyalty.challenge_published", handler=_published),
]
JOBS = [
    Job(
        name="loyalty.challenges",
        title=_("What was done before a challenge was published"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
