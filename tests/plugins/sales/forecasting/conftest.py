"""A small company that sells: two sellers and their manager, two currencies, and a quarter in which things happen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("telling a story")
Q3 = "2026-07-01..2026-09-30"


@frozen(kw_only=True)
class Story:
    """Who is there, and the opportunities by a word for each."""

    users: dict[str, UUID]
    deals: dict[str, UUID]
    customer: UUID


def day(crm: CRM, text: str) -> None:
    """Let it be noon in Shanghai of a day."""
    now = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC).replace(hour=4)
    crm.clock = crm.gate.clock = Clock(now)


def tell(crm: CRM) -> Story:
    """Tell the story: it ends on 20 August 2026."""
    day(crm, "2026-06-01")
    crm.run(SYSTEM, "business.configure", {"name": "Tea", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    for since, rate in (("2026-06-01", "7.00"), ("2026-08-01", "7.20")):
        crm.run(SYSTEM, "currency_rate.set", {"currency": "USD", "base": "CNY", "valid_from": since, "rate": rate})
    crm.enable("sales")
    users: dict[str, UUID] = {}
    north, south = (crm.run(SYSTEM, "team.create", {"name": name}).id for name in ("North", "South"))
    teams = {"mia": (north, south), "sam": (north,), "sue": (south,)}
    for login, role in (("mia", "manager"), ("sam", "seller"), ("sue", "seller")):
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        for team in teams[login]:
            crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": team == teams[login][0]}, target=team)
    customer = crm.run(SYSTEM, "customer.create", {"name": "Ada", "owner_id": users["sam"], "team_id": north}).id
    other = crm.run(SYSTEM, "customer.create", {"name": "Bo", "owner_id": users["sue"], "team_id": south}).id
    deals: dict[str, UUID] = {}

    def add(word: str, owner: str, amount: int, close: str, currency: str = "CNY", stage: str = "proposal") -> None:
        values: dict[str, Any] = {
            "customer_id": customer if owner == "sam" else other,
            "title": word.title(),
            "amount_minor": amount,
            "currency": currency,
            "expected_close": close,
            "stage": stage,
        }
        deals[word] = crm.run(SYSTEM, "sales.opportunity.create", values).id

    def do(word: str, verb: str, **values: Any) -> None:
        crm.run(SYSTEM, f"sales.opportunity.{verb}", values, target=deals[word])

    day(crm, "2026-07-01")
    add("stays", "sam", 100_000, "2026-09-10")
    add("grows", "sam", 200_000, "2026-09-20", stage="negotiation")
    add("slips", "sue", 300_000, "2026-08-30")
    add("comes", "sue", 50_000, "2026-10-15")
    add("wins", "sam", 400_000, "2026-07-31", stage="negotiation")
    add("loses", "sue", 70_000, "2026-08-15")
    add("dollars", "sue", 10_000, "2026-09-01", "USD")
    add("yen", "sam", 5_000, "2026-09-01", "JPY")
    day(crm, "2026-07-20")
    add("new", "sue", 90_000, "2026-08-20", stage="qualification")
    do("grows", "update", amount_minor=260_000)
    do("slips", "update", expected_close="2026-11-01")
    do("comes", "update", expected_close="2026-09-25", amount_minor=60_000)
    day(crm, "2026-08-10")
    do("wins", "win")
    do("loses", "lose", reason="too dear")
    do("stays", "update", probability=40)
    day(crm, "2026-08-20")
    return Story(users=users, deals=deals, customer=customer)


def sqlite_story(templates: Templates, folder: Path) -> tuple[CRM, Story]:
    """Return the story on SQLite, on its last day."""
    url, story = templates.copy_filled("sqlite", folder, tell)
    crm = CRM.open(url)
    day(crm, "2026-08-20")
    return crm, story


@pytest.fixture(params=ENGINES)
def told(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[tuple[CRM, Story]]:
    """The story, once for each engine."""
    url, story = templates.copy_filled(request.param, tmp_path, tell)
    with CRM.open(url) as crm:
        day(crm, "2026-08-20")
        yield crm, story


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[tuple[CRM, Story]]:
    """The story on SQLite alone: for what does not depend on the database."""
    crm, story = sqlite_story(templates, tmp_path)
    with crm:
        yield crm, story


def as_user(story: Story, login: str) -> Actor:
    """Return somebody of the story."""
    return Actor.user(story.users[login], login.title())
