"""A shop whose messages can be left, behind its doors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from crmkit_messaging.api import headers_for
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import CRM, Actor, Consent, Settings
from tests.conftest import Templates
from tests.plugins.messaging.composing.bases import SYSTEM, fill


@define(kw_only=True)
class Shop:
    """A base with its doors, its people and its customers."""

    crm: CRM
    client: TestClient
    people: Mapping[str, Actor]
    customers: Mapping[str, UUID]
    made: list[Any] = field(factory=list)

    def headers(self, customer: str = "ada", purpose: str = "marketing", channel: str = "email") -> Mapping[str, str]:
        """Return the headers of a mail to somebody."""
        with self.crm.transaction(SYSTEM) as session:
            return headers_for(session, self.customers[customer], purpose, channel)

    def path(self, customer: str = "ada", purpose: str = "marketing") -> str:
        """Return the path of the link in a mail to somebody."""
        (found,) = re.findall(r"<https://tea\.example(/p/[^>]+)>", self.headers(customer, purpose)["List-Unsubscribe"])
        return str(found)

    def send(self, path: str, values: Mapping[str, Any]) -> Any:
        """Send the form of the page."""
        (token,) = re.findall(r'name="form" value="([^"]+)"', self.client.get(path).text)
        return self.client.post(path, data={"form": token, **values})

    def click(self, path: str, body: bytes = b"List-Unsubscribe=One-Click", **headers: str) -> Any:
        """Send what a mail program sends."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.client.post(path, content=body, headers=kind)

    def consents(self, customer: str = "ada") -> list[tuple[str, str, bool, str | None]]:
        """Return the ledger of a customer."""
        with self.crm.session(SYSTEM) as session:
            query = select(Consent).where(Consent.customer_id == self.customers[customer])
            found = session.scalars(query.order_by(Consent.occurred_at, Consent.id)).all()
            return [(each.purpose, each.channel, each.granted, each.source) for each in found]


@pytest.fixture
def shop(templates: Templates, tmp_path: Path) -> Iterator[Shop]:
    """A shop with an address of its own on the web."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    settings = Settings(database=url, public_url="https://tea.example")
    with (
        CRM.open(settings) as crm,
        TestClient(crm.asgi(), base_url="https://tea.example", follow_redirects=False) as client,
    ):
        people = {name: Actor.user(id) for name, id in users.items()}
        yield Shop(crm=crm, client=client, people=people, customers=customers)
