"""Customers who come by chat or by phone, of whom known shares do not go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from crmkit import Customer
from tests.plugins.experience.promises.base import START, Base


def contact(customer: UUID, kind: str, days_ago: float, **more: Any) -> dict[str, Any]:
    """Return an interaction that came in some days before the tests begin."""
    at = START - timedelta(days=days_ago)
    return {"kind": kind, "customer_id": customer, "direction": "in", "occurred_at": at, **more}


def customers(base: Base, number: int, who: str = "sam") -> list[UUID]:
    """Return new customers of somebody, in the team of Ada where there is one."""
    ada = base.customers.get("Ada")
    team = base.get(Customer, ada).team_id if ada is not None else None
    more = {"team_id": str(team)} if team is not None else {}
    items = [{"name": f"Customer {each}", "owner_id": str(base.users[who]), **more} for each in range(number)]
    return [each.result for each in base.crm.run_many(base.actor(), "customer.create", items)]


def record(base: Base, items: list[dict[str, Any]]) -> None:
    """Record interactions."""
    for start in range(0, len(items), 500):
        found = base.crm.run_many(base.actor(), "interaction.record", items[start : start + 500])
        assert all(each.result is not None for each in found)


def live(base: Base, number: int = 60, chat_lost: int = 30, phone_lost: int = 6, worth: int = 100) -> list[UUID]:
    """Let customers chat and as many others call 60 days ago; the last of each buy something 50 days ago. All have
    bought for ``worth`` before."""
    chatting, calling = customers(base, number), customers(base, number)
    items = [contact(each, "chat", 60) for each in chatting] + [contact(each, "call", 60) for each in calling]
    again = [*chatting[chat_lost:], *calling[phone_lost:]]
    items += [{**contact(each, "purchase", 50), "amount": "0", "currency": "EUR"} for each in again]
    items += [
        {**contact(each, "purchase", 300), "amount": str(worth), "currency": "EUR"} for each in [*chatting, *calling]
    ]
    record(base, items)
    return chatting
