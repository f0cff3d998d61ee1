"""What happens to messages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("messaging.message.sent")
class MessageSent:
    """A message has left; ``interaction_id`` is what it was recorded as."""

    message_id: UUID
    customer_id: UUID
    channel: Plain
    purpose: Plain
    interaction_id: UUID | None


@event("messaging.message.held")
class MessageHeld:
    """A message has to wait for the first time; ``reason`` says why."""

    message_id: UUID
    customer_id: UUID
    channel: Plain
    purpose: Plain
    reason: Plain


@event("messaging.message.refused")
class MessageRefused:
    """A message will not leave, as the gate does not let it; ``reason`` says why."""

    message_id: UUID
    customer_id: UUID
    channel: Plain
    purpose: Plain
    reason: Plain


@event("messaging.message.failed")
class MessageFailed:
    """A message could not be handed over, for good; ``reason`` says why."""

    message_id: UUID
    customer_id: UUID
    channel: Plain
    purpose: Plain
    reason: Plain


@event("messaging.message.uncertain")
class MessageUncertain:
    """Nobody knows whether a message has left: somebody has to look."""

    message_id: UUID
    customer_id: UUID
    channel: Plain
    purpose: Plain


EVENTS = [MessageSent, MessageHeld, MessageRefused, MessageFailed, MessageUncertain]
