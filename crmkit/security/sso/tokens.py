"""Tokens of identity: signed by the provider's own keys, for this client, for this sign-in, and now. Anything else is
refused, whatever a token says of itself.

Must not know users, nor where tokens come from.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crmkit.errors import MissingExtra, SignOnFailed
from crmkit.i18n import texts
from crmkit.security.sso.providers import Provider

_ = texts("crmkit")

ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "Ed25519": "OKP",
}
"""The algorithms that are taken, each with the kind of its keys. With none of them can a key that is public be used to
sign: there is no ``none`` and no HMAC."""
OWN_KEYS = frozenset(("jwk", "jku", "x5c", "x5u", "crit"))
"""Headers by which a token would bring its own key, or ask for what nobody here knows."""
LEEWAY = timedelta(seconds=60)
"""How far the clocks of the two may differ."""
OLDEST = timedelta(minutes=10)
"""How long ago a token may have been made: it comes straight from the provider."""
LONGEST = 16_384

Keys = Callable[[str | None], Sequence[Mapping[str, Any]]]


def read_identity(
    token: str, provider: Provider, keys: Keys, *, nonce: str, now: datetime, fresh_within: timedelta | None = None
) -> Mapping[str, Any]:
    """Return the claims of a token of identity that can be relied on.

    ``keys`` gives the provider's keys for the id of one; ``fresh_within`` is how long ago the provider may have asked
    its user for a password. Raises SignOnFailed, whose ``values`` say why for the audit log.
    """
    header = header_of(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise failed("algorithm")
    if OWN_KEYS & set(header):
        raise failed("own_key")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise failed("type")
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise failed("key_id")
    claims = _verified(token, algorithm, _key_for(keys(key_id), algorithm, key_id))
    _check(claims, provider, nonce=nonce, now=now, fresh_within=fresh_within)
    return claims


def header_of(token: str) -> Mapping[str, Any]:
    """Return the header of a token, of which nothing has been verified. Raises SignOnFailed."""
    if token.count(".") != 2 or len(token) > LONGEST or not token.isascii():
        raise failed("no_token")
    first = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:
        raise failed("no_token") from error
    if not isinstance(header, dict):
        raise failed("no_token")
    return header


def failed(why: str) -> SignOnFailed:
    """Return the error of a sign-in that did not succeed; ``why`` is for the audit log, and not in its text."""
    return SignOnFailed(fix=_("Try again, or ask an administrator: the audit log says what was wrong."), why=why)


def _key_for(keys: Sequence[Mapping[str, Any]], algorithm: str, key_id: str | None) -> Mapping[str, Any]:
    fitting = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (key_id is None or key.get("kid") == key_id)
    ]
    # Without an id it has to be clear which one is meant.
    if len(fitting) != 1:
        raise failed("key")
    return fitting[0]


def _verified(token: str, algorithm: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry
    except ImportError as error:
        raise MissingExtra(
            _("A library for single sign-on is not installed ({name})."),
            fix=_("Install crmkit[sso]."),
            name=error.name,
        ) from error
    public = {name: value for name, value in key.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "k")}
    try:
        return dict(jwt.decode(token, JWKRegistry.import_key(public), algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise failed("signature") from error


def _check(
    claims: Mapping[str, Any], provider: Provider, *, nonce: str, now: datetime, fresh_within: timedelta | None
) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    authorised = claims.get("azp")
    expires, issued = _instant(claims.get("exp")), _instant(claims.get("iat"))
    subject = claims.get("sub")
    at = now.timestamp()
    if claims.get("iss") != provider.issuer:
        raise failed("issuer")
    if provider.client_id not in audiences or (len(audiences) > 1 and authorised is None):
        raise failed("audience")
    if authorised is not None and authorised != provider.client_id:
        raise failed("authorised_party")
    if expires is None or expires <= at - LEEWAY.total_seconds():
        raise failed("expired")
    if issued is None or issued > at + LEEWAY.total_seconds() or issued < at - OLDEST.total_seconds():
        raise failed("issued")
    if "nbf" in claims:
        begins = _instant(claims["nbf"])
        if begins is None or begins > at + LEEWAY.total_seconds():
            raise failed("not_before")
    if claims.get("nonce") != nonce:
        raise failed("nonce")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise failed("subject")
    if fresh_within is not None:
        asked = _instant(claims.get("auth_time"))
        if asked is None or asked < at - (fresh_within + LEEWAY).total_seconds():
            raise failed("not_fresh")


def _instant(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
