"""Two installations of crmkit that are kept in step: ours runs the plugin, theirs only answers over its REST API."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from attrs import define, field
from crmkit_integration.syncing.models import SyncConflict, SyncPair, SyncRun
from crmkit_integration.syncing.reconciling import Reconciliation, compare, plan_run
from crmkit_integration.syncing.running import run
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import Actor, Answer, Customer
from crmkit.app import CRM
from tests.conftest import Templates

SYSTEM = Actor.system("a test")
FIELDS = {"name": "newest", "city": "newest", "job_title": "newest", "tags": "newest", "emails": "newest"}
THEIRS = "https://theirs.example.com"


def add(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a customer in system scope and return the id."""
    found: UUID = crm.run(SYSTEM, "customer.create", {"name": name, "despite_duplicates": True, **values}).id
    return found


def change(crm: CRM, customer: UUID, **values: Any) -> None:
    """Change a customer."""
    crm.run(SYSTEM, "customer.update", values, target=customer)


def known(crm: CRM) -> dict[str, dict[str, Any]]:
    """Return all customers that are not deleted, by name, with what is kept in step."""
    with crm.session(SYSTEM) as session:
        return {
            each.name: {
                "city": each.city,
                "job_title": each.job_title,
                "tags": sorted(tag.name for tag in each.tags),
                "emails": sorted(point.value for point in each.contact_points if point.kind == "email"),
            }
            for each in session.scalars(select(Customer).where(Customer.deleted_at.is_(None)))
        }


def named(crm: CRM, name: str) -> UUID:
    """Return the id of the customer with a name."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(Customer.id).where(Customer.name == name)).one()


def keeper(crm: CRM, *, reveals: bool = True) -> Actor:
    """Add a user who sees and changes all customers, and return the actor."""
    crm.run(SYSTEM, "role.create", {"name": "keeper", "title": "Keeper"})
    with crm.session(SYSTEM) as session:
        from crmkit.core.access.models import Role

        role = session.scalars(select(Role.id).where(Role.name == "keeper")).one()
    for action in ("read", "create", "update", *(["reveal"] if reveals else [])):
        crm.run(SYSTEM, "role.grant", {"resource": "customer", "action": action, "scope": "all"}, target=role)
    crm.run(SYSTEM, "role.grant", {"resource": "token", "action": "create", "scope": "own"}, target=role)
    for classified, level in (("personal", "full"), ("text", "full"), ("sensitive", "full")):
        values = {"resource": "*", "classified": classified, "level": level}
        crm.run(SYSTEM, "role.set_field_right", values, target=role)
    user = crm.run(SYSTEM, "user.create", {"login": "keeper", "name": "Keeper"})
    crm.run(SYSTEM, "user.assign_role", {"role": "keeper"}, target=user.id)
    return Actor.user(user.id)


def token_of(crm: CRM, actor: Actor) -> str:
    """Return a new token of somebody for everything that he may do."""
    return str(crm.run(actor, "token.create", {"name": secrets.token_hex(4), "scopes": ["*"]}).token)


@define(kw_only=True)
class Sides:
    """Both installations, and the plan between them."""

    ours: CRM
    theirs: CRM
    client: TestClient
    sync_id: UUID | None = None
    calls: list[str] = field(factory=list)

    def agree(self, fields: Mapping[str, str] = FIELDS, **values: Any) -> Sides:
        """Agree on what is kept in step."""
        made = self.ours.run(
            SYSTEM,
            "integration.sync.create",
            {
                "name": "branch",
                "url": THEIRS,
                "token": token_of(self.theirs, keeper(self.theirs)),
                "runs_as_id": keeper(self.ours).user_id,
                "fields": dict(fields),
                **values,
            },
        )
        self.sync_id = made.id
        return self

    def run(self, **options: Any) -> dict[str, Any]:
        """Run the synchronisation and return what it counted."""
        assert self.sync_id is not None
        identity = run(self.ours, self.sync_id, **options)
        with self.ours.session(SYSTEM) as session:
            return dict(session.get_one(SyncRun, identity).counts)

    def planned(self) -> list[tuple[str, str, Any]]:
        """Return what a run would do: acts, fields, and the values after."""
        assert self.sync_id is not None
        return [(each.act, each.field, each.after) for each in plan_run(self.ours, self.sync_id)]

    def compared(self) -> Reconciliation:
        """Compare both sides."""
        assert self.sync_id is not None
        return compare(self.ours, self.sync_id)

    def pairs(self) -> list[SyncPair]:
        """Return the pairs in their order."""
        with self.ours.session(SYSTEM) as session:
            return list(session.scalars(select(SyncPair).order_by(SyncPair.id)))

    def conflicts(self, state: str = "open") -> list[SyncConflict]:
        """Return conflicts in a state."""
        with self.ours.session(SYSTEM) as session:
            return list(session.scalars(select(SyncConflict).where(SyncConflict.state == state)))

    def answer(self, url: str, *, method: str = "GET", content: bytes | None = None, **options: Any) -> Answer:
        """Answer a call as their server would: the whole application, without a socket between."""
        parts = urlsplit(url)
        self.calls.append(f"{method} {parts.path}")
        response = self.client.request(
            method, f"{parts.path}?{parts.query}", content=content, headers=options.get("headers")
        )
        return Answer(status=response.status_code, headers=dict(response.headers), body=response.content)


@pytest.fixture
def sides(templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    """Two customer bases on SQLite; calls to theirs go to its application at once."""
    monkeypatch.setenv("CRMKIT_RATE_LIMIT", "off")
    with (
        templates.opened("sqlite", tmp_path, "integration") as ours,
        CRM.open(templates.copy("sqlite", tmp_path)) as theirs,
    ):
        client = TestClient(theirs.asgi(), base_url="http://localhost", raise_server_exceptions=False)
        found = Sides(ours=ours, theirs=theirs, client=client)
        monkeypatch.setattr("crmkit_integration.syncing.crmkit_api.call_address", found.answer)
        yield found
