"""The page of a member, by a signed link and without scripts: what they have, what expires, where they stand, what
happened, and what they can redeem. Must not know how points move.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import (
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    PublicPage,
    Visit,
    operation,
    texts,
)
from crmkit_loyalty.challenges.showing import challenges_shown
from crmkit_loyalty.ledger.reading import history_of, standing_of
from crmkit_loyalty.ledger.words import KINDS
from crmkit_loyalty.programs.finding import accounts_of, types_of
from crmkit_loyalty.programs.models import Member, Program
from crmkit_loyalty.referrals.showing import referrals_shown
from crmkit_loyalty.rewards.models import Redemption, Reward, Voucher
from crmkit_loyalty.rewards.redeeming import offers_of
from crmkit_loyalty.rewards.words import STATES, VOUCHERS, WHY_NOT
from crmkit_loyalty.tiers.models import TierMetric
from crmkit_loyalty.tiers.moving import prospect_of

_ = texts("crmkit_loyalty")

PAGE = "loyalty.member"
LINK = "loyalty.member.link"
DAYS = 365
SHOWN = 30


@operation(LINK, title=_("Make a link to the member's page"), permission="loyalty.member.update", effect="create")
def link(
    session: CrmSession,
    member: Member,
    *,
    days: Annotated[int, Input(title=_("Good for days"), minimum=1, maximum=730, classified="internal")] = DAYS,
) -> IssuedLink:
    """Make a link by which a member sees what they have and redeems. Raises what ``public_link.create`` does."""
    given = {"page": PAGE, "customer_id": member.customer_id, "ref": f"loyalty.member:{member.id}", "days": days}
    found: IssuedLink = session.run("public_link.create", given)
    return found


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the page of a member shows."""
    member = _member(session, visit)
    program = session.get_one(Program, member.program_id)
    accounts = list(accounts_of(session, program.id, member.customer_id))
    kinds = [each for each in types_of(session, program.id) if each.active]
    prospect = prospect_of(session, program, member)
    metrics = select(TierMetric).where(TierMetric.program_id == program.id)
    vouchers = select(Voucher).where(Voucher.customer_id == member.customer_id, Voucher.state == "issued")
    redeemed = (
        select(Redemption, Reward)
        .join(Reward, Reward.id == Redemption.reward_id)
        .where(Redemption.customer_id == member.customer_id)
        .order_by(Redemption.redeemed_at.desc(), Redemption.id)
        .limit(SHOWN)
    )
    return {
        "program": program,
        "number": accounts[0].number if accounts else "",
        "standings": standing_of(session, accounts, kinds),
        "prospect": prospect,
        "metrics": {each.name: each.title for each in session.scalars(metrics)},
        "offers": offers_of(session, program, member.customer_id, accounts),
        "why": WHY_NOT,
        "vouchers": [
            each
            for each in session.scalars(vouchers.order_by(Voucher.good_through, Voucher.number))
            if each.good_through >= session.today()
        ],
        "voucher_states": VOUCHERS,
        "redeemed": session.execute(redeemed).all(),
        "states": STATES,
        "history": history_of(session, [each.id for each in accounts], SHOWN) if accounts else [],
        "titles": {each.id: each.title for each in kinds},
        "happened": KINDS,
        **challenges_shown(session, member),
        **referrals_shown(session, program, member),
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Redeem a reward, once for each form that was shown, or keep the code of who invited. Raises InvalidInput, which
    says why it cannot be had."""
    member = _member(session, visit)
    if values.get("invitation"):
        _invited(session, member, values["invitation"][0])
        return
    (reward,) = (values.get("reward") or ("",))[:1]
    (key,) = (values.get("key") or ("",))[:1]
    found = session.scalars(select(Reward).where(Reward.name == reward, Reward.program_id == member.program_id)).first()
    if found is None:
        raise NotFound(_("There is no such reward."))
    try:
        session.run(
            "loyalty.redemption.create",
            {"customer_id": member.customer_id, "reward": found.name, "key": f"page {member.id} {key[-80:]}"},
        )
    except InvalidInput:
        raise
    except CrmkitError as error:
        raise InvalidInput(list(error.problems)) from None


def _invited(session: CrmSession, member: Member, invitation: str) -> None:
    program = session.get_one(Program, member.program_id)
    given = {"customer_id": member.customer_id, "invitation": invitation[:40], "program": program.name}
    try:
        session.run("loyalty.referral.create", given)
    except InvalidInput:
        raise
    except CrmkitError as error:
        raise InvalidInput(list(error.problems)) from None


def _member(session: CrmSession, visit: Visit) -> Member:
    name, _colon, identity = (visit.ref or "").rpartition(":")
    try:
        found = session.get(Member, UUID(identity)) if name == "loyalty.member" else None
    except ValueError:
        found = None
    if found is None or found.customer_id != visit.customer_id or found.left_at is not None:
        raise NotFound(_("There is no such page."))
    return found


OPERATIONS = [link]
PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("Your points"),
        template="loyalty/members/member.html",
        show=show,
        submit=submit,
        rights=(
            "customer.read",
            "loyalty.account.read",
            "loyalty.badge.read",
            "loyalty.challenge.read",
            "loyalty.challenge_progress.read",
            "loyalty.member.read",
            "loyalty.member_tier.read",
            "loyalty.point_type.read",
            "loyalty.program.read",
            "loyalty.redemption.create",
            "loyalty.redemption.read",
            "loyalty.referral.create",
            "loyalty.referral.read",
            "loyalty.referral_policy.read",
            "loyalty.reward.read",
            "loyalty.tier.read",
            "loyalty.transaction.read",
            "loyalty.voucher.read",
        ),
        expires=DAYS,
        throttle=30,
    )
]
