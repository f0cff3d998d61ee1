"""Signatures as Standard Webhooks 1.0.0 has them: what is signed, with which secrets, and how a receiver checks it.

Must not know endpoints, databases or the network.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime

from crmkit import hmac_digest, random_bytes, same

PREFIX = "whsec_"
VERSION = "v1"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = 300
"""Seconds by which a receiver lets the clocks differ."""
_LENGTH = 32


def new_secret() -> str:
    """Return a new secret of 32 random bytes in its usual form ``whsec_…``."""
    return PREFIX + base64.b64encode(random_bytes(_LENGTH)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature ``v1,…`` of a message by one secret. Raises ValueError for a text that is no secret."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return f"{VERSION},{base64.b64encode(hmac_digest(_key(secret), content)).decode()}"


def headers_for(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of a message that is sent at an instant, signed with each of some secrets."""
    timestamp = int(at.timestamp())
    return {
        ID: message_id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: " ".join(signature(each, message_id, timestamp, body) for each in secrets),
    }


def verify(
    secrets: Iterable[str], headers: Mapping[str, str], body: bytes, at: datetime, *, tolerance: int = TOLERANCE
) -> bool:
    """Say whether one of some secrets has signed a message that arrives at an instant. ``headers`` have names in small
    letters; a message whose time differs by more than ``tolerance`` seconds is not taken."""
    message_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not message_id or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        return False
    if abs(at.timestamp() - int(stamp)) > tolerance:
        return False
    given = [each.encode() for each in headers.get(SIGNATURE, "").split(" ") if each.startswith(f"{VERSION},")]
    wanted = [signature(each, message_id, int(stamp), body).encode() for each in secrets]
    # Every pair is compared, so that the time tells nothing of which one fits.
    return sum(same(one, other) for one in given for other in wanted) > 0


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("this is no secret") from error
