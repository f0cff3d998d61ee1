"""A small company with two teams and customers of each: what the tests of access look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import define, evolve

from crmkit import Actor
from crmkit.app import CRM

if TYPE_CHECKING:
    from tests.conftest import Templates

SYSTEM = Actor.system("tests")

SELLER: tuple[tuple[str, str, str], ...] = (
    ("customer", "*", "team"),
    ("interaction", "*", "team"),
    ("*", "read", "team"),
)
"""What a seller may do: everything with what is the team's."""


@define(kw_only=True)
class World:
    """Two teams, north and south, with a user each; a manager above both; customers and their purchases."""

    crm: CRM
    north: UUID
    south: UUID
    nora: Actor
    sven: Actor
    manager: Actor
    mine: UUID
    """A customer of the northern team, which Nora may see."""
    foreign: UUID
    """A customer of the southern team, which she may not."""
    my_sale: UUID
    foreign_sale: UUID


def role(
    crm: CRM,
    name: str,
    grants: Iterable[tuple[str, str, str]],
    *,
    levels: Mapping[str, str] | None = None,
) -> None:
    """Make a role with its grants (resource, action, scope) and the levels at which it sees classes of fields."""
    made = crm.run(SYSTEM, "role.create", {"name": name})
    for resource, action, scope in grants:
        crm.run(SYSTEM, "role.grant", {"resource": resource, "action": action, "scope": scope}, target=made.id)
    for classified, level in (levels or {}).items():
        crm.run(SYSTEM, "role.set_field_right", {"classified": classified, "level": level}, target=made.id)


def user(crm: CRM, login: str, *roles: str, team: UUID | None = None) -> Actor:
    """Make a user with roles, in a team."""
    made = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()})
    if team is not None:
        crm.run(SYSTEM, "team.add_member", {"user_id": str(made.id)}, target=team)
    for name in roles:
        crm.run(SYSTEM, "user.assign_role", {"role": name}, target=made.id)
    return Actor.user(made.id, made.name)


def customer(crm: CRM, name: str, *, owner: Actor | None = None, team: UUID | None = None, **values: Any) -> UUID:
    """Make a customer of an owner and a team, with a phone number and a tag."""
    given: dict[str, Any] = {"name": name, **values}
    if owner is not None:
        given["owner_id"] = str(owner.user_id)
    if team is not None:
        given["team_id"] = str(team)
    made: Any = crm.run(SYSTEM, "customer.create", given)
    return made.id


def purchase(crm: CRM, customer_id: UUID, number: int) -> UUID:
    """Record a purchase of a customer."""
    made: Any = crm.run(
        SYSTEM,
        "interaction.record",
        {
            "kind": "purchase",
            "channel": "store",
            "direction": "in",
            "customer_id": str(customer_id),
            "amount": f"{number}.00",
            "currency": "CNY",
            "lines": [{"description": "Tea", "quantity": "1", "amount": f"{number}.00"}],
        },
    )
    return made.id


def build(crm: CRM) -> World:
    """Make the company."""
    north = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    south = crm.run(SYSTEM, "team.create", {"name": "South"}).id
    role(crm, "test_seller", SELLER, levels={"personal": "full"})
    role(crm, "test_manager", [("*", "*", "all")], levels={"personal": "full", "sensitive": "full"})
    nora = user(crm, "nora", "test_seller", team=north)
    sven = user(crm, "sven", "test_seller", team=south)
    mine = customer(crm, "Mine Ltd", owner=nora, team=north, city="Kiel")
    foreign = customer(crm, "Foreign Ltd", owner=sven, team=south, city="Ulm")
    return World(
        crm=crm,
        north=north,
        south=south,
        nora=nora,
        sven=sven,
        manager=user(crm, "mara", "test_manager"),
        mine=mine,
        foreign=foreign,
        my_sale=purchase(crm, mine, 1),
        foreign_sale=purchase(crm, foreign, 2),
    )


@contextmanager
def company(templates: Templates, engine: str, folder: Path) -> Iterator[World]:
    """Open a customer base of one's own in which the company is, made once for all tests."""
    url, made = templates.copy_filled(engine, folder, _made)
    with CRM.open(url) as crm:
        yield evolve(made, crm=crm)
    templates.give_back(url)


def _made(crm: CRM) -> World:
    return evolve(build(crm), crm=None)
