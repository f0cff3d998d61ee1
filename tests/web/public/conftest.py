"""A shop with customers and public pages: the kernel's, and some that stand for plugins'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from starlette.testclient import TestClient

from crmkit import CRM, Actor, Customer, InvalidInput, Problem, PublicPage, Received, Reply, Visit
from tests.conftest import Templates

SYSTEM = Actor.system("test")


def show_note(session: Any, visit: Visit) -> Mapping[str, Any]:
    """Show a form about nobody's secrets, and how many customers its visitor sees."""
    from sqlalchemy import func, select

    return {"name": "", "channels": (), "purposes": (), "seen": session.scalar(select(func.count(Customer.id)))}


def send_note(session: Any, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep what was sent in the customer's city, which shows in a list."""
    (city,) = values.get("city", ("",))
    if not city:
        raise InvalidInput([Problem("CK500", "A city is needed.", field="city")])
    session.run("customer.update", {"city": city}, target=visit.customer_id)


ONCE = PublicPage(
    name="once",
    title="Once",
    template="public/preferences.html",
    show=show_note,
    submit=send_note,
    rights=("customer.read", "customer.update"),
    once=True,
    throttle=3,
)


def take(crm: Any, visit: Visit, received: Received) -> Reply:
    """Keep what a machine has sent as a note of the customer, whose link it is."""
    if received.body == b"nonsense":
        raise InvalidInput([Problem("CK500", "That is nonsense.", field="body")])
    if received.body == b"trouble":
        raise ZeroDivisionError("a secret of the page")
    values = {"kind": "note", "customer_id": visit.customer_id, "subject": received.headers.get("x-topic", "")}
    made = crm.run(SYSTEM, "interaction.record", {**values, "body": f"{len(received.body)} {received.content_type}"})
    return Reply(status=201, document={"id": str(made.id)})


MACHINES = PublicPage(
    name="machines", title="Machines", template="public/preferences.html", show=show_note, receive=take, throttle=5
)
BOTH = PublicPage(
    name="both",
    title="Both",
    template="public/preferences.html",
    show=show_note,
    submit=send_note,
    receive=take,
    rights=("customer.read", "customer.update"),
)
SILENT = PublicPage(name="silent", title="Silent", template="public/preferences.html", show=show_note)


@define
class Shop:
    """A CRM with its doors, and two customers."""

    crm: CRM
    client: TestClient
    ada: UUID
    bob: UUID

    def link(self, page: str = "preferences", customer: UUID | None = None, **values: Any) -> Any:
        """Return a link, for Ada unless it is said for whom."""
        given = {"page": page, "customer_id": customer or self.ada, **values}
        return self.crm.run(SYSTEM, "public_link.create", given)

    def form(self, path: str) -> str:
        """Return the token of the form that a link shows."""
        return form_of(self.client.get(path).text)

    def send(self, path: str, values: Mapping[str, Any], form: str | None = None) -> Any:
        """Send a form."""
        return self.client.post(path, data={"form": self.form(path) if form is None else form, **values})

    def consents(self, customer: UUID | None = None) -> list[tuple[str, str, bool, str | None, str]]:
        """Return the ledger of a customer in order."""
        from sqlalchemy import select

        from crmkit.core.customers.models import Consent

        with self.crm.session(SYSTEM) as session:
            query = select(Consent).where(Consent.customer_id == (customer or self.ada)).order_by(Consent.id)
            return [(c.purpose, c.channel, c.granted, c.source, c.actor_id) for c in session.scalars(query)]


def form_of(text: str) -> str:
    """Return the token of the form on a page."""
    match = re.search(r'name="form" value="([^"]+)"', text)
    assert match, text
    return match[1]


@pytest.fixture
def shop(templates: Templates, tmp_path: Path) -> Iterator[Shop]:
    """The shop, on SQLite."""
    with CRM.open(templates.copy("sqlite", tmp_path)) as crm:
        yield made(crm)


def made(crm: CRM) -> Shop:
    """Return a shop on a CRM."""
    crm.registry.add("crmkit", "public page", [ONCE, SILENT, MACHINES, BOTH])
    crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": "CNY", "accent": "#7a3e12"})
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada Byron", "email": "ada@example.com"}).id
    bob = crm.run(SYSTEM, "customer.create", {"name": "Bob Hall", "email": "bob@example.com"}).id
    client = TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=False)
    return Shop(crm, client, ada, bob)
