"""A customer base with quality enabled, people who see different parts of it, and customers who are there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.conftest import ENGINES, Templates
from tests.web.conftest import Web, behind_doors, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
ADA = {"birth_date": "1980-03-02", "city": "London", "street": "12 Baker Street", "postal_code": "NW1 6XE"}


def add(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a customer in system scope and return the id."""
    found: UUID = crm.run(SYSTEM, "customer.create", {"name": name, **values}).id
    return found


def search(crm: CRM, kind: str = "full") -> None:
    """Search for duplicates here and now."""
    from crmkit_quality.duplicates.searching import carry_out

    carry_out(crm, crm.run(SYSTEM, "quality.search.begin", {"kind": kind}))


def pairs(crm: CRM, actor: Actor = SYSTEM) -> list[Any]:
    """Return the pairs that wait for a decision, as somebody sees them."""
    from crmkit_quality.duplicates.reading import queue

    with crm.session(actor) as session:
        return queue(session, 1000)


def both(pair: Any) -> set[UUID]:
    """Return the two customers of a pair."""
    return {pair.first_id, pair.second_id}


@pytest.fixture(params=ENGINES)
def quality(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A customer base with the plugin enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "quality") as crm:
        yield crm


@pytest.fixture
def lite(templates: Templates, tmp_path: Any) -> Iterator[CRM]:
    """The same on SQLite alone: for what does not depend on the database."""
    with templates.opened("sqlite", tmp_path, "quality") as crm:
        yield crm


@define(kw_only=True)
class House:
    """Two sellers, each with a customer of his own, who are both Ada Lovelace; sam has Ada twice himself.

    ``own`` and ``twin`` are sam's, ``foreign`` is sid's, of another team.
    """

    web: Web
    own: UUID
    twin: UUID
    foreign: UUID

    @property
    def crm(self) -> CRM:
        """The customer base."""
        return self.web.crm

    def actor(self, login: str) -> Actor:
        """Return somebody as who acts, signed in on the pages."""
        return Actor.user(self.web.users[login], login, method="password")


def people(web: Web) -> tuple[UUID, Mapping[str, UUID]]:
    """Add three records of one person, two of one seller's and one of another's, whose id is returned, too."""
    sam = web.users["sam"]
    sid = web.crm.run(SYSTEM, "user.create", {"login": "sid", "name": "Sid Seller"}).id
    web.crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=sid)
    return sid, {
        "own": add(web.crm, "Ada Lovelace", email="ada@analytical.example", owner_id=str(sam), **ADA),
        "twin": add(web.crm, "Lovelace, Ada", phone="+44 20 7946 0018", owner_id=str(sam), **ADA),
        "foreign": add(web.crm, "Ada Lovelace", email="ada@analytical.example", owner_id=str(sid), **ADA),
    }


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[House]:
    """A base with people in it behind its doors, once for each engine; nothing was searched yet."""
    with behind_doors(templates, request.param, tmp_path, "quality", fill=people) as web:
        yield _house(web)


def _house(web: Web) -> House:
    sid, customers = web.told
    web.users = {**web.users, "sid": sid}
    return House(web=web, **customers)


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Any) -> Iterator[Web]:
    """The doors on SQLite alone, with the plugin enabled."""
    with behind_doors(templates, "sqlite", tmp_path, "quality", fill=people) as web:
        yield web


@pytest.fixture
def small_house(sqlite_web: Web) -> House:
    """The same house on SQLite alone."""
    return _house(sqlite_web)
