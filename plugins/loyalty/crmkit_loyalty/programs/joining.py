"""Joining programmes and leaving them, sharing an account, and blocking one.

Must not know how points are earned or spent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Input, NotFound, new_id, operation, texts
from crmkit.engines.statistics.hashing import held_out
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.events import MemberJoined, MemberLeft
from crmkit_loyalty.programs.finding import membership_of, new_number, new_referral, program_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, Role
from crmkit_loyalty.programs.models import Account, Draw, Member, Program

_ = texts("crmkit_loyalty")

UPDATE = "loyalty.member.update"
_NOW: Mapping[UUID, datetime] = {}
MOST_SHARING = 20
"""Members of one account."""


@operation("loyalty.member.join", title=_("Have them join"), permission="loyalty.member.create", effect="create")
def join(session: CrmSession, *, customer_id: CustomerId, program: ProgramName = "") -> Member:
    """Have a customer take part in a programme, with an account of their own; who does already stays as they are.

    Raises NotFound for a customer whom the actor cannot see, InvalidInput for a programme that is not active.
    """
    found = program_named(session, program)
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    if not found.active:
        raise problem("program", _("This programme is not active."))
    return membership_of(session, found, customer_id) or enrol(session, found, [customer])[0]


@operation("loyalty.account.share", title=_("Let them share the account"), permission=UPDATE, effect="update")
def share(session: CrmSession, account: Account, *, customer_id: CustomerId, role: Role = "spender") -> Member:
    """Let another customer take part with an account, such as one of the same household, in a role; who takes part with
    it already gets the role. Their own account, if they have one, keeps its points, and they use both.

    Raises NotFound for a customer whom the actor cannot see, InvalidInput where too many share it.
    """
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    program = session.get_one(Program, account.program_id)
    here = Member.account_id == account.id, Member.left_at.is_(None)
    known = session.scalars(select(Member).where(*here, Member.customer_id == customer_id)).first()
    if known is not None:
        known.role = role
        return known
    if session.scalars(select(func.count()).select_from(Member).where(*here)).one() >= MOST_SHARING:
        raise problem("customer_id", _("At most {number} share an account."), number=MOST_SHARING)
    account.kind = "pool"
    made = _member(session, program, account, customer, role)
    session.add(made)
    session.flush()
    session.emit(MemberJoined(member_ids=(made.id,), customer_ids=(customer.id,), program=program.name))
    return made


@operation("loyalty.member.leave", title=_("Have them leave"), permission=UPDATE, effect="update")
def leave(session: CrmSession, member: Member) -> Member:
    """Have a customer leave a programme: nothing is earned any more. Points that are there stay until they expire, and
    come back to them if they join again."""
    if member.left_at is None:
        member.left_at = session.gate.clock.business_now()
        program = session.get_one(Program, member.program_id)
        session.emit(MemberLeft(member_id=member.id, customer_id=member.customer_id, program=program.name))
    return member


@operation("loyalty.account.block", title=_("Block the account"), permission=UPDATE, effect="update")
def block(
    session: CrmSession,
    account: Account,
    *,
    blocked: Annotated[bool, Input(title=_("Blocked"), classified="internal")] = True,
) -> Account:
    """Have nobody spend or transfer points of an account, such as one whose card was lost, or let them again. What is
    earned still arrives, and what expires expires."""
    account.state = "blocked" if blocked else "open"
    return account


def enrol(
    session: CrmSession, program: Program, customers: Iterable[Customer], since: Mapping[UUID, datetime] = _NOW
) -> list[Member]:
    """Have customers take part who do not yet, within an operation; who left before gets their account back. ``since``
    has the instants from which they take part, by their ids; without one it is now."""
    joined: list[Member] = []
    for customer in customers:
        query = select(Member).where(Member.program_id == program.id, Member.customer_id == customer.id)
        before = session.scalars(query.order_by(Member.joined_at, Member.id)).first()
        if before is not None:
            before.left_at = None
            joined.append(before)
            continue
        account = Account(
            id=new_id(),
            program_id=program.id,
            customer_id=customer.id,
            owner_id=customer.owner_id,
            team_id=customer.team_id,
            number=new_number(),
        )
        session.add(account)
        made = _member(session, program, account, customer, "owner")
        made.joined_at = since.get(customer.id, made.joined_at)
        session.add(made)
        joined.append(made)
    session.flush()
    if joined:
        ids, people = tuple(each.id for each in joined), tuple(each.customer_id for each in joined)
        session.emit(MemberJoined(member_ids=ids, customer_ids=people, program=program.name))
    return joined


def drawn_out(session: CrmSession, program: Program, candidates: Collection[UUID]) -> set[UUID]:
    """Draw lots for customers who would join now and have not drawn yet, within an operation, and return who is held
    out. Who has drawn keeps the lot, whatever share is held out now; where none are, none draw.

    A lot is drawn when it is drawn: what was bought before, and was only recorded late, nothing could have changed."""
    found = lots_of(session, program, candidates)
    if program.holdout > 0:
        new = [each for each in sorted(candidates) if each not in found]
        for each in new:
            found[each] = kept_out(program, each)
        clock = session.gate.clock
        session.add_all(
            Draw(
                recorded_at=clock.now(),
                program_id=program.id,
                customer_id=each,
                held_out=found[each],
                percent=program.holdout,
                at=clock.business_now(),
            )
            for each in new
        )
    return {each for each, held in found.items() if held}


def lots_of(session: CrmSession, program: Program, customers: Iterable[UUID]) -> dict[UUID, bool]:
    """Return whether customers are held out, of those who have drawn."""
    query = select(Draw.customer_id, Draw.held_out).where(
        Draw.program_id == program.id, Draw.customer_id.in_(sorted(customers))
    )
    found: dict[UUID, bool] = {}
    for customer_id, held in session.execute(query.order_by(Draw.recorded_at, Draw.id)):
        found.setdefault(customer_id, held)
    return found


def kept_out(program: Program, customer_id: UUID) -> bool:
    """Say whether a customer who has not drawn would be held out: by a hash of both, so that it is chance and yet the
    same wherever it is asked."""
    return program.holdout > 0 and held_out(f"loyalty {program.name}", program.holdout / 100, customer_id)


def _member(session: CrmSession, program: Program, account: Account, customer: Customer, role: str) -> Member:
    return Member(
        program_id=program.id,
        account_id=account.id,
        customer_id=customer.id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        role=role,
        referral=new_referral(),
        joined_at=session.gate.clock.business_now(),
    )


def open_accounts(session: CrmSession, ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return accounts by their ids."""
    return {each.id: each for each in session.scalars(select(Account).where(Account.id.in_(list(ids))))}


OPERATIONS = [join, share, leave, block]
