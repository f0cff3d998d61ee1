"""Saying what inviting others brings, entering a code, and cancelling a referral by hand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, new_id, operation, texts
from crmkit_loyalty.challenges.happened import checked_condition
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import ALPHABET, program_named, require_member, type_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, TypeName
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.referrals.errors import AlreadyReferred, NoReferrals, ReferralEnded
from crmkit_loyalty.referrals.events import ReferralEntered
from crmkit_loyalty.referrals.models import Referral, ReferralChange, ReferralPolicy
from crmkit_loyalty.referrals.moving import cancel_both, move
from crmkit_loyalty.referrals.words import JOINED, LIVE, STATES

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.program.manage"
ENTER, UPDATE = "loyalty.referral.create", "loyalty.referral.update"
MOST_TRIES = 5
"""Codes that one customer may try."""
Invitation = Annotated[str, Input(title=_("Code to invite by"), max_length=40, classified="internal")]


@operation("loyalty.referral_policy.set", title=_("Say what inviting brings"), permission=MANAGE, effect="update")
def set_policy(
    session: CrmSession,
    *,
    program: ProgramName = "",
    point_type: TypeName = "",
    referrer_points: Annotated[
        int, Input(title=_("Points for who invited"), minimum=0, maximum=1_000_000_000, classified="internal")
    ] = 0,
    referred_points: Annotated[
        int, Input(title=_("Points for who was invited"), minimum=0, maximum=1_000_000_000, classified="internal")
    ] = 0,
    event: Annotated[
        str,
        Input(
            title=_("Qualifies by"),
            help=_("A kind of interactions, such as purchase, or joined."),
            max_length=60,
            classified="internal",
        ),
    ] = "purchase",
    condition: Annotated[
        str,
        Input(
            title=_("Condition"),
            help=_("An expression such as amount >= 100. Empty: always."),
            max_length=2000,
            multiline=True,
            classified="internal",
        ),
    ] = "",
    hold_days: Annotated[
        int, Input(title=_("Waiting time (days)"), minimum=0, maximum=3650, classified="internal")
    ] = 14,
    qualify_days: Annotated[
        int, Input(title=_("Days to qualify"), minimum=1, maximum=3650, classified="internal")
    ] = 90,
    new_only: Annotated[bool, Input(title=_("New customers alone"), classified="internal")] = True,
    cap: Annotated[
        int,
        Input(
            title=_("At most"),
            help=_("Referrals of one member; 0 is no limit."),
            minimum=0,
            maximum=1_000_000,
            classified="internal",
        ),
    ] = 0,
    cap_days: Annotated[int, Input(title=_("Days of that"), minimum=1, maximum=3650, classified="internal")] = 365,
    join_url: Annotated[
        str,
        Input(
            title=_("Address to join at"),
            help=_("Of your shop, with {code} where the code stands. Empty: members pass on the code alone."),
            max_length=500,
            classified="public",
        ),
    ] = "",
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] = True,
) -> ReferralPolicy:
    """Say what inviting others brings in a programme from now on. Raises InvalidInput for a condition that cannot be
    used or an address that is none, NotFound."""
    found = program_named(session, program)
    if event.strip() == JOINED and condition.strip():
        raise problem("condition", _("Who joins has nothing yet of which a condition could be asked."))
    if not event.strip():
        raise problem("event", _("Say what is counted: a kind of interactions."))
    checked_condition(session, condition)
    if join_url and (not join_url.startswith("https://") or "{code}" not in join_url or " " in join_url):
        raise problem("join_url", _("An address begins with https:// and has the place of the code in it."))
    policy = policy_of(session, found.id) or ReferralPolicy(program_id=found.id)
    policy.type_id = type_named(session, found, point_type).id
    policy.referrer_points, policy.referred_points = referrer_points, referred_points
    policy.event, policy.condition = event.strip(), condition
    policy.hold_days, policy.qualify_days = hold_days, qualify_days
    policy.new_only, policy.cap, policy.cap_days = new_only, cap, cap_days
    policy.join_url, policy.active = join_url or None, active
    session.add(policy)
    return policy


@operation(ENTER, title=_("Enter a code to invite by"), permission=ENTER, effect="create")
def enter(
    session: CrmSession, *, customer_id: CustomerId, invitation: Invitation, program: ProgramName = ""
) -> Referral:
    """Say by whose code a member was invited. It is checked right afterwards, and nobody is told at once whether there
    is such a code: so codes cannot be found by trying. The same code entered again is the same referral.

    Raises NotAMember, NoReferrals, AlreadyReferred, InvalidInput for what cannot be a code.
    """
    found = program_named(session, program)
    member = require_member(session, found, customer_id)
    policy = policy_of(session, found.id)
    if policy is None or not policy.active:
        raise NoReferrals(found.title)
    signs = invitation.strip().upper().replace("-", "").replace(" ", "")
    if not 4 <= len(signs) <= 20 or set(signs) - set(ALPHABET):
        raise problem("invitation", _("This is no code: look at it again."))
    before = session.scalars(
        select(Referral).where(Referral.customer_id == customer_id, Referral.program_id == found.id)
    ).all()
    same = next((each for each in before if each.invitation == signs and each.state != "cancelled"), None)
    if same is not None:
        return same
    if any(each.state in ("entered", "cancelled", *LIVE) for each in before) or len(before) >= MOST_TRIES:
        raise AlreadyReferred
    now = session.gate.clock.business_now()
    made = Referral(
        id=new_id(),
        program_id=found.id,
        member_id=member.id,
        customer_id=member.customer_id,
        owner_id=member.owner_id,
        team_id=member.team_id,
        invitation=signs,
        state="entered",
        entered_at=now,
    )
    session.add(made)
    session.flush()
    session.add(
        ReferralChange(
            recorded_at=session.gate.clock.now(),
            customer_id=made.customer_id,
            referral_id=made.id,
            before=None,
            after="entered",
            at=now,
        )
    )
    session.emit(ReferralEntered(referral_id=made.id, customer_id=made.customer_id))
    return made


@operation("loyalty.referral.cancel", title=_("Cancel the referral"), permission=UPDATE, effect="update")
def cancel(
    session: CrmSession,
    referral: Referral,
    *,
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")],
) -> Referral:
    """Cancel a referral: what both got for it is taken back. Raises ReferralEnded, InvalidInput for no reason."""
    if not reason.strip():
        raise problem("reason", _("Say why."))
    if referral.state not in ("entered", *LIVE):
        raise ReferralEnded(STATES[referral.state])
    cancel_both(session, referral)
    move(session, referral, "cancelled", "by_hand", reason)
    return referral


def policy_of(session: CrmSession, program_id: UUID) -> ReferralPolicy | None:
    """Return what inviting others brings in a programme, None where nothing was said."""
    return session.scalars(select(ReferralPolicy).where(ReferralPolicy.program_id == program_id)).first()


def link_of(session: CrmSession, program: Program, invitation: str) -> str:
    """Return the address by which others join with a code, empty where the programme has none."""
    policy = policy_of(session, program.id)
    return (policy.join_url or "").replace("{code}", invitation) if policy is not None and policy.active else ""


OPERATIONS = [set_policy, enter, cancel]
