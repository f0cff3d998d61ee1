"""What members are told of, as it happens, and before points expire: each cause with the values of its text.

Must not send anything itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, Input, Job, Refused, Subscription, operation, texts
from crmkit_loyalty.challenges.models import Challenge
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Lot, Transaction
from crmkit_loyalty.ledger.reading import standing_of
from crmkit_loyalty.notices.models import NoticePolicy
from crmkit_loyalty.notices.operations import RUN, SEND, TELL, policy_of, tells
from crmkit_loyalty.programs.finding import accounts_of
from crmkit_loyalty.programs.models import Account, Member, PointType
from crmkit_loyalty.referrals.models import Referral, ReferralPolicy
from crmkit_loyalty.rewards.models import Redemption, Reward
from crmkit_loyalty.rewards.words import STATES
from crmkit_loyalty.tiers.models import Tier

_ = texts("crmkit_loyalty")

WARN = "loyalty.notice.warn"
BATCH = 200
NEWS = timedelta(days=7)
"""What is older when it becomes known is no news any more."""
OWN = {"referral": "referral", "challenge": "challenge"}
"""Sources of points of which a notice of their own tells."""


def _tell(
    session: CrmSession, program_id: UUID, customer_id: UUID, kind: str, cause: str, values: dict[str, Any]
) -> None:
    session.run(
        TELL,
        {"program_id": program_id, "customer_id": customer_id, "kind": kind, "cause": cause, "values": values},
    )


def balance_of(session: CrmSession, program_id: UUID, customer_id: UUID, kind: PointType) -> int:
    """Return how many points of a kind a customer can spend."""
    accounts = list(accounts_of(session, program_id, customer_id))
    found = standing_of(session, accounts, [kind]) if accounts else []
    return found[0].available if found else 0


# --- as it happens ----------------------------------------------------------------------------------------------------


def _moved(session: CrmSession, happened: Any) -> None:
    """Tell of points that were earned, or became available."""
    transaction = session.get(Transaction, happened.transaction_id)
    now = session.gate.clock.business_now()
    if transaction is None or happened.points <= 0 or transaction.at < now - NEWS:
        return
    told = "earned" if happened.kind == "earn" else "released"
    policy = policy_of(session, transaction.program_id)
    own = OWN.get(transaction.source or "")
    if not tells(session, policy, told) or (own is not None and tells(session, policy, own)):
        return
    kind = session.scalars(
        select(PointType).where(PointType.program_id == transaction.program_id, PointType.name == happened.point_type)
    ).first()
    if kind is None or not kind.spendable:
        return
    values = {
        "points": happened.points,
        "unit": kind.title,
        "balance": balance_of(session, transaction.program_id, happened.customer_id, kind),
    }
    cause = f"{told} {transaction.id} {kind.name}"
    _tell(session, transaction.program_id, happened.customer_id, told, cause, values)


def _tier(session: CrmSession, happened: Any) -> None:
    """Tell of a tier that changed; the first one comes with joining, and is no news."""
    member = session.get(Member, happened.member_id)
    if member is None or not happened.before:
        return
    tier = session.scalars(
        select(Tier).where(Tier.program_id == member.program_id, Tier.name == happened.after)
    ).first()
    if tier is None:
        return
    cause = f"tier {member.id} {happened.before} {happened.after} {session.today().isoformat()}"
    values = {"tier": tier.title, "benefits": tier.benefits or ""}
    _tell(session, member.program_id, member.customer_id, "tier", cause, values)


def _redemption(session: CrmSession, happened: Any) -> None:
    redemption = session.get(Redemption, happened.redemption_id)
    if redemption is None:
        return
    reward = session.get_one(Reward, redemption.reward_id)
    values = {
        "reward": reward.title,
        "state": STATES[happened.to_state],
        "tracking": redemption.tracking or "",
    }
    cause = f"redemption {redemption.id} {happened.to_state}"
    _tell(session, reward.program_id, redemption.customer_id, "redemption", cause, values)


def _referral(session: CrmSession, happened: Any) -> None:
    """Tell both sides."""
    referral = session.get(Referral, happened.referral_id)
    if referral is None:
        return
    policy = session.scalars(select(ReferralPolicy).where(ReferralPolicy.program_id == referral.program_id)).one()
    kind = session.get_one(PointType, policy.type_id)
    for side, customer_id, points in (
        ("referrer", happened.referrer_customer_id, happened.referrer_points),
        ("referred", happened.customer_id, happened.referred_points),
    ):
        if points:
            cause = f"referral {referral.id} {referral.turn} {side}"
            values = {"points": points, "unit": kind.title}
            _tell(session, referral.program_id, customer_id, "referral", cause, values)


def _challenge(session: CrmSession, happened: Any) -> None:
    challenge = session.get(Challenge, happened.challenge_id)
    if challenge is None:
        return
    kind = session.get_one(PointType, challenge.type_id)
    values = {"challenge": challenge.title, "points": happened.points, "unit": kind.title}
    cause = f"challenge {happened.completion_id}"
    _tell(session, challenge.program_id, happened.customer_id, "challenge", cause, values)


# --- before points expire ---------------------------------------------------------------------------------------------


@operation(WARN, title=_("Tell members before points expire"), permission=RUN, hidden=True)
def warn(session: CrmSession, *, after: Annotated[UUID | None, Input(classified="internal")] = None) -> UUID | None:
    """Tell the owners of at most 200 accounts of points that expire within the days of their programme's notices, once
    for each last day and number of days; return the last account, None where there is no more. Raises Refused outside
    system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policies = {each.program_id: each for each in session.scalars(select(NoticePolicy))}
    ready = {key: each for key, each in policies.items() if tells(session, each, "expiring") and each.days}
    if not ready:
        return None
    now, zone = session.gate.clock.business_now(), session.business().zone
    end = start_of(session.today() + timedelta(days=max(max(each.days) for each in ready.values()) + 2), zone)
    due = Lot.left > 0, Lot.expires_at > now, Lot.expires_at < end
    query = select(Lot.account_id).distinct().where(*due)
    if after is not None:
        query = query.where(Lot.account_id > after)
    ids = session.scalars(query.order_by(Lot.account_id).limit(BATCH)).all()
    accounts = session.scalars(select(Account).where(Account.id.in_(ids), Account.program_id.in_(list(ready)))).all()
    for account in sorted(accounts, key=lambda each: each.id.bytes):
        lots = session.scalars(select(Lot).where(Lot.account_id == account.id, *due)).all()
        for (type_id, last, horizon), points in groups(
            [(each.type_id, each.expires_at, each.left) for each in lots if each.expires_at is not None],
            ready[account.program_id].days,
            session.today(),
            zone,
        ).items():
            kind = session.get_one(PointType, type_id)
            values = {
                "points": points,
                "unit": kind.title,
                "day": last.isoformat(),
                "balance": balance_of(session, account.program_id, account.customer_id, kind),
            }
            cause = f"expiring {account.id} {type_id} {last.isoformat()} {horizon}"
            if kind.spendable:
                _tell(session, account.program_id, account.customer_id, "expiring", cause, values)
    return ids[-1] if len(ids) == BATCH else None


def groups(
    lots: list[tuple[UUID, datetime, int]], horizons: list[int], today: date, zone: str
) -> dict[tuple[UUID, date, int], int]:
    """Return how many points of a kind are good through which last day, each with the shortest of the horizons within
    which that day is; days are of a zone."""
    found: dict[tuple[UUID, date, int], int] = {}
    for type_id, expires_at, left in lots:
        last = expires_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
        horizon = min((each for each in horizons if (last - today).days <= each), default=None)
        if horizon is not None and last >= today:
            key = type_id, last, horizon
            found[key] = found.get(key, 0) + left
    return found


def _warn_all(crm: CRM, actor: Actor, tick: datetime) -> None:
    after = crm.run(actor, WARN)
    while after is not None:
        after = crm.run(actor, WARN, {"after": after})


def _wanted(kind: str) -> Any:
    """Return what asks whether anybody is told of a kind at all, so that what concerns nobody costs nothing."""

    def wanted(session: CrmSession, happened: Any) -> bool:
        if SEND not in session.gate.registry.operations:
            return False
        policies = session.scalars(select(NoticePolicy).where(NoticePolicy.active.is_(True)))
        return any(kind in each.kinds for each in policies)

    return wanted


def _wanted_points(session: CrmSession, happened: Any) -> bool:
    told = {"earn": "earned", "release": "released"}.get(happened.kind)
    return told is not None and bool(_wanted(told)(session, happened))


OPERATIONS = [warn]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.notice_points", event="loyalty.points.moved", handler=_moved, wanted=_wanted_points),
    Subscription(name="loyalty.notice_tier", event="loyalty.tier.changed", handler=_tier, wanted=_wanted("tier")),
    Subscription(
        name="loyalty.notice_redemption",
        event="loyalty.redemption.moved",
        handler=_redemption,
        wanted=_wanted("redemption"),
    ),
    Subscription(
        name="loyalty.notice_referral",
        event="loyalty.referral_rewarded",
        handler=_referral,
        wanted=_wanted("referral"),
    ),
    Subscription(
        name="loyalty.notice_challenge",
        event="loyalty.challenge_completed",
        handler=_challenge,
        wanted=_wanted("challenge"),
    ),
]
JOBS = [
    Job(
        name="loyalty.notices",
        title=_("Notices before points expire"),
        handler=_warn_all,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
