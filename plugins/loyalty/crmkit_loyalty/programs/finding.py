"""Finding programmes, kinds of points, members and accounts. Must not change anything but to give numbers out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, random_text, texts
from crmkit_loyalty.programs.errors import NotAMember
from crmkit_loyalty.programs.models import Account, Member, PointType, Program
from crmkit_loyalty.programs.words import SPENDERS

_ = texts("crmkit_loyalty")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is taken for something else when it is read out or typed in: 0 and O, 1, I and L, U and V."""


def program_named(session: CrmSession, name: str = "") -> Program:
    """Return a programme by its name; without one the only one that is active. Raises NotFound."""
    if name:
        found = session.scalars(select(Program).where(Program.name == name)).first()
    else:
        several = session.scalars(select(Program).where(Program.active.is_(True)).limit(2)).all()
        found = several[0] if len(several) == 1 else None
    if found is not None:
        return found
    names = list(session.scalars(select(Program.name).order_by(Program.name)))
    close = ", ".join(difflib.get_close_matches(name, names, 3) or names[:10]) or "–"
    raise NotFound(
        _('There is no loyalty programme "{name}".'), fix=_("There are: {known}."), name=name or "–", known=close
    )


def type_named(session: CrmSession, program: Program, name: str = "") -> PointType:
    """Return a kind of points of a programme by its name; without one the first that can be spent. Raises NotFound."""
    types = types_of(session, program.id)
    found = next((each for each in types if each.name == name or (not name and each.spendable)), None)
    if found is None:
        known = ", ".join(each.name for each in types) or "–"
        raise NotFound(
            _('The programme has no points "{name}".'), fix=_("There are: {known}."), name=name or "–", known=known
        )
    return found


def types_of(session: CrmSession, program_id: UUID) -> Sequence[PointType]:
    """Return the kinds of points of a programme, in the order in which they were added."""
    query = select(PointType).where(PointType.program_id == program_id)
    return session.scalars(query.order_by(PointType.created_at, PointType.id)).all()


def membership_of(session: CrmSession, program: Program, customer_id: UUID) -> Member | None:
    """Return how a customer takes part in a programme now, the first one where a merge brought several together."""
    query = select(Member).where(
        Member.program_id == program.id, Member.customer_id == customer_id, Member.left_at.is_(None)
    )
    return session.scalars(query.order_by(Member.joined_at, Member.id)).first()


def require_member(session: CrmSession, program: Program, customer_id: UUID) -> Member:
    """Return how a customer takes part in a programme. Raises NotAMember."""
    found = membership_of(session, program, customer_id)
    if found is None:
        raise NotAMember(program.title)
    return found


def accounts_of(
    session: CrmSession, program_id: UUID, customer_id: UUID, *, to_spend: bool = False
) -> Sequence[Account]:
    """Return the open accounts that a customer has a part in, the first one first; ``to_spend`` those alone of which
    they may spend."""
    query = (
        select(Account)
        .join(Member, Member.account_id == Account.id)
        .where(
            Member.program_id == program_id,
            Member.customer_id == customer_id,
            Member.left_at.is_(None),
            Account.state == "open",
        )
        .order_by(Member.joined_at, Member.id)
    )
    if to_spend:
        query = query.where(Member.role.in_(SPENDERS))
    return list(dict.fromkeys(session.scalars(query)))


def new_number() -> str:
    """Return a number for a card: eleven random signs and a check sign, in groups of four."""
    signs = random_text(11, ALPHABET)
    whole = signs + check_sign(signs)
    return "-".join(whole[at : at + 4] for at in range(0, 12, 4))


def new_referral() -> str:
    """Return a code to invite by."""
    return random_text(8, ALPHABET)


def check_sign(signs: str) -> str:
    """Return the check sign of a number, by a hybrid system of ISO/IEC 7064 for the moduli 30 and 31, the signs of this
    alphabet: one wrong sign is always noticed, two neighbours that changed places nearly always."""
    size = len(ALPHABET)
    left = size
    for sign in signs:
        left = (left + ALPHABET.index(sign)) % size or size
        left = left * 2 % (size + 1)
    return ALPHABET[(1 - left) % size]
