"""Whether a web-hook comes from its source: by Standard Webhooks, by an HMAC in a header, by a token in a header.

Pure: gets what a source says of itself, its secrets and what came. Comparisons take the same time whatever differs.
Must not know databases.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from crmkit import InvalidInput, Problem, hmac_digest, same, texts
from crmkit_integration.receiving.models import ALGORITHMS, ENCODINGS, SCHEMES

_ = texts("crmkit_integration")

STANDARD_ID = "webhook-id"
STANDARD_TIME = "webhook-timestamp"
STANDARD_SIGNATURE = "webhook-signature"
STANDARD_PREFIX = "whsec_"
MOST_SIGNATURES = 20
"""Signatures of one header that are looked at."""


@frozen(kw_only=True)
class Proof:
    """How a source proves itself, as `crmkit_integration.receiving.models.WebhookSource` explains."""

    scheme: str = "standard"
    header: str = ""
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    signed: str = "{body}"
    timestamp_header: str = ""
    signature_part: str = ""
    timestamp_part: str = ""
    tolerance: int = 300


SERVICES: Mapping[str, tuple[Proof, str]] = {
    "standard": (Proof(), "header(webhook-id)"),
    "github": (
        Proof(scheme="hmac", header="X-Hub-Signature-256", prefix="sha256="),
        "header(x-github-delivery)",
    ),
    "shopify": (
        Proof(scheme="hmac", header="X-Shopify-Hmac-Sha256", encoding="base64"),
        "header(x-shopify-webhook-id)",
    ),
    "stripe": (
        Proof(
            scheme="hmac",
            header="Stripe-Signature",
            signed="{timestamp}.{body}",
            signature_part="v1",
            timestamp_part="t",
        ),
        "$.id",
    ),
    "slack": (
        Proof(
            scheme="hmac",
            header="X-Slack-Signature",
            prefix="v0=",
            signed="v0:{timestamp}:{body}",
            timestamp_header="X-Slack-Request-Timestamp",
        ),
        "$.event_id",
    ),
    "gitlab": (Proof(scheme="token", header="X-Gitlab-Token"), "header(x-gitlab-event-uuid)"),
}
"""How some services prove themselves, with the term of a web-hook's id."""


def check_proof(proof: Proof) -> None:
    """Raise InvalidInput for a proof that shows nothing or cannot be used."""
    problems: list[Problem] = []

    def wrong(field: str, message: str) -> None:
        problems.append(Problem(InvalidInput.code, message, field=field))

    for name, known in (("scheme", SCHEMES), ("algorithm", ALGORITHMS), ("encoding", ENCODINGS)):
        if getattr(proof, name) not in known:
            wrong(name, _("This is not one of the possible values."))
    for name in ("header", "timestamp_header"):
        text = getattr(proof, name)
        if text and not (text.isascii() and text.replace("-", "").replace("_", "").isalnum()):
            wrong(name, _("This is not the name of a header."))
    if proof.scheme in ("hmac", "token") and not proof.header:
        wrong("header", _("Say in which header the proof comes."))
    if proof.scheme == "hmac":
        if "{body}" not in proof.signed:
            wrong("signed", _("What is signed has to have {body} in it."))
        timed = bool(proof.timestamp_header or proof.timestamp_part)
        if timed != ("{timestamp}" in proof.signed):
            wrong("signed", _("A time that is not signed proves nothing, and one that is signed has to be sent."))
        if proof.timestamp_part and not proof.signature_part:
            wrong("signature_part", _("Say which part of the header is the signature."))
    if problems:
        raise InvalidInput(problems)


def is_genuine(
    proof: Proof, secrets: Sequence[str], *, headers: Mapping[str, str], body: bytes, received_at: datetime
) -> bool:
    """Say whether a web-hook that came at an instant (UTC) was made by somebody who knows one of the secrets. Names of
    headers are in lower case."""
    if proof.scheme == "none":
        return True
    if not secrets:
        return False
    if proof.scheme == "token":
        return _has_token(proof, secrets, headers)
    if proof.scheme == "standard":
        return _is_standard(proof, secrets, headers, body, received_at)
    return _is_signed(proof, secrets, headers, body, received_at)


def _has_token(proof: Proof, secrets: Sequence[str], headers: Mapping[str, str]) -> bool:
    given = headers.get(proof.header.lower(), "")
    if not given.startswith(proof.prefix):
        return False
    token = given.removeprefix(proof.prefix).encode("utf-8", "replace")
    return _any_same([(token, secret.encode()) for secret in secrets])


def _is_standard(
    proof: Proof, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, received_at: datetime
) -> bool:
    identity, time = headers.get(STANDARD_ID, ""), headers.get(STANDARD_TIME, "")
    if not identity or not _is_near(time, proof.tolerance, received_at):
        return False
    content = b".".join((identity.encode("utf-8", "replace"), time.encode(), body))
    given = [each[3:] for each in headers.get(STANDARD_SIGNATURE, "").split()[:MOST_SIGNATURES] if each[:3] == "v1,"]
    expected = [base64.b64encode(hmac_digest(key, content)) for secret in secrets if (key := standard_key(secret))]
    return _any_equal(given, expected)


def standard_key(secret: str) -> bytes | None:
    """Return the key in a secret of Standard Webhooks (Base64, after ``whsec_``), or None where there is none."""
    try:
        return base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _is_signed(
    proof: Proof, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, received_at: datetime
) -> bool:
    header = headers.get(proof.header.lower(), "")
    if proof.signature_part:
        parts = [each.strip().partition("=") for each in header.split(",")[: MOST_SIGNATURES * 2]]
        given = [value for name, _equals, value in parts if name == proof.signature_part]
        time = next((value for name, _equals, value in parts if name == proof.timestamp_part), "")
    else:
        given, time = [header], ""
    if proof.timestamp_header:
        time = headers.get(proof.timestamp_header.lower(), "")
    if (proof.timestamp_header or proof.timestamp_part) and not _is_near(time, proof.tolerance, received_at):
        return False
    content = _content(proof.signed, time.encode("utf-8", "replace"), body)
    wanted = [each.removeprefix(proof.prefix) for each in given if each.startswith(proof.prefix)]
    digests = [hmac_digest(secret.encode(), content, proof.algorithm) for secret in secrets]
    if proof.encoding == "hex":
        return _any_equal([each.lower() for each in wanted], [each.hex().encode() for each in digests])
    return _any_equal(wanted, [base64.b64encode(each) for each in digests])


def _content(signed: str, time: bytes, body: bytes) -> bytes:
    """Return what is signed. The body is put in last, so that nothing in it is taken for a part of the form."""
    before, _body, after = signed.partition("{body}")
    first, last = (part.encode().replace(b"{timestamp}", time) for part in (before, after))
    return first + body + last


def _is_near(time: str, tolerance: int, received_at: datetime) -> bool:
    if not (time.isascii() and time.isdigit() and len(time) <= 13):
        return False
    seconds = int(time) / (1000 if len(time) == 13 else 1)
    return abs(received_at.timestamp() - seconds) <= tolerance


def _any_equal(given: Sequence[str], expected: Sequence[bytes]) -> bool:
    return _any_same([(one.encode("utf-8", "replace"), other) for one in given[:MOST_SIGNATURES] for other in expected])


def _any_same(pairs: Sequence[tuple[bytes, bytes]]) -> bool:
    # All are compared, so that the time tells nothing of which one would do.
    return sum(same(one, other) for one, other in pairs) > 0


def proof_of(source: Any) -> Proof:
    """Return how a source proves itself."""
    return evolve(
        Proof(),
        scheme=source.scheme,
        header=source.header,
        algorithm=source.algorithm,
        encoding=source.encoding,
        prefix=source.prefix,
        signed=source.signed,
        timestamp_header=source.timestamp_header,
        signature_part=source.signature_part,
        timestamp_part=source.timestamp_part,
        tolerance=source.tolerance,
    )
