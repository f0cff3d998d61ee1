"""The way from the page of a record to the page on which it stands with everything around it: that of its programme, or
that of its member.

Must not read more than it takes to find the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crmkit import CardLine, CrmSession, RecordPanel, texts
from crmkit_loyalty.desk.common import MEMBER, PROGRAMME
from crmkit_loyalty.earning.models import EarnRule, RuleSet
from crmkit_loyalty.programs.models import Account, Member, Program
from crmkit_loyalty.rewards.models import Redemption, Reward, Voucher

_ = texts("crmkit_loyalty")


def to_programme(session: CrmSession, record: Any) -> Sequence[RecordPanel]:
    """Return the way to the page of the programme that a record belongs to."""
    if isinstance(record, EarnRule):
        record = session.get(RuleSet, record.set_id)
    program = record if isinstance(record, Program) else session.get(Program, record.program_id)
    if program is None:
        return []
    line = CardLine(title=str(program.title), path=f"{PROGRAMME}?id={program.id}", icon="award")
    return [RecordPanel(title=_("Loyalty programme"), lines=[line], icon="award")]


def to_member(session: CrmSession, record: Any) -> Sequence[RecordPanel]:
    """Return the way to the page of the member that a record belongs to."""
    member = _member(session, record)
    if member is None:
        return []
    program = session.get_one(Program, member.program_id)
    line = CardLine(title=str(program.title), path=f"{MEMBER}?id={member.id}", icon="user")
    return [RecordPanel(title=_("Member"), lines=[line], icon="users")]


def _member(session: CrmSession, record: Any) -> Member | None:
    if isinstance(record, Member):
        return record
    query = select(Member).where(Member.customer_id == record.customer_id)
    if isinstance(record, Account):
        query = query.where(Member.account_id == record.id)
    if isinstance(record, Voucher):
        record = session.get(Redemption, record.redemption_id)
    if isinstance(record, Redemption):
        reward = session.get(Reward, record.reward_id)
        query = query.where(Member.program_id == (reward.program_id if reward is not None else None))
    return session.scalars(query.order_by(Member.left_at.is_not(None), Member.joined_at, Member.id)).first()
