"""A tea house for tests of churn: customers who buy every few weeks, and those of whom some stop."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock

SYSTEM = Actor.system("keeping a tea house")
TODAY = date(2026, 7, 1)


@define(kw_only=True)
class House:
    """A tea house in Shanghai whose history was imported on the first of July."""

    crm: CRM
    today: date = TODAY
    customers: list[UUID] = field(factory=list)
    stopped: dict[UUID, date] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.at(self.today)
        self.crm.run(SYSTEM, "business.configure", {"name": "Tea", "base_currency": "CNY", "zone": "Asia/Shanghai"})

    def at(self, day: date) -> None:
        """Let it be noon of a day, for the business and the system."""
        self.today = day
        self.crm.clock = self.crm.gate.clock = Clock(datetime.combine(day, time(4), UTC))

    def who(self, name: str, **values: Any) -> UUID:
        """Return a new customer."""
        made: UUID = self.crm.run(SYSTEM, "customer.create", {"name": name, **values}).id
        self.customers.append(made)
        return made

    def buys(self, who: UUID, *days: date) -> None:
        """Record a purchase of 100 on each day."""
        items = [
            {
                "kind": "purchase",
                "customer_id": who,
                "occurred_at": datetime.combine(each, time(4), UTC),
                "amount": "100",
                "currency": "CNY",
            }
            for each in days
        ]
        self.crm.run_many(SYSTEM, "interaction.record", items)

    def history(self, n: int = 300, months: int = 18, seed: int = 1) -> None:
        """Record customers who buy about every two weeks; some stop, and buy less before they do."""
        chance = random.Random(seed)
        items: list[dict[str, Any]] = []
        made = self.crm.run_many(SYSTEM, "customer.create", [{"name": f"Customer {each}"} for each in range(n)])
        self.customers = [outcome.result for outcome in made]
        first = self.today - timedelta(days=months * 30)
        for who in self.customers:
            day = first + timedelta(days=chance.randint(0, 200))
            weary = self.today + timedelta(days=9999)
            if chance.random() < 0.75:
                weary = day + timedelta(days=chance.randint(60, months * 30))
            while day < self.today:
                left = (weary - day).days
                if left <= 0:
                    self.stopped[who] = weary
                    break
                items.append(
                    {
                        "kind": "purchase",
                        "customer_id": who,
                        "occurred_at": datetime.combine(day, time(4), UTC),
                        "amount": str(chance.randint(50, 200)),
                        "currency": "CNY",
                    }
                )
                # Who is about to stop buys more seldom before.
                day += timedelta(days=max(3, round(chance.gauss(14 if left > 75 else 26, 3))))
        for begin in range(0, len(items), 2000):
            self.crm.run_many(SYSTEM, "interaction.record", items[begin : begin + 2000])

    def define(self, name: str = "silent", **values: Any) -> Any:
        """Say what leaving means: silent for longer than usual, with the history's delay stated."""
        given = {
            "name": name,
            "title": "Silent for long",
            "kind": "gap",
            "horizon_days": 60,
            "delays": {"purchase": 0, "interaction": 0},
            "features": [
                "days_since(purchase.last_at)",
                "purchase.count@60d",
                "purchase.count@30d",
                "purchase.average_gap_days",
            ],
        }
        return self.crm.run(SYSTEM, "churn.definition.create", {**given, **values})

    def actor(self, login: str, role: str) -> Actor:
        """Return somebody new who has a role."""
        user = self.crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
        self.crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        return Actor.user(user.id)
