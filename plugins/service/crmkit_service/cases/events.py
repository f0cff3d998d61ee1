"""What happens to cases, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]
Flag = Annotated[bool, Input(classified="internal")]


@event("service.case.noted")
class CaseNoted:
    """Something happened to a case: a row of `CaseEvent` was written, of that kind. Clocks follow it before the change
    is committed."""

    case_id: UUID
    customer_id: UUID
    kind: Plain


@event("service.case.opened")
class CaseOpened:
    """A case was opened; ``follows_id`` is the one that it continues."""

    case_id: UUID
    customer_id: UUID
    number: Number
    kind: Plain
    channel: Plain
    priority: Plain
    follows_id: UUID | None


@event("service.case.message_received")
class CaseMessageReceived:
    """The customer wrote; also at opening."""

    case_id: UUID
    customer_id: UUID
    message_id: UUID
    interaction_id: UUID | None
    channel: Plain
    automatic: Flag


@event("service.case.answered")
class CaseAnswered:
    """The customer was answered, ``automatic`` by a machine. ``delivery`` "waiting" says that somebody has to send it
    by its channel; then ``interaction_id`` is empty."""

    case_id: UUID
    customer_id: UUID
    message_id: UUID
    interaction_id: UUID | None
    channel: Plain
    delivery: Plain
    automatic: Flag


@event("service.case.state_changed")
class CaseStateChanged:
    """A case went from one state to another."""

    case_id: UUID
    customer_id: UUID
    from_state: Plain
    to_state: Plain
    phase: Plain


@event("service.case.resolved")
class CaseResolved:
    """A case was resolved."""

    case_id: UUID
    customer_id: UUID
    number: Number
    kind: Plain


@event("service.case.reopened")
class CaseReopened:
    """A case that was resolved or closed was opened again; ``by_customer`` says that a message did it."""

    case_id: UUID
    customer_id: UUID
    number: Number
    owner_id: UUID | None
    by_customer: Flag


@event("service.case.closed")
class CaseClosed:
    """A case is over: closed, or put aside as spam."""

    case_id: UUID
    customer_id: UUID
    state: Plain


@event("service.case.priority_changed")
class CasePriorityChanged:
    """A case has another priority."""

    case_id: UUID
    customer_id: UUID
    from_priority: Plain
    to_priority: Plain


@event("service.case.queue_changed")
class CaseQueueChanged:
    """A case is in another queue, or in none."""

    case_id: UUID
    customer_id: UUID
    from_queue_id: UUID | None
    to_queue_id: UUID | None


@event("service.case.assigned")
class CaseAssigned:
    """A case has another owner, or none."""

    case_id: UUID
    customer_id: UUID
    from_user_id: UUID | None
    to_user_id: UUID | None


@event("service.case.merged")
class CaseMerged:
    """A case was merged into another one."""

    case_id: UUID
    into_id: UUID
    customer_id: UUID


@event("service.case.unmerged")
class CaseUnmerged:
    """The merge of a case was undone."""

    case_id: UUID
    from_id: UUID
    customer_id: UUID


@event("service.case.split")
class CaseSplit:
    """Messages of a case became a case of their own."""

    case_id: UUID
    new_id: UUID
    customer_id: UUID


@event("service.complaint.acknowledged")
class ComplaintAcknowledged:
    """A customer was told that a complaint had come in."""

    case_id: UUID
    customer_id: UUID


@event("service.complaint.redress_granted")
class RedressGranted:
    """A customer who complained is given something; the amount is in minor units."""

    case_id: UUID
    customer_id: UUID
    redress: Plain
    amount_minor: int | None
    currency: Plain | None


@event("service.after_sale.recorded")
class AfterSaleRecorded:
    """Something was done or planned after a sale."""

    after_sale_id: UUID
    customer_id: UUID
    case_id: UUID | None
    kind: Plain


@event("service.after_sale.finished")
class AfterSaleFinished:
    """Something after a sale was done or cancelled."""

    after_sale_id: UUID
    customer_id: UUID
    case_id: UUID | None
    kind: Plain
    state: Plain


EVENTS = [
    CaseNoted,
    CaseOpened,
    CaseMessageReceived,
    CaseAnswered,
    CaseStateChanged,
    CaseResolved,
    CaseReopened,
    CaseClosed,
    CasePriorityChanged,
    CaseQueueChanged,
    CaseAssigned,
    CaseMerged,
    CaseUnmerged,
    CaseSplit,
    ComplaintAcknowledged,
    RedressGranted,
    AfterSaleRecorded,
    AfterSaleFinished,
]
