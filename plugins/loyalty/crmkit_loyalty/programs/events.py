"""What happens to members of programmes, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("loyalty.member.joined")
class MemberJoined:
    """Customers joined a programme: one each, in the order of the members."""

    member_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]
    program: Plain


@event("loyalty.member.left")
class MemberLeft:
    """A customer left a programme."""

    member_id: UUID
    customer_id: UUID
    program: Plain


EVENTS = [MemberJoined, MemberLeft]
