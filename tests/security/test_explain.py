"""Explanations: which rule decides, and what would be needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crmkit import CRM, Actor
from crmkit.core.store.ids import new_id
from crmkit.errors import InvalidInput, NotFound, Refused
from crmkit.security.roles.explaining import Explanation, explain
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, World, company, customer, role, user


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A company with two teams."""
    with company(templates, request.param, tmp_path) as made:
        yield made


def said(found: Explanation) -> tuple[bool, str, str]:
    """Return what matters most of an explanation."""
    return found.allowed, found.rule, found.scope


def test_a_scope_that_holds_the_record_is_named(world: World) -> None:
    """The role, its grant and the reason for which the record lies in the scope are told."""
    found = world.crm.explain(world.nora, "customer.update", world.mine)
    assert (*said(found), found.role) == (True, "grant", "team", "test_seller")
    assert "is Nora's own" in found.said.render()


def test_a_record_outside_the_scope_names_what_would_do(world: World) -> None:
    """What would be needed are wider roles, a wider scope, an assignment or a share."""
    found = world.crm.explain(world.nora, "customer.update", world.foreign)
    needed = " ".join(item.render() for item in found.needed)
    assert said(found) == (False, "scope", "team")
    assert all(part in needed for part in ("admin", "test_manager", '"all"', "assigned", "shared"))
    assert "seller," not in needed


def test_a_share_is_named(world: World) -> None:
    """Of a record that is seen only as it is shared, that is what is said; to change it more is needed."""
    values = {"resource": "customer", "record_id": world.foreign, "user_id": world.nora.user_id}
    world.crm.run(SYSTEM, "share.create", values)
    found = world.crm.explain(world.nora, "customer.read", world.foreign)
    assert said(found) == (True, "share", "team")
    assert said(world.crm.explain(world.nora, "customer.update", world.foreign)) == (False, "scope", "team")


def test_a_denial_names_the_role_and_how_to_take_it_back(world: World) -> None:
    """A grant of no scope is what decides, whatever else there is."""
    role(world.crm, "trainee", [("customer", "delete", "none")])
    world.crm.run(SYSTEM, "user.assign_role", {"role": "trainee"}, target=world.nora.user_id)
    found = world.crm.explain(world.nora, "customer.delete", world.mine)
    assert (*said(found), found.role) == (False, "deny", "none", "trainee")
    assert [item.render() for item in found.needed] == ["crmkit role revoke trainee customer delete"]


def test_no_grant_names_the_roles_that_would_help(world: World) -> None:
    """Without a record the narrowest scope is enough."""
    found = world.crm.explain(user(world.crm, "nobody"), "customer.read")
    assert said(found) == (False, "nothing", "none")
    assert "seller" in found.needed[0].render()


@pytest.mark.parametrize(
    ("actor", "rule"),
    [
        (SYSTEM, "system"),
        (Actor(id="public", kind="public"), "public"),
        (Actor.user(new_id(), "gone"), "inactive"),
    ],
)
def test_actors_beyond_roles(world: World, actor: Actor, rule: str) -> None:
    """System scope, the public and somebody who is gone are told apart."""
    assert world.crm.explain(actor, "customer.update", world.mine).rule == rule


def test_the_limits_of_a_token(world: World) -> None:
    """Where the role grants it and the token does not reach as far, the token is what decides."""
    token = evolve(world.nora, limits=("interaction.*",))
    found = world.crm.explain(token, "customer.update", world.mine)
    assert said(found) == (False, "limit", "none")


def test_a_part_of_a_hidden_record(world: World) -> None:
    """An interaction of a customer who is hidden is not seen, and the customer is named as the reason."""
    narrow = user(world.crm, "narrow")
    role(world.crm, "odd", [("customer", "read", "own"), ("interaction", "read", "all")])
    world.crm.run(SYSTEM, "user.assign_role", {"role": "odd"}, target=narrow.user_id)
    found = world.crm.explain(narrow, "interaction.read", world.my_sale)
    assert said(found) == (False, "record", "all")
    assert str(world.mine) in found.said.render()


def test_what_is_open_is_open(world: World) -> None:
    """What everybody may read needs no grant."""
    found = world.crm.explain(user(world.crm, "nobody"), "product.read")
    assert said(found) == (True, "open", "all")


@pytest.mark.parametrize("action", ["customer.read", "customer.update", "customer.delete", "contact_point.add"])
def test_it_says_what_the_gate_does(world: World, action: str) -> None:
    """For every actor and record the verdict is the one that the session and the gate come to."""
    records = (world.mine, world.foreign, customer(world.crm, "Nobody's"))
    for actor in (world.nora, world.sven, world.manager, user(world.crm, "nobody")):
        for record in records:
            found = world.crm.explain(actor, action, record).allowed
            assert found == _allowed(world.crm, actor, action, record), (actor.name, record)


def _allowed(crm: CRM, actor: Actor, action: str, record: Any) -> bool:
    from crmkit import Customer

    if action == "customer.read":
        with crm.session(actor) as session:
            return session.get(Customer, record) is not None
    values = {
        "customer.update": {"city": "Bonn"},
        "contact_point.add": {"kind": "email", "value": f"{new_id()}@example.com"},
    }
    try:
        crm.run(actor, action, values.get(action), target=record)
    except (Refused, NotFound):
        return False
    if action == "customer.delete":
        crm.run(SYSTEM, "customer.restore", target=record)
    return True


def test_questions_about_others_are_for_admins(world: World) -> None:
    """Everybody may ask about himself; about others asks who may administer roles."""
    found = []
    for asker, about in ((world.nora, world.nora), (world.manager, world.nora), (world.nora, world.sven)):
        with world.crm.session(asker) as session:
            try:
                found.append(explain(session, about, "customer.read", world.mine).allowed)
            except Refused:
                found.append(None)
    assert found == [True, True, None]


def test_what_there_is_not(world: World) -> None:
    """A record and an action that there are not are named."""
    with pytest.raises(NotFound, match="no such record"):
        world.crm.explain(world.nora, "customer.read", new_id())
    with pytest.raises(InvalidInput, match="no such action"):
        world.crm.explain(world.nora, "reading")
    with pytest.raises(InvalidInput, match="not about records"):
        world.crm.explain(world.nora, "backup.admin", world.mine)
