"""What a Feishu robot is sent, and what its answer means.

A robot that checks signatures wants the time in seconds and ``sign``: Base64 of the HMAC-SHA-256 of nothing, under the
key "time, line feed, secret". It takes at most 20 KB, 5 messages a second and 100 a minute. Must not know the network.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any

from crmkit import Answer, Delivery, Message

from crmkit_feishu.settings import Robot

LONGEST = 18_000
"""Bytes of text in one message; the robot takes 20 KB with everything around it."""
PAUSE = timedelta(minutes=1)
"""After this time a robot that had too much takes messages again."""
BUSY = (11232, 230020)
"""Codes of a robot that has had too much at once."""
REASONS = {
    19001: "there is no such robot",
    19021: "the signature is wrong, or the clock is more than an hour off",
    19022: "the robot does not take messages from this network address",
    19024: "the robot wants a keyword that is not in the message",
}
"""What some codes mean for which a robot refuses a message for good."""

_LINK = re.compile(r"https?://[^\s<>]+")


def sign(timestamp: int, secret: str) -> str:
    """Return the signature for a time in seconds."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.digest(key, b"", "sha256")).decode()


def body_of(message: Message, robot: Robot, now: datetime) -> bytes:
    """Return what the robot is sent: a post with the subject as its title, and a line for each of the message."""
    lines = [_line(each) for each in _cut(message.body).strip().splitlines()]
    post = {"title": message.subject[:200], "content": [each for each in lines if each]}
    document: dict[str, Any] = {"msg_type": "post", "content": {"post": {"zh_cn": post}}}
    if robot.secret:
        timestamp = int(now.timestamp())
        document |= {"timestamp": str(timestamp), "sign": sign(timestamp, robot.secret)}
    return json.dumps(document, ensure_ascii=False).encode()


def _cut(text: str) -> str:
    raw = text.encode()
    return text if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore") + " …"


def _line(text: str) -> list[dict[str, str]]:
    """Return a line with its addresses as links."""
    parts: list[dict[str, str]] = []
    place = 0
    for found in _LINK.finditer(text):
        if found.start() > place:
            parts.append({"tag": "text", "text": text[place : found.start()]})
        parts.append({"tag": "a", "text": found[0], "href": found[0]})
        place = found.end()
    if text[place:]:
        parts.append({"tag": "text", "text": text[place:]})
    return parts


def delivery_of(answer: Answer, now: datetime) -> Delivery:
    """Return what became of a message. Raises ValueError for an answer that does not say."""
    if answer.status == 429:
        return Delivery(outcome="later", reason="too many messages", retry_at=now + PAUSE)
    document = json.loads(answer.body)
    code = document.get("code", document.get("StatusCode")) if isinstance(document, dict) else None
    if not isinstance(code, int):
        raise ValueError(f"the robot answers HTTP {answer.status} without a code")
    if code == 0:
        return Delivery(outcome="accepted")
    if code in BUSY:
        return Delivery(outcome="later", reason="too many messages", retry_at=now + PAUSE)
    return Delivery(outcome="refused", reason=f"{code}: {REASONS.get(code, str(document.get('msg', ''))[:200])}")
