"""A shop behind its doors whose programme has everything, and whose every text is hostile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define

from crmkit import Settings
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import Web, people

HOSTILE = "<script>alert('x')</script>"


@define(kw_only=True)
class Desk:
    """The shop: its doors, the programme, and the member Blue Kettle with its account and what it redeemed."""

    web: Web
    program: UUID
    member: UUID
    account: UUID
    customer: UUID
    redemption: UUID

    def run(self, name: str, target: Any = None, /, **values: Any) -> Any:
        """Run an operation as the system."""
        return self.web.crm.run(self.web.crm.system("a test"), name, values, target=target)

    def text(self, path: str, login: str = "mia", language: str = "en") -> str:
        """Return a page as somebody sees it."""
        answer = self.web.client(login, language=language).get(path)
        assert (path, answer.status_code) == (path, 200)
        return str(answer.text)

    @property
    def paths(self) -> list[str]:
        """Return all pages of the desk."""
        return [
            "/modules/loyalty/overview",
            f"/modules/loyalty/programme?id={self.program}",
            f"/modules/loyalty/member?id={self.member}",
            "/modules/loyalty/redemptions?state=all",
        ]


def fill(crm: CRM) -> Any:
    """People, and a programme with points, rules, tiers and rewards, of which a member redeems two."""
    users, customers = people(crm)
    crm.enable("loyalty")
    system = crm.system("a test")

    def run(name: str, target: Any = None, /, **values: Any) -> Any:
        return crm.run(system, name, values, target=target)

    program = run("loyalty.program.create", name="club", title=HOSTILE)
    kind = {"program": "club", "expiry": "rolling", "expiry_months": 24, "transferable": True}
    run("loyalty.point_type.create", name="points", title=HOSTILE, **kind)
    run("loyalty.tier_metric.create", name="earned", source="points", title=HOSTILE)
    run("loyalty.tier.create", name="basic", title=HOSTILE, level=0)
    run("loyalty.tier.create", name="gold", title=HOSTILE, level=1, reach={"earned": "5000"}, benefits=HOSTILE)
    version = run("loyalty.rule_set.draft", note=HOSTILE)
    run("loyalty.earn_rule.create", version.id, name="base", title=HOSTILE, points="amount * 10", cap_day=100)
    run("loyalty.rule_set.publish", version.id)
    run("loyalty.rule_set.draft")
    run("loyalty.reward.create", name="cup", title=HOSTILE, points=200, description=HOSTILE)
    run("loyalty.reward.create", name="kettle", title=HOSTILE, points=300, kind="goods", stock=5)
    kettle = customers["Blue Kettle Ltd"]
    member = run("loyalty.member.join", customer_id=kettle)
    run("loyalty.points.adjust", member.account_id, points=1000, reason=HOSTILE)
    run("loyalty.hold.create", customer_id=kettle, points=50, ref=HOSTILE)
    run("loyalty.redemption.create", customer_id=kettle, reward="cup")
    ordered = run("loyalty.redemption.create", customer_id=kettle, reward="kettle")
    crm.worker().run_until_idle()
    return users, customers, program.id, member.id, member.account_id, ordered.id


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """The shop of a test alone, on SQLite."""
    url, (users, customers, program, member, account, ordered) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, public_url="http://localhost")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield Desk(
            web=web,
            program=program,
            member=member,
            account=account,
            customer=customers["Blue Kettle Ltd"],
            redemption=ordered,
        )
        for client in web.clients:
            client.close()
