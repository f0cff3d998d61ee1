"""A small shop for tests of analytics: customers by name, and what happens with them by one line each."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock

SYSTEM = Actor.system("keeping a shop")
ZONE = "Asia/Shanghai"


@define(kw_only=True)
class Shop:
    """A shop in Shanghai that counts in yuan."""

    crm: CRM
    today: date = date(2026, 7, 1)
    customers: dict[str, UUID] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.at(self.today)
        self.crm.run(SYSTEM, "business.configure", {"name": "Tea", "base_currency": "CNY", "zone": ZONE})

    def at(self, day: date) -> None:
        """Let it be noon of a day."""
        self.today = day
        self.crm.clock = self.crm.gate.clock = Clock(datetime.combine(day, time(4), UTC))

    def who(self, name: str, **values: Any) -> UUID:
        """Return a customer by name, added at the first time."""
        if name not in self.customers:
            self.customers[name] = self.crm.run(SYSTEM, "customer.create", {"name": name, **values}).id
        return self.customers[name]

    def happens(self, name: str, kind: str, when: date | datetime, **values: Any) -> UUID:
        """Record something about a customer; a day stands for its noon."""
        at = when if isinstance(when, datetime) else datetime.combine(when, time(4), UTC)
        given = {"kind": kind, "customer_id": self.who(name), "occurred_at": at, **values}
        made: UUID = self.crm.run(SYSTEM, "interaction.record", given).id
        return made

    def buys(self, name: str, when: date | datetime, amount: str = "100", currency: str = "CNY", **values: Any) -> UUID:
        """Record a purchase."""
        return self.happens(name, "purchase", when, amount=amount, currency=currency, **values)

    def actor(self, login: str, role: str) -> Actor:
        """Return somebody new who has a role."""
        user = self.crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
        self.crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        return Actor.user(user.id)


def days(first: date, *after: int) -> list[date]:
    """Return a day and those so many days after it."""
    return [first, *(first + timedelta(days=each) for each in after)]
