"""Bar 22: tokens of identity that are forged, borrowed, stale or not for us open nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jws import JWSRegistry

from crmkit.errors import SignOnFailed
from crmkit.security.sessions.signed import Opened
from tests.security.sso.conftest import Linked
from tests.security.sso.fake import FakeProvider, Forge, ec_key, ed_key, hs_with_public_key, raw, rightly, rsa_key

ELSEWHERE = "https://elsewhere.example"


def signed(header: dict[str, Any], key: Any = None) -> Forge:
    """Return what signs claims under a header, by the provider's key or another one."""

    def forge(provider: FakeProvider, claims: dict[str, Any]) -> str:
        full = {"alg": "RS256", **header}
        registry = JWSRegistry(algorithms=[full["alg"]], strict_check_header=False)
        return jwt.encode(full, claims, key or rsa_key(), registry=registry)

    return forge


def unsigned(algorithm: str) -> Forge:
    """Return what makes a token that says it needs no signature."""
    return lambda provider, claims: raw({"alg": algorithm, "typ": "JWT"}, claims)


def altered(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Return a token whose claims were changed after it was signed."""
    head, _body, signature = rightly(provider, claims).split(".")
    return ".".join((head, raw({}, {**claims, "sub": "subject-2"}).split(".")[1], signature))


def cut(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Return a token without its signature."""
    return rightly(provider, claims).rpartition(".")[0] + "."


def other_header(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Return a rightly signed token under another header."""
    head = raw({"alg": "ES256", "kid": "curve"}, {}).split(".")[0]
    return f"{head}.{rightly(provider, claims).partition('.')[2]}"


FORGED: dict[str, tuple[Forge, str]] = {
    "none": (unsigned("none"), "algorithm"),
    "None": (unsigned("None"), "algorithm"),
    "nOnE": (unsigned("nOnE"), "algorithm"),
    "empty algorithm": (unsigned(""), "algorithm"),
    "no algorithm": (lambda provider, claims: raw({"typ": "JWT"}, claims), "algorithm"),
    "a list as algorithm": (lambda provider, claims: raw({"alg": ["RS256"]}, claims), "algorithm"),
    "hs256 with the public key": (hs_with_public_key, "algorithm"),
    "own key in the header": (
        lambda provider, claims: signed({"jwk": rsa_key("evil").as_dict(private=False)}, rsa_key("evil"))(
            provider, claims
        ),
        "own_key",
    ),
    "own address of keys": (signed({"jku": f"{ELSEWHERE}/jwks"}, rsa_key("evil")), "own_key"),
    "own certificate": (signed({"x5c": ["MIIB"]}, rsa_key("evil")), "own_key"),
    "own address of certificates": (signed({"x5u": f"{ELSEWHERE}/cert"}, rsa_key("evil")), "own_key"),
    "something critical": (
        lambda provider, claims: raw({"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}, claims), "own_key"
    ),
    "somebody else's key": (signed({"kid": "one"}, rsa_key("evil")), "signature"),
    "an unknown key": (signed({"kid": "evil"}, rsa_key("evil")), "key"),
    "a number as key id": (lambda provider, claims: raw({"alg": "RS256", "kid": 1}, claims), "key_id"),
    "another kind of key": (lambda provider, claims: raw({"alg": "RS256", "kid": "curve"}, claims), "key"),
    "an access token": (signed({"kid": "one", "typ": "at+jwt"}), "type"),
    "altered": (altered, "signature"),
    "cut off": (cut, "signature"),
    "another header": (other_header, "signature"),
    "no token": (lambda provider, claims: "nonsense", "no_token"),
    "five parts": (lambda provider, claims: "a.b.c.d.e", "no_token"),
    "a header that is a list": (lambda provider, claims: raw([], claims), "no_token"),  # type: ignore[arg-type]
    "claims that are a list": (
        lambda provider, claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, rsa_key()).replace(".", "..", 1),
        "no_token",
    ),
    "too long": (lambda provider, claims: rightly(provider, {**claims, "x": "y" * 40_000}), "no_token"),
}  # fmt: skip


def test_a_forged_token_opens_nothing(desk: Linked) -> None:
    """Whatever it says of its own signature; the reason is in the audit log and not in the error."""
    desk.invited()
    for forge, why in FORGED.values():
        desk.provider.forge = forge
        with pytest.raises(SignOnFailed) as refused:
            desk.sign_on()
        assert why not in refused.value.render()
    assert dict(zip(FORGED, [why for _forge, why in FORGED.values()], strict=True)) == dict(
        zip(FORGED, desk.reasons(), strict=True)
    )


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": ELSEWHERE}, "issuer"),
    "no issuer": ({"iss": None}, "issuer"),
    "an issuer with a slash more": ({"iss": "+/"}, "issuer"),
    "another audience": ({"aud": "another-client"}, "audience"),
    "no audience": ({"aud": None}, "audience"),
    "an audience that contains ours": ({"aud": "xcrmkit-client"}, "audience"),
    "several audiences and no party": ({"aud": ["crmkit-client", "another-client"]}, "audience"),
    "another party": ({"azp": "another-client"}, "authorised_party"),
    "expired": ({"exp": -61}, "expired"),
    "no expiry": ({"exp": None}, "expired"),
    "an expiry that is text": ({"exp": "9999999999"}, "expired"),
    "made in the future": ({"iat": 120}, "issued"),
    "made long ago": ({"iat": -3600}, "issued"),
    "no instant": ({"iat": None}, "issued"),
    "not yet valid": ({"nbf": 120}, "not_before"),
    "another nonce": ({"nonce": "0" * 64}, "nonce"),
    "no nonce": ({"nonce": None}, "nonce"),
    "no subject": ({"sub": None}, "subject"),
    "an empty subject": ({"sub": ""}, "subject"),
    "a number as subject": ({"sub": 1}, "subject"),
    "a subject too long": ({"sub": "x" * 256}, "subject"),
}


def test_a_token_that_is_not_for_this_sign_on_opens_nothing(desk: Linked) -> None:
    """However rightly it is signed."""
    desk.invited()
    at = int(desk.now.timestamp())
    for given, _why in CLAIMS.values():
        claims = {
            name: at + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
            for name, value in given.items()
        }
        if claims.get("iss") == "+/":
            claims["iss"] = f"{desk.provider.issuer}/"
        desk.provider.forge = _with(claims)
        with pytest.raises(SignOnFailed):
            desk.sign_on()
    assert {name: why for name, (_given, why) in CLAIMS.items()} == dict(zip(CLAIMS, desk.reasons(), strict=True))


def _with(claims: dict[str, Any]) -> Forge:
    def forge(provider: FakeProvider, said: dict[str, Any]) -> str:
        return rightly(provider, {name: value for name, value in {**said, **claims}.items() if value is not None})

    return forge


def test_what_providers_sign_with_is_taken(desk: Linked) -> None:
    """The algorithms that are in use, by the keys that the provider shows."""
    desk.invited()
    keys = {"RS256": rsa_key(), "RS512": rsa_key(), "PS256": rsa_key(), "ES256": ec_key(), "Ed25519": ed_key()}
    for algorithm, key in keys.items():
        desk.provider.forge = signed({"alg": algorithm, "kid": key.kid}, key)
        assert isinstance(desk.sign_on().result, Opened), algorithm


def test_without_an_id_it_has_to_be_clear_which_key_is_meant(desk: Linked) -> None:
    """One that fits is taken, of two none."""
    desk.invited()
    desk.provider.forge = signed({})
    assert isinstance(desk.sign_on().result, Opened)
    desk.know()
    desk.provider.keys = [rsa_key(), rsa_key("two")]
    with pytest.raises(SignOnFailed):
        desk.sign_on()


def test_secrets_among_the_keys_are_no_keys(desk: Linked) -> None:
    """A provider that lists a shared secret does not make it one that signs."""
    desk.invited()
    desk.know()
    desk.provider.keys = [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}]
    desk.provider.forge = signed({"kid": "one"})
    with pytest.raises(SignOnFailed):
        desk.sign_on()
    assert ["key"] == desk.reasons()


def test_new_keys_are_fetched_once_a_minute(desk: Linked) -> None:
    """A key that nobody knows makes the server ask again, and no more than that."""
    desk.invited()
    asked = desk.provider.asked.count("/jwks")
    desk.provider.forge = signed({"kid": "evil"}, rsa_key("evil"))
    for _number in range(5):
        with pytest.raises(SignOnFailed):
            desk.sign_on()
    assert desk.provider.asked.count("/jwks") <= asked + 1


def test_claims_that_are_no_mapping_are_refused(desk: Linked) -> None:
    """A token whose content is a list or a text."""
    desk.invited()
    desk.provider.forge = lambda provider, claims: jws.serialize_compact(
        {"alg": "RS256", "kid": "one"}, json.dumps([claims]).encode(), rsa_key()
    )
    with pytest.raises(SignOnFailed):
        desk.sign_on()
    assert ["signature"] == desk.reasons()
