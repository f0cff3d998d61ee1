"""The channel of one person's own web-hook: what a colleague is told goes to an address of that colleague's.

The address may end in ``#whsec_…``: then messages are signed with that secret by Standard Webhooks 1.0.0. It is never
sent. Must not know what is told, nor why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from crmkit import Channel, Delivery, Message, texts
from crmkit_integration.settings import settings_of
from crmkit_integration.webhooks.messages import body_of
from crmkit_integration.webhooks.sending import GONE, Outgoing, attempt

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_integration")

CHANNEL = "integration.webhook"
TYPE = "message.sent"
FOR_GOOD = frozenset((400, 401, 403, 404, 405, GONE, 422))
"""Answers after which the same message is not sent once more."""

# The id of a message is the same at every attempt, by which a receiver knows one that comes again.
CHANNELS = [Channel(name=CHANNEL, title=_("Own web-hook"), repeatable=True)]


def deliver_message(crm: CRM, message: Message) -> Delivery | None:
    """Send a message of the channel to its address, which may be in the own network only where the settings say so;
    None for a message of another channel."""
    if message.channel != CHANNEL:
        return None
    url, _sign, secret = message.address.strip().partition("#")
    now = crm.clock.now()
    try:
        outgoing = Outgoing(
            delivery_id=message.id,
            message_id=f"msg_{message.id.hex}",
            url=url,
            private=settings_of(crm.settings).own_webhooks_private,
            secrets=(secret,) if secret else (),
            body=body_of(TYPE, now, {"subject": message.subject, "text": message.body}),
        )
        result = attempt(outgoing, crm.clock.now)
    except ValueError:
        return Delivery(outcome="refused", reason="the secret behind # is none")
    if result.outcome == "delivered":
        return Delivery(outcome="accepted", carrier_id=outgoing.message_id)
    reason = " ".join(filter(None, (result.outcome, str(result.status or ""), result.detail)))
    outcome: Literal["refused", "later"] = (
        "refused" if result.outcome == "address" or result.status in FOR_GOOD else "later"
    )
    return Delivery(outcome=outcome, reason=reason, retry_at=now + result.wait if result.wait else None)
