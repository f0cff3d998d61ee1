"""What happens to contracts with sources."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("quality.contract.broken")
class ContractBroken:
    """A source has not kept its contract; ``kind`` says how."""

    contract_id: UUID
    breach_id: UUID
    source: Plain
    kind: Plain


@event("quality.contract.released")
class ContractReleased:
    """A source that was stopped is taken in again."""

    contract_id: UUID
    source: Plain


EVENTS = [ContractBroken, ContractReleased]
