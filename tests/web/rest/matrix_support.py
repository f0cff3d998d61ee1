"""The rules of access as the matrix test states them, independently of the kernel, and the world that it calls.

Whoever has no right to an action on a resource at all is refused (403), whatever is named. A record that the caller may
not read is not found (404), like one that there is not. One that he may read, but not do this with, is refused. What is
left is answered, or fails for reasons of its own (409, 422 …), but neither of these.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID, uuid4

import attrs

from crmkit import CRM, Actor
from crmkit.core.operations.inputs import fields_of
from crmkit.security.roles.shipped import EVERYBODY, SHIPPED

SYSTEM = Actor.system("the matrix of access")
ROLES = tuple(role.name for role in SHIPPED)
KINDS = ("own", "team", "foreign", "nonexistent")
OPEN = ("user", "team", "role", "custom_field", "import", "public_link", "option", "currency_rate")
"""Resources whose records everybody who is signed in may read."""
WITHIN = {"own": ("own",), "team": ("own", "team"), "tree": ("own", "team"), "all": ("own", "team", "foreign")}
"""Which records lie in a scope: the caller's own, one of a colleague in the same team, one of another team."""


def scope(role: str | None, resource: str, *actions: str) -> str:
    """Return the widest scope in which a shipped role may do one of some actions on a resource."""
    widths = ("none", "own", "team", "tree", "all")
    shipped = next((each for each in SHIPPED if each.name == role), None)
    found = (
        [
            width
            for pattern, granted, width in (*EVERYBODY, *shipped.grants)
            if shipped is not None
            if pattern in ("*", resource) and any(each in actions for each in granted.split())
        ]
        if shipped is not None
        else []
    )
    return max(found, key=widths.index, default="none")


def expected(role: str | None, resource: str, actions: Sequence[str], kind: str, read: str | None = None) -> str:
    """Return what has to come of a call about a record: "refused", "missing" or "served"."""
    allowed = scope(role, resource, *actions)
    if allowed == "none":
        return "refused"
    about = read or resource
    seen = "all" if about in OPEN else scope(role, about, "read")
    if kind == "nonexistent" or kind not in WITHIN.get(seen, ()):
        return "missing"
    return "served" if kind in WITHIN[allowed] else "refused"


def verdict(status: int) -> str:
    """Return what a status says: "refused", "missing", "served" (whatever came of it), or the status itself."""
    if status in (401, 500, 501, 502, 503):
        return str(status)
    return {403: "refused", 404: "missing"}.get(status, "served")


# --- inputs ----------------------------------------------------------------------------------------------------------


def given(shape: type[Any], *, whole: bool = False) -> dict[str, Any]:
    """Return a plain input of the form that a class asks for: what is required, or with ``whole`` everything."""
    return {
        attribute.name: value(hint)
        for attribute, hint, _info in fields_of(shape)
        if whole or attribute.default is attrs.NOTHING
    }


def value(hint: Any) -> Any:
    """Return a plain value of a type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return value(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return value(next(each for each in arguments if each is not type(None)))
    if origin is Literal:
        return arguments[0]
    if origin in (list, tuple, set, frozenset):
        return [value(arguments[0])]
    if isinstance(hint, type) and attrs.has(hint):
        return given(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    plain: Mapping[Any, Any] = {
        str: "sample",
        int: 1,
        float: 1.0,
        bool: True,
        Decimal: "1",
        UUID: str(uuid4()),
        datetime: "2030-01-01T00:00:00Z",
        date: "2030-01-01",
        timedelta: 60,
        bytes: "eA==",
    }
    return plain.get(hint, {})


# --- the world -------------------------------------------------------------------------------------------------------


@attrs.define(kw_only=True)
class World:
    """A customer base with a caller of each role in one team, a colleague, and somebody of another team."""

    crm: CRM
    users: dict[str, UUID] = attrs.field(factory=dict)
    tokens: dict[str, str] = attrs.field(factory=dict)
    teams: dict[str, UUID] = attrs.field(factory=dict)
    number: int = 0

    def fill(self) -> World:
        """Add the people."""
        run = self.crm.run
        run(
            SYSTEM,
            "business.configure",
            {"name": "Matrix", "base_currency": "EUR", "zone": "Europe/Rome", "country": "IT"},
        )
        self.teams = {name: run(SYSTEM, "team.create", {"name": name}).id for name in ("North", "South")}
        for login in (*ROLES, "nothing", "colleague", "stranger"):
            user = self.users[login] = run(SYSTEM, "user.create", {"login": login, "name": login}).id
            team = self.teams["South" if login == "stranger" else "North"]
            run(SYSTEM, "team.add_member", {"user_id": str(user)}, target=team)
            if login in ROLES:
                run(SYSTEM, "user.assign_role", {"role": login}, target=user)
        run(SYSTEM, "role.create", {"name": "tokens", "title": "Tokens"})
        with self.crm.session(SYSTEM) as session:
            from sqlalchemy import select

            from crmkit.core.access.models import Role

            role = session.scalars(select(Role.id).where(Role.name == "tokens")).one()
        run(SYSTEM, "role.grant", {"resource": "token", "action": "create", "scope": "own"}, target=role)
        run(SYSTEM, "user.assign_role", {"role": "tokens"}, target=self.users["nothing"])
        for login in (*ROLES, "nothing"):
            made = run(Actor.user(self.users[login]), "token.create", {"name": "matrix", "scopes": ["*"]})
            self.tokens[login] = made.token
        run(SYSTEM, "user.unassign_role", {"role": "tokens"}, target=self.users["nothing"])
        return self

    def customers(self, login: str, kind: str, number: int) -> list[str]:
        """Add customers that are somebody's own, a colleague's or a stranger's, and return their ids."""
        owner, team = {"own": (login, "North"), "team": ("colleague", "North"), "foreign": ("stranger", "South")}[kind]
        self.number += 1
        items = [
            {
                "name": f"{kind} {self.number} {place}",
                "owner_id": str(self.users[owner]),
                "team_id": str(self.teams[team]),
                "contact_points": [{"kind": "email", "value": f"m{self.number}x{place}@example.com"}],
            }
            for place in range(number)
        ]
        return [str(each.result) for each in self.crm.run_many(SYSTEM, "customer.create", items)]

    def interactions(self, customers: Sequence[str]) -> list[str]:
        """Record an interaction with each of some customers."""
        items = [{"kind": "call", "customer_id": each, "subject": "hello"} for each in customers]
        found = self.crm.run_many(SYSTEM, "interaction.record", items)
        return [str(getattr(each.result, "id", each.result)) for each in found]

    def other(self, resource: str) -> str | None:
        """Add a record of a resource that nobody owns, and return its id; None where there is no simple way to."""
        self.number += 1
        name = f"x{self.number}"
        made = {
            "product": ("product.create", {"sku": name, "title": name}),
            "product_category": ("product_category.create", {"name": name}),
            "team": ("team.create", {"name": name}),
            "user": ("user.create", {"login": name, "name": name}),
            "role": ("role.create", {"name": name, "title": name}),
        }.get(resource)
        return None if made is None else str(self.crm.run(SYSTEM, *made).id)
