"""A provider of OpenID Connect on this machine, which does as it is told: as it should, or otherwise."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from attrs import define, field
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

CLIENT, SECRET = "crmkit-client", "a secret between the two"
CALLBACK = "https://crm.example/sign-in/sso/acme/callback"


@cache
def rsa_key(name: str = "one") -> RSAKey:
    """Return a key of the provider, or of somebody else; the same for the same name."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


@cache
def ec_key() -> ECKey:
    """Return a key of the provider on an elliptic curve."""
    return ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"}, private=True)


@cache
def ed_key() -> OKPKey:
    """Return a key of the provider for Ed25519."""
    return OKPKey.generate_key("Ed25519", {"kid": "edwards", "use": "sig"}, private=True)


Forge = Callable[["FakeProvider", dict[str, Any]], str]


@define(eq=False)
class FakeProvider:
    """The provider. ``claims`` are added to those of every token, None takes one away; ``forge`` makes a token of the
    claims in place of the rightly signed one."""

    now: Callable[[], datetime]
    issuer: str = ""
    claims: dict[str, Any] = field(factory=dict)
    metadata: dict[str, Any] = field(factory=dict)
    keys: list[Any] | None = None
    forge: Forge | None = None
    status: int = 200
    redirect: str | None = None
    asked: list[str] = field(factory=list)
    codes: dict[str, dict[str, str]] = field(factory=dict)

    def authorise(self, url: str, **claims: Any) -> dict[str, str]:
        """Let a user sign in at the address that a browser was sent to, and return what it comes back with."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "claims": json.dumps(claims)}
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, form: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        """Return the status and the body for a call."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self.status, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                **self.metadata,
            }
        if path == "/jwks":
            listed = self.keys if self.keys is not None else [rsa_key(), ec_key(), ed_key()]
            return self.status, {
                "keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in listed]
            }
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def _token(self, form: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        known = self.codes.pop(form.get("code", ""), None)
        both = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if known is None or not (authorization == f"Basic {both}" or posted):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != known["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != known["redirect_uri"] or known["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": known["nonce"],
            **self.claims,
            **json.loads(known["claims"]),
        }
        if known.get("prompt") == "login":
            claims.setdefault("auth_time", at)
        claims = {name: value for name, value in claims.items() if value is not None}
        token = (self.forge or rightly)(self, claims)
        return self.status, {"access_token": "x", "token_type": "Bearer", "id_token": token}


def rightly(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Return a token that is as it should be."""
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "JWT"}, claims, rsa_key())


def raw(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"") -> str:
    """Return a token of just these parts, whatever they are."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def hs_with_public_key(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Return a token that is signed with the provider's public key, as though it were a shared secret."""
    pem = rsa_key().as_pem(private=False)
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(base64.b64encode(pem)))


@contextmanager
def running(now: Callable[[], datetime]) -> Iterator[FakeProvider]:
    """Serve a provider on a port of this machine."""
    provider = FakeProvider(now)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            if provider.redirect is not None:
                self.send_response(302)
                self.send_header("Location", provider.redirect)
                self.end_headers()
                return
            status, body = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
