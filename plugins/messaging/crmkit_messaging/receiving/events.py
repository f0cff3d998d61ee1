"""What happens to mails that come in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Flag = Annotated[bool, Input(classified="internal")]


@event("messaging.mail.received")
class MailReceived:
    """A mail came in and was kept, once however many mailboxes it came into; ``kind`` says whether it is a mail, an
    automatic reply, a bounce, a complaint or a receipt."""

    interaction_id: UUID
    customer_id: UUID | None
    mailbox: Plain
    kind: Plain
    thread: Plain
    automatic: Flag


@event("messaging.mail.bounced")
class MailBounced:
    """A message of ours came back, or its recipient complained; ``severity`` is hard, soft, blocked, delayed or
    complaint, ``status`` as in RFC 3463."""

    bounce_id: UUID
    message_id: UUID
    customer_id: UUID
    contact_point_id: UUID | None
    severity: Plain
    status: Plain


EVENTS = [MailReceived, MailBounced]
