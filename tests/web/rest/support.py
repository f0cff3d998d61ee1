"""Callers of the API in tests: a client with a token of somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define
from starlette.testclient import TestClient

from crmkit import Actor
from tests.web.conftest import Web

ROOT = "/api/v1"


@define(kw_only=True)
class Caller:
    """Somebody who calls the API with a token."""

    inner: TestClient
    headers: Mapping[str, str]

    def __call__(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Any:
        """Call an address below the API's."""
        return self.inner.request(method, f"{ROOT}{path}", headers={**self.headers, **(headers or {})}, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Read."""
        return self("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        """Send a JSON body."""
        return self("POST", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        """Change a record."""
        return self("PATCH", path, json=json, **options)


def token_of(web: Web, login: str, *scopes: str) -> str:
    """Return a new token of somebody, by default for everything that he may do."""
    made = web.crm.run(
        Actor.user(web.users[login]), "token.create", {"name": "tests", "scopes": list(scopes or ("*",))}
    )
    return str(made.token)


def caller(web: Web, login: str | None = None, *scopes: str, language: str = "en") -> Caller:
    """Return a caller with a token of somebody, or without any."""
    inner = TestClient(web.crm.asgi(), base_url="http://localhost", raise_server_exceptions=False)
    web.clients.append(inner)
    headers = {"Accept-Language": language}
    if login is not None:
        headers["Authorization"] = f"Bearer {token_of(web, login, *scopes)}"
    return Caller(inner=inner, headers=headers)
