"""What happens to contracts."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Day = Annotated[date, Input(classified="internal")]
Word = Annotated[str, Input(classified="internal")]


@event("sales.contract.activated")
class ContractActivated:
    """A contract holds from its first day on."""

    contract_id: UUID
    customer_id: UUID


@event("sales.contract.reminded")
class ContractReminded:
    """The last day of notice comes near, and the owner was told."""

    contract_id: UUID
    customer_id: UUID
    notice_by: Day


@event("sales.contract.notice_given")
class NoticeGiven:
    """One of the two sides ends the contract with its present term."""

    contract_id: UUID
    customer_id: UUID
    side: Word
    end_on: Day


@event("sales.contract.renewed")
class ContractRenewed:
    """The next term of a contract is there."""

    contract_id: UUID
    renewed_id: UUID
    """The next term."""
    customer_id: UUID
    automatic: Annotated[bool, Input(classified="internal")]


@event("sales.contract.ended")
class ContractEnded:
    """A contract is over."""

    contract_id: UUID
    customer_id: UUID
    ended_on: Day


EVENTS = [ContractActivated, ContractReminded, NoticeGiven, ContractRenewed, ContractEnded]
