"""Terms and proofs on their own: pure, total, and never wiser than what came."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from crmkit_integration.receiving.terms import MISSING, Found, Unmapped, read_term, value_of
from crmkit_integration.receiving.verifying import SERVICES, Proof, is_genuine
from hypothesis import given, strategies as st

from crmkit.errors import InvalidInput

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = UUID("0197a1b2-0000-7000-8000-000000000001")


def standard(secret: str, identity: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks for any bytes."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{identity}.{at}.".encode() + body, "sha256")).decode()
    return {"webhook-id": identity, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$.a.b", 3),
        ("$.list[1].c", "x"),
        ('$["odd key"]', True),
        ("$", {"a": {"b": 3}, "list": [0, {"c": "x"}], "odd key": True, "n": "12.50", "t": 0, "none": None}),
        ("$.gone?", MISSING),
        ("$.none?", MISSING),
        ("$.none", None),
        ("$.n as decimal", Decimal("12.50")),
        ("$.a.b as text", "3"),
        ("$.t as instant", datetime(1970, 1, 1, tzinfo=UTC)),
        ('"text?"', "text?"),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ("header(X-Topic)", "paid"),
        ("header(x-gone)?", MISSING),
        ("customer(email, $.n)", str(ONE)),
        ("customer(erp, $.gone)?", MISSING),
    ],
)
def test_terms_find_what_they_say(text: str, expected: Any) -> None:
    """Paths, constants, headers and customers, as other kinds where that is said."""
    body = {"a": {"b": 3}, "list": [0, {"c": "x"}], "odd key": True, "n": "12.50", "t": 0, "none": None}
    found = Found(body=body, headers={"x-topic": "paid"}, customer=lambda kind, value: [ONE])
    assert value_of(read_term(text), found) == expected


@pytest.mark.parametrize(
    "text", ["", "a.b", "$..a", "$.a b", "$[x]", "customer(email)", "customer(a, customer(b, $.c))"]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    """With the field that it stands in."""
    with pytest.raises(InvalidInput) as raised:
        read_term(text, "inputs.name")
    assert raised.value.problems[0].field == "inputs.name"


@pytest.mark.parametrize("text", ["$.gone", "$.a[0]", "header(x-gone)", "$.a as integer", "customer(email, $.a)"])
def test_what_is_not_there_is_said(text: str) -> None:
    """Also where several customers are meant, or none."""
    with pytest.raises(Unmapped):
        value_of(read_term(text), Found(body={"a": "x"}, customer=lambda kind, value: []))


HEADERS = (
    *("webhook-id", "webhook-timestamp", "webhook-signature", "stripe-signature", "x-slack-signature"),
    *("x-slack-request-timestamp", "x-hub-signature-256", "x-gitlab-token"),
)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(text=st.text(max_size=40), body=JSON)
def test_no_text_and_no_body_breaks_a_term(text: str, body: Any) -> None:
    """Either it is no term, or it finds something or says that there is nothing."""
    try:
        value_of(read_term(text), Found(body=body))
    except (InvalidInput, Unmapped):
        return


@given(
    body=st.binary(max_size=60),
    headers=st.dictionaries(
        st.sampled_from(HEADERS),
        st.text(max_size=30) | st.just(str(int(NOW.timestamp()))),
    ),
    like=st.sampled_from(sorted(SERVICES)),
)  # fmt: skip
def test_what_was_not_made_with_the_secret_is_not_genuine(body: bytes, headers: dict[str, str], like: str) -> None:
    """Whatever stands in the headers, nothing of it is taken for a proof."""
    proof = SERVICES[like][0]
    assert not is_genuine(proof, ["whsec_" + "C" * 43 + "="], headers=headers, body=body, received_at=NOW)


def test_without_a_secret_nothing_is_genuine() -> None:
    """An empty secret signs nothing: not even what is signed with an empty key."""
    at = int(NOW.timestamp())
    signature = base64.b64encode(hmac.digest(b"", f"a.{at}.".encode(), "sha256")).decode()
    headers = {"webhook-id": "a", "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
    for secrets in ([], [""], ["whsec_"]):
        assert not is_genuine(Proof(), secrets, headers=headers, body=b"", received_at=NOW)


def test_the_signed_form_cannot_be_imitated_by_the_body() -> None:
    """Braces in a body are nothing but braces."""
    proof = Proof(scheme="hmac", header="X-Sig", signed="{timestamp}:{body}", timestamp_header="X-Time")
    at = str(int(NOW.timestamp()))
    body = json.dumps({"a": "{timestamp}{body}"}).encode()
    signature = hmac.digest(b"long secret", at.encode() + b":" + body, "sha256").hex()
    headers = {"x-sig": signature, "x-time": at}
    assert is_genuine(proof, ["long secret"], headers=headers, body=body, received_at=NOW)
