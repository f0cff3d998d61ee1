"""A customer base with messaging enabled and people in it, for the tests of templates and of leaving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from attrs import frozen

from crmkit.app import CRM
from crmkit.core.store.actor import Actor

SYSTEM = Actor.system("a test")
ROLES = {"mia": "manager", "max": "marketer", "sam": "seller", "sue": "service_agent", "ann": "analyst"}


@frozen(kw_only=True)
class Base:
    """A base, its people by login, and its customers by given name."""

    crm: CRM
    people: Mapping[str, Actor]
    customers: Mapping[str, UUID]


def fill(crm: CRM) -> tuple[Mapping[str, UUID], Mapping[str, UUID]]:
    """Enable messaging, and add people and customers; return their ids."""
    crm.enable("work")
    crm.enable("messaging")
    crm.run(SYSTEM, "business.configure", {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        user = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title(), "email": f"{login}@tea.example"})
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        users[login] = user.id
    customers: dict[str, UUID] = {}
    rows: list[dict[str, Any]] = [
        {"given_name": "Ada", "family_name": "Byron", "language": "en", "city": "London", "email": "ada@x.example"},
        {"given_name": "林", "family_name": "王", "language": "zh-CN", "city": "上海", "email": "lin@x.example"},
        {"name": "Nameless", "email": "nobody@x.example"},
    ]
    for row, key in zip(rows, ("ada", "lin", "bare"), strict=True):
        owner = {"owner_id": str(users["sam"])}
        customers[key] = crm.run(SYSTEM, "customer.create", {**row, **owner}).id
    return users, customers


def add(crm: CRM, name: str, blocks: str, *, by: Actor = SYSTEM, publish: bool = True, **values: Any) -> UUID:
    """Add a template with one text and publish it; return its id."""
    made = {key: values.pop(key) for key in ("channel", "purpose", "language") if key in values}
    given = values.pop("given", None)
    template: UUID = crm.run(by, "messaging.template.create", {"name": name, **made}).id
    if given is not None:
        crm.run(by, "messaging.template.set_values", {"values": given}, target=template)
    text = {"language": made.get("language", "en"), "blocks": blocks, **values}
    crm.run(by, "messaging.template.write", text, target=template)
    if publish:
        crm.run(by, "messaging.template.publish", {"confirmed": True}, target=template)
    return template
