"""Signatures are those of Standard Webhooks: the package of its authors verifies ours, and ours verifies theirs."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta

import pytest
from crmkit_integration.webhooks.signing import headers_for, new_secret, signature, verify
from hypothesis import given, settings, strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = new_secret()


def test_a_secret_has_32_bytes() -> None:
    """In base 64 behind its prefix; each is another one."""
    assert len(base64.b64decode(SECRET.removeprefix("whsec_"))) == 32
    assert SECRET != new_secret()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.binary(min_size=24, max_size=64))
def test_both_sides_agree(text: str, key: bytes) -> None:
    """Whatever the message says, and however long the secret is."""
    at = datetime.now(UTC).replace(microsecond=0)
    secret = "whsec_" + base64.b64encode(key).decode()
    body = ('{"type":"x","data":' + str(len(text)) + "}").encode()
    headers = headers_for([secret], "msg_1", at, body)
    assert Webhook(secret).verify(body.decode(), headers) == {"type": "x", "data": len(text)}
    theirs = Webhook(secret).sign("msg_1", at, body.decode())
    assert theirs == headers["webhook-signature"] == signature(secret, "msg_1", int(at.timestamp()), body)
    assert verify([secret], headers, body, at)


def test_a_thousand_tampered_deliveries_are_refused() -> None:
    """One bit of the body, the id, the time or the signature is enough, for either side."""
    chance = random.Random(3)
    body = b'{"type":"customer.created","timestamp":"2026-01-01T00:00:00Z","data":{"customer_id":"1"}}'
    headers = headers_for([SECRET], "msg_0123456789abcdef", NOW, body)
    receiver = Webhook(SECRET)
    refused = 0
    for _number in range(1000):
        part = chance.choice(("body", "webhook-id", "webhook-timestamp", "webhook-signature", "secret"))
        changed, text = dict(headers), body
        if part == "body":
            place = chance.randrange(len(body))
            text = body[:place] + bytes([body[place] ^ (1 << chance.randrange(7))]) + body[place + 1 :]
        elif part == "webhook-timestamp":
            changed[part] = str(int(headers[part]) + chance.choice((-1, 1, 7, 100)))
        elif part == "secret":
            changed = headers_for([new_secret()], "msg_0123456789abcdef", NOW, body)
        else:
            # Behind the comma: the last sign of base 64 has bits that mean nothing.
            place = chance.randrange(3, len(headers[part]) - 2)
            changed[part] = headers[part][:place] + chance.choice("!~") + headers[part][place + 1 :]
        assert not verify([SECRET], changed, text, NOW)
        try:
            receiver.verify(text.decode(errors="replace"), changed)
        except (WebhookVerificationError, ValueError):
            refused += 1
    assert refused == 1000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "now"),
        ("webhook-timestamp", "９"),
        ("webhook-timestamp", "9" * 400),
        ("webhook-signature", ""),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v2,AAAA v1a,BBBB"),
    ],
)
def test_what_is_malformed_is_refused(name: str, value: str) -> None:
    """Without an error."""
    headers = {**headers_for([SECRET], "msg_1", NOW, b"{}"), name: value}
    assert not verify([SECRET], headers, b"{}", NOW)


def test_an_old_message_is_refused() -> None:
    """By more than five minutes, either way."""
    headers = headers_for([SECRET], "msg_1", NOW, b"{}")
    found = [verify([SECRET], headers, b"{}", NOW + timedelta(seconds=each)) for each in (-301, -299, 299, 301)]
    assert found == [False, True, True, False]


def test_several_secrets_sign_side_by_side() -> None:
    """The receiver takes a message by whichever of them it knows."""
    at = datetime.now(UTC).replace(microsecond=0)
    old, new = new_secret(), new_secret()
    headers = headers_for([new, old], "msg_1", at, b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert [verify([each], headers, b"{}", at) for each in (old, new, new_secret())] == [True, True, False]
    assert [Webhook(each).verify("{}", headers) for each in (old, new)] == [{}, {}]


def test_a_text_that_is_no_secret_signs_nothing() -> None:
    """It is refused."""
    with pytest.raises(ValueError, match="no secret"):
        signature("whsec_nö", "msg_1", 1, b"{}")
