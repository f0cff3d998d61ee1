"""Customer bases that take web-hooks in, and senders that sign as their services do."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from crmkit_integration.receiving.models import ReceivedWebhook
from sqlalchemy import func, select
from standardwebhooks.webhooks import Webhook
from starlette.testclient import TestClient

from crmkit import Actor, Customer
from crmkit.app import CRM
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("a test")


def person(crm: CRM, login: str, role: str) -> Actor:
    """Add a user with a role and return the actor."""
    user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
    crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
    return Actor.user(user.id)


@define(kw_only=True)
class Source:
    """A source with its address and its secret, and what it sends."""

    crm: CRM
    id: UUID
    path: str
    secret: str
    client: TestClient
    number: int = 0
    mappings: list[UUID] = field(factory=list)

    def map(self, operation: str, **values: Any) -> UUID:
        """Add a mapping."""
        made = self.crm.run(
            SYSTEM, "integration.mapping.create", {"source_id": self.id, "operation": operation, **values}
        )
        self.mappings.append(made.id)
        return made.id

    def signed(self, body: bytes, identity: str, *, at: float | None = None, secret: str = "") -> dict[str, str]:
        """Return the headers of Standard Webhooks, made by the library that others use."""
        moment = int(at if at is not None else time.time())
        signature = Webhook(secret or self.secret).sign(identity, datetime.fromtimestamp(moment, UTC), body.decode())
        return {"webhook-id": identity, "webhook-timestamp": str(moment), "webhook-signature": signature}

    def send(self, document: Any, identity: str = "", **options: Any) -> Any:
        """Send a document as Standard Webhooks say."""
        self.number += 1
        body = json.dumps(document).encode()
        headers = self.signed(body, identity or f"msg_{self.number}", **options)
        return self.post(body, headers)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Any:
        """Send bytes with headers."""
        return self.client.post(self.path, content=body, headers={"content-type": "application/json", **headers})


def open_source(
    crm: CRM, name: str = "shop", like: str = "standard", acts: Actor | None = None, **values: Any
) -> Source:
    """Add a source that acts as a manager, with an address and a secret."""
    actor = acts or person(crm, f"acts_{name}", "manager")
    made = crm.run(
        SYSTEM, "integration.source.create", {"name": name, "like": like, "runs_as_id": actor.user_id, **values}
    )
    link = crm.run(SYSTEM, "integration.source.link", target=made.id)
    secret = crm.run(SYSTEM, "integration.source.rotate", target=made.id).secret
    client = TestClient(crm.asgi(), base_url="http://localhost", raise_server_exceptions=False)
    return Source(crm=crm, id=made.id, path=link.path, secret=secret, client=client)


def hexed(secret: str, content: bytes, algorithm: str = "sha256") -> str:
    """Return an HMAC in hexadecimal."""
    return hmac.digest(secret.encode(), content, algorithm).hex()


def based(secret: str, content: bytes) -> str:
    """Return an HMAC in Base64."""
    return base64.b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()


def rows(crm: CRM) -> list[tuple[str, str | None]]:
    """Return state and reason of what came, the oldest first."""
    with crm.session(SYSTEM) as session:
        found = session.scalars(select(ReceivedWebhook).order_by(ReceivedWebhook.created_at, ReceivedWebhook.id))
        return [(each.state, each.reason) for each in found]


def last(crm: CRM) -> ReceivedWebhook:
    """Return what came last."""
    with crm.session(SYSTEM) as session:
        query = select(ReceivedWebhook).order_by(ReceivedWebhook.created_at.desc(), ReceivedWebhook.id.desc())
        return session.scalars(query.limit(1)).one()


def customers(crm: CRM) -> list[str]:
    """Return the names of all customers."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(Customer.name).order_by(Customer.name)))


def count(crm: CRM) -> int:
    """Return how many customers there are."""
    with crm.session(SYSTEM) as session:
        return session.scalar(select(func.count(Customer.id))) or 0


@pytest.fixture(params=ENGINES)
def integration(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A customer base with the plugin enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "integration") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    with templates.opened("sqlite", tmp_path, "integration") as crm:
        yield crm
