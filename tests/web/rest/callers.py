"""Calling the API as people with tokens, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, field
from starlette.testclient import TestClient

from crmkit import CRM, Actor
from tests.web.conftest import Web

ROOT = "/api/v1"


@define(kw_only=True)
class Callers:
    """A customer base behind its API, called by name."""

    web: Web
    client: TestClient
    tokens: dict[str, str] = field(factory=dict)

    @property
    def crm(self) -> CRM:
        """Return the customer base."""
        return self.web.crm

    def actor(self, login: str) -> Actor:
        """Return the actor of somebody."""
        return Actor.user(self.web.users[login])

    def token(self, login: str) -> str:
        """Return an API token of somebody, made at the first call."""
        if login not in self.tokens:
            made = self.crm.run(self.actor(login), "token.create", {"name": "test", "scopes": ["*"]})
            self.tokens[login] = made.token
        return self.tokens[login]

    def call(self, login: str | None, method: str, path: str, **given: Any) -> Any:
        """Call an address below the API's as somebody, or as nobody."""
        headers: Mapping[str, str] = given.pop("headers", {})
        who = {"authorization": f"Bearer {self.token(login)}"} if login is not None else {}
        return self.client.request(method, f"{ROOT}{path}", headers={**who, **headers}, **given)

    def get(self, login: str, path: str, **query: Any) -> Any:
        """Read something, and return what came."""
        response = self.call(login, "GET", path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, login: str, path: str, body: Any, **headers: str) -> Any:
        """Send JSON, and return the answer."""
        return self.call(
            login, "POST", path, json=body, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )


@contextmanager
def calling(web: Web) -> Iterator[Callers]:
    """Open the API of a customer base."""
    client = TestClient(
        web.crm.asgi(), base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False
    )
    try:
        yield Callers(web=web, client=client)
    finally:
        client.close()
