"""A small shop: two teams with customers who have bought, agreed, moved; and people who see more or less of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from attrs import define

from crmkit import CRM, Actor
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.segments.figures import condition, size
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, customer, role, user

JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


@define(kw_only=True)
class Shop:
    """The shop. ``north`` and ``south`` are customers by name; Nora sees the northern ones, the masked analyst all of
    them, and nothing personal."""

    crm: CRM
    nora: Actor
    sven: Actor
    analyst: Actor
    exporter: Actor
    north: Mapping[str, UUID]
    south: Mapping[str, UUID]

    @property
    def ids(self) -> dict[str, UUID]:
        """Return all customers by name."""
        return {**self.north, **self.south}

    def save(self, name: str, where: str, **more: Any) -> Any:
        """Save a segment in system scope."""
        return self.crm.run(SYSTEM, "segment.save", {"name": name, "title": name.title(), "where": where, **more})

    def count(self, actor: Actor, name: str | None = None, where: str | None = None, **more: Any) -> int:
        """Count a segment as somebody."""
        with self.crm.session(actor) as session:
            return size(session, condition(session, name, where), moment_of(session), **more).count

    def buy(self, customer_id: UUID, amount: int, at: datetime = JUNE) -> None:
        """Record a purchase."""
        values = {
            "kind": "purchase",
            "customer_id": str(customer_id),
            "amount": f"{amount}.00",
            "currency": "CNY",
            "occurred_at": at.isoformat(),
        }
        self.crm.run(SYSTEM, "interaction.record", values)


def build(crm: CRM) -> Shop:
    """Make the shop: Ann and Ben of the north, Cai and Dan and Eve of the south; Ann, Ben and Cai have bought."""
    crm.run(SYSTEM, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    north = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    south = crm.run(SYSTEM, "team.create", {"name": "South"}).id
    sees = [("customer", "read", "team"), ("interaction", "read", "team")]
    role(crm, "seer", sees, levels={"personal": "full"})
    everything = [(name, "*", "all") for name in ("customer", "interaction", "export", "segment")]
    role(crm, "boss", [*everything, ("report", "all", "all")], levels={"personal": "masked"})
    leaving = [*sees, ("customer", "export", "team"), ("export", "run", "all")]
    role(crm, "leaver", leaving, levels={"personal": "full"})
    nora = user(crm, "nora", "seer", team=north)
    sven = user(crm, "sven", "seer", team=south)
    people = {
        north: {"Ann": {"city": "Kiel", "gender": "female"}, "Ben": {"city": "Ulm", "gender": "male"}},
        south: {"Cai": {"city": "Kiel"}, "Dan": {"city": "Ulm"}, "Eve": {}},
    }
    made = {
        team: {name: customer(crm, name, team=team, **values) for name, values in named.items()}
        for team, named in people.items()
    }
    shop = Shop(
        crm=crm,
        nora=nora,
        sven=sven,
        analyst=user(crm, "analyst", "boss"),
        exporter=user(crm, "leaver", "leaver", team=north),
        north=made[north],
        south=made[south],
    )
    for name, amounts in {"Ann": (100, 50), "Ben": (20,), "Cai": (300,)}.items():
        for amount in amounts:
            shop.buy(shop.ids[name], amount)
    return shop


@pytest.fixture(scope="module", params=ENGINES)
def shop(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """The shop, for tests that only look; made once for each engine."""
    crm = CRM.open(templates.copy(request.param, tmp_path_factory.mktemp("segments")))
    shop = build(crm)
    shop.save("kiel", 'customer.city == "Kiel"')
    shop.save("buyers", "purchase.count >= 1")
    shop.save("both", "segment.kiel and segment.buyers")
    yield shop
    crm.close()


@pytest.fixture
def own(crm: CRM) -> Shop:
    """A shop of one's own, for tests that change it."""
    return build(crm)
