"""One attempt: signs a message, sends it to an address that may be called, and tells how that went.

Of the answer its status and its headers are looked at, its body never. Must not know databases.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from attrs import field, frozen

from crmkit import Answer, CrmkitError, call_address
from crmkit.errors import Refused
from crmkit_integration.webhooks.schedule import retry_after
from crmkit_integration.webhooks.signing import headers_for

SECONDS = 20.0
"""Within which an answer has to be there."""
GONE = 410
Call = Callable[..., Answer]


@frozen(kw_only=True)
class Outgoing:
    """A message that is ready to be sent."""

    delivery_id: UUID
    message_id: str
    url: str
    private: bool
    secrets: tuple[str, ...] = field(repr=False)
    body: bytes = field(repr=False)


@frozen(kw_only=True)
class Result:
    """How an attempt went. ``wait`` is how long the receiver asked to be left alone, if it did."""

    delivery_id: UUID
    began_at: datetime
    outcome: str
    status: int | None = None
    millis: int = 0
    detail: str = ""
    wait: timedelta | None = None


def attempt(
    message: Outgoing, now: Callable[[], datetime], *, seconds: float = SECONDS, call: Call = call_address
) -> Result:
    """Send a message and return how that went; nothing is raised. An answer of 2xx alone is a success: redirections
    are followed by nobody."""
    began_at, began = now(), time.monotonic()
    status: int | None = None
    wait: timedelta | None = None
    outcome, detail = "delivered", ""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "crmkit-webhooks",
        **headers_for(message.secrets, message.message_id, began_at, message.body),
    }
    try:
        answer = call(
            message.url, method="POST", content=message.body, headers=headers, private=message.private, seconds=seconds
        )
        status = answer.status
        if not 200 <= status < 300:
            outcome, wait = "status", retry_after(answer.headers, now())
    except Refused as error:
        reason = error.values.get("reason")
        outcome, detail = ("network", str(reason)[:80]) if reason else ("address", "")
    except CrmkitError as error:
        outcome, detail = "network", error.code
    except Exception as error:
        # Whatever a receiver makes a library raise is a failed attempt, and must not end the run.
        outcome, detail = "network", type(error).__name__[:80]
    return Result(
        delivery_id=message.delivery_id,
        began_at=began_at,
        outcome=outcome,
        status=status,
        millis=int((time.monotonic() - began) * 1000),
        detail=detail,
        wait=wait,
    )
