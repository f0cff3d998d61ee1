"""A shop whose customers have labels and have bought, in two teams; and people who see more or less of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from attrs import define

from crmkit import CRM, Actor
from crmkit.engines.reports.running import run
from crmkit.engines.reports.values import ReportRun
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, customer, role, user

MAY = datetime(2026, 5, 10, 4, tzinfo=UTC)
JUNE = datetime(2026, 6, 10, 4, tzinfo=UTC)


@define(kw_only=True)
class Shop:
    """The shop. Nora sees the northern customers; the analyst counts all, each of them masked; Paul may run nothing."""

    crm: CRM
    nora: Actor
    analyst: Actor
    paul: Actor
    north: UUID
    south: UUID
    ids: Mapping[str, UUID]

    def run(
        self, name: str, actor: Actor = SYSTEM, *, times: Mapping[str, Any] | None = None, **values: Any
    ) -> ReportRun:
        """Run a report as somebody."""
        with self.crm.session(actor) as session:
            return run(session, name, values, **(times or {}))

    def buy(self, name: str, amount: int, at: datetime = JUNE, kind: str = "purchase") -> UUID:
        """Record a purchase or a refund."""
        values = {
            "kind": kind,
            "customer_id": str(self.ids[name]),
            "amount": f"{amount}.00",
            "currency": "CNY",
            "occurred_at": at.isoformat(),
        }
        made: UUID = self.crm.run(SYSTEM, "interaction.record", values).id
        return made


def build(crm: CRM) -> Shop:
    """Make the shop: five customers of the north, three of the south, with purchases in May and June; classified."""
    settings = {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN", "city": "上海"}
    crm.run(SYSTEM, "business.configure", settings)
    north = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    south = crm.run(SYSTEM, "team.create", {"name": "South"}).id
    sees = [("customer", "read", "team"), ("interaction", "read", "team"), ("report", "read", "team")]
    role(crm, "seer", sees, levels={"personal": "full"})
    counting = [("customer", "read", "all"), ("interaction", "read", "all"), ("report", "*", "all")]
    role(crm, "counting", counting, levels={"personal": "masked"})
    role(crm, "outsider", [("customer", "read", "team")])
    people = {north: ("Ann", "Ben", "Cai", "Dan", "Eve"), south: ("Fay", "Gus", "Hal")}
    ids = {name: customer(crm, name, team=team) for team, names in people.items() for name in names}
    shop = Shop(
        crm=crm,
        nora=user(crm, "nora", "seer", team=north),
        analyst=user(crm, "analyst", "counting"),
        paul=user(crm, "paul", "outsider", team=north),
        north=north,
        south=south,
        ids=ids,
    )
    for name, amount, at in (("Ann", 100, MAY), ("Ann", 50, JUNE), ("Ben", 20, MAY), ("Fay", 300, JUNE)):
        shop.buy(name, amount, at)
    dimension = {
        "name": "buyer",
        "title": "Buyer",
        "labels": [
            {"name": "much", "title": "Much", "when": "purchase.amount >= 100"},
            {"name": "little", "title": "Little", "when": "purchase.count >= 1"},
        ],
    }
    crm.run(SYSTEM, "dimension.save", {"definition": dimension})
    crm.run(SYSTEM, "classification.run", {"dimensions": ["buyer"]})
    return shop


@pytest.fixture(scope="module", params=ENGINES)
def shop(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """The shop, for tests that only look; made once for each engine."""
    url = templates.copy(request.param, tmp_path_factory.mktemp("reports"))
    crm = CRM.open(url)
    yield build(crm)
    crm.close()


@pytest.fixture
def own(crm: CRM) -> Shop:
    """A shop of one's own, for tests that change it."""
    return build(crm)
