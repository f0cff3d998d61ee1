"""What renews when: contracts that end within a span of days, with what they bring in a year in the base currency.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Money, convert
from crmkit.errors import RateMissing
from crmkit_sales.contracts.models import Contract, ContractFile


@frozen(kw_only=True)
class Ending:
    """A contract that ends, and what it brings in a year in the base currency (minor units): None where nothing is said
    of it, or where it cannot be converted."""

    contract: Contract
    arr: int | None

    @property
    def unconverted(self) -> bool:
        """Say whether there is an amount that cannot be converted."""
        return self.arr is None and self.contract.value_minor is not None


def endings(session: CrmSession, first: date, last: date, limit: int | None = None) -> Sequence[Ending]:
    """Return the contracts that run and whose last day is within a span, both days included, the first one first."""
    query = select(Contract).where(
        Contract.state.in_(("active", "notice_given")), Contract.end_on >= first, Contract.end_on <= last
    )
    found = session.scalars(query.order_by(Contract.end_on, Contract.number, Contract.term).limit(limit)).all()
    base, today = session.crm.config.get(session).base_currency, session.today()
    return [Ending(contract=each, arr=in_base(session, each.yearly, base, today)) for each in found]


def in_base(session: CrmSession, amount: Money | None, base: str | None, day: date) -> int | None:
    """Return an amount in minor units of the base currency at the rate of a day, or None where that is not known."""
    if amount is None or base is None:
        return None
    try:
        return convert(session, amount, base, day).amount
    except RateMissing:
        return None


def files_of(session: CrmSession, contract: Contract) -> Sequence[tuple[object, str]]:
    """Return the files of a contract with all its terms: the attachment's id and the name of each."""
    query = (
        select(ContractFile.attachment_id, ContractFile.filename)
        .join(Contract, Contract.id == ContractFile.contract_id)
        .where(Contract.number == contract.number)
        .order_by(ContractFile.created_at, ContractFile.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def terms_of(session: CrmSession, contract: Contract) -> Sequence[Contract]:
    """Return all terms of a contract, the first one first."""
    return session.scalars(select(Contract).where(Contract.number == contract.number).order_by(Contract.term)).all()


def count_due(session: CrmSession, until: date) -> int:
    """Return how many active contracts have their last day of notice between today and a day."""
    query = select(func.count(Contract.id)).where(
        Contract.state == "active", Contract.notice_by >= session.today(), Contract.notice_by <= until
    )
    return session.scalar(query) or 0
