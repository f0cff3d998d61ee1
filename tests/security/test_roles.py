"""Roles as an admin works with them: shipped ones, granting and taking, who must be left, plugins' default roles,
shares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor, Customer
from crmkit.core.access.models import FieldRight, Grant, Role, Share
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id
from crmkit.errors import AccessError, AlreadyExists, Conflict, CrmkitError, InvalidInput, NotFound, Refused
from crmkit.loading import check_rights
from crmkit.manifest import Permission
from crmkit.security.roles.shipped import EVERYBODY, NAMES, SHIPPED, grant_defaults, make_shipped
from tests.security.world import SYSTEM, World, build, role, user


def role_id(crm: CRM, name: str) -> Any:
    """Return the id of a role."""
    with crm.session(SYSTEM) as session:
        return session.scalar(select(Role.id).where(Role.name == name))


def grants(crm: CRM, name: str) -> set[tuple[str, str, str]]:
    """Return what a role grants."""
    with crm.session(SYSTEM) as session:
        rows = session.scalars(select(Grant).join(Role, Role.id == Grant.role_id).where(Role.name == name))
        return {(row.resource, row.action, row.scope) for row in rows}


def refused(crm: CRM, kind: type[CrmkitError], operation: str, values: dict[str, Any], target: Any = None) -> str:
    """Run an operation that must be refused, and return what is said."""
    with pytest.raises(kind) as caught:
        crm.run(SYSTEM, operation, values, target=target)
    return caught.value.render()


# --- shipped roles ---------------------------------------------------------------------------------------------------


def test_a_new_base_has_the_shipped_roles(crm: CRM) -> None:
    """Every role is there with exactly the grants and field rights that it ships with."""
    for shipped in SHIPPED:
        expected = {
            (resource, each, scope)
            for resource, actions, scope in (*shipped.grants, *EVERYBODY)
            for each in actions.split()
        }
        assert grants(crm, shipped.name) == expected
        with crm.session(SYSTEM) as session:
            rows = session.scalars(
                select(FieldRight).join(Role, Role.id == FieldRight.role_id).where(Role.name == shipped.name)
            )
            assert {(row.resource, row.classified, row.level) for row in rows} == {
                ("*", *pair) for pair in shipped.fields
            }


def test_what_an_admin_changed_survives_an_upgrade(crm: CRM) -> None:
    """A shipped role that was edited, and one that was made inactive, are left alone."""
    crm.run(SYSTEM, "role.revoke", {"resource": "customer", "action": "reveal"}, target=role_id(crm, "seller"))
    crm.run(SYSTEM, "role.update", {"active": False, "title": "Old"}, target=role_id(crm, "analyst"))
    before = {name: grants(crm, name) for name in NAMES}
    crm.upgrade_database()
    with crm.session(SYSTEM) as session:
        analyst = session.scalars(select(Role).where(Role.name == "analyst")).one()
        assert (analyst.active, analyst.title) == (False, "Old")
    assert {name: grants(crm, name) for name in NAMES} == before


def test_a_shipped_role_is_never_deleted(crm: CRM) -> None:
    """It can be made inactive instead, which the error says."""
    assert "inactive" in refused(crm, Conflict, "role.delete", {}, role_id(crm, "seller"))


def test_making_the_shipped_roles_twice_makes_none(crm: CRM) -> None:
    """The second time there is nothing left to make."""
    with crm.gate.writing(SYSTEM) as session:
        session.unit.stack.append("tests")
        made = make_shipped(session)
        session.unit.stack.pop()
    assert made == ()


def test_a_plugins_permissions_go_to_its_default_roles_once(crm: CRM) -> None:
    """Reading gets the role's scope for reading, the rest the one for writing; what is known already is left out, and
    a grant that is there stays."""
    crm.run(SYSTEM, "role.grant", {"resource": "*", "action": "read", "scope": "own"}, target=role_id(crm, "seller"))
    permissions = [
        Permission(name="acme.thing.read", title="See", default_roles=("seller", "no such role")),
        Permission(name="acme.thing.win", title="Win", default_roles=("seller", "manager")),
        Permission(name="acme.thing.lose", title="Lose", default_roles=("seller",)),
    ]
    with crm.gate.writing(SYSTEM) as session:
        grant_defaults(session, permissions, {"acme.thing.lose"})
    own = {item for item in grants(crm, "seller") if item[0].startswith("acme")}
    assert own == {("acme.thing", "read", "tree"), ("acme.thing", "win", "team")}
    assert {item for item in grants(crm, "manager") if item[0].startswith("acme")} == {("acme.thing", "win", "tree")}


# --- making roles ----------------------------------------------------------------------------------------------------


def test_a_role_is_made_and_deleted(crm: CRM) -> None:
    """It grants what it is given, and whoever had it has nothing once it is gone."""
    role(crm, "clerk", [("customer", "read", "all")])
    actor = user(crm, "anna", "clerk")
    with crm.session(actor) as session:
        assert session.gate.rights(session).scope("customer", "read") == "all"
    crm.run(SYSTEM, "role.delete", target=role_id(crm, "clerk"))
    with crm.session(actor) as session:
        assert session.gate.rights(session).scope("customer", "read") == "none"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"resource": "custmer", "action": "read"}, 'Did you mean "customer"?'),
        ({"resource": "customer", "action": "raed"}, 'Did you mean "read"?'),
        ({"resource": "nothing.*", "action": "read"}, "There is no such resource."),
        ({"resource": "*", "action": "fly"}, "There is no such action"),
    ],
)
def test_a_right_that_there_is_not_is_not_granted(crm: CRM, values: dict[str, Any], says: str) -> None:
    """What was probably meant is suggested."""
    assert says in refused(crm, InvalidInput, "role.grant", {**values, "scope": "all"}, role_id(crm, "seller"))


def test_names_of_roles(crm: CRM) -> None:
    """A name is unique and is written in small letters."""
    refused(crm, AlreadyExists, "role.create", {"name": "seller"})
    refused(crm, InvalidInput, "role.create", {"name": "Night shift"})
    refused(crm, NotFound, "user.assign_role", {"role": "seler"}, user(crm, "anna").user_id)


def test_a_role_never_includes_itself(crm: CRM) -> None:
    """Neither at once nor over others."""
    for name in ("a", "b", "c"):
        role(crm, name, [])
    crm.run(SYSTEM, "role.include", {"included": "b"}, target=role_id(crm, "a"))
    crm.run(SYSTEM, "role.include", {"included": "c"}, target=role_id(crm, "b"))
    for inner, outer in (("a", "a"), ("a", "c")):
        refused(crm, InvalidInput, "role.include", {"included": inner}, role_id(crm, outer))
    crm.run(SYSTEM, "role.exclude", {"included": "c"}, target=role_id(crm, "b"))
    crm.run(SYSTEM, "role.include", {"included": "a"}, target=role_id(crm, "c"))


def test_a_field_right_is_set_and_taken_back(crm: CRM) -> None:
    """Without it the default of the class holds again."""
    role(crm, "clerk", [("customer", "read", "all")], levels={"personal": "full"})
    actor = user(crm, "anna", "clerk")
    found = []
    for level in ("full", "none", None):
        crm.run(
            SYSTEM, "role.set_field_right", {"classified": "personal", "level": level}, target=role_id(crm, "clerk")
        )
        with crm.session(actor) as session:
            found.append(session.level(Customer, "personal"))
    assert found == ["full", "none", "masked"]


# --- somebody must be left -------------------------------------------------------------------------------------------

LOCKING_OUT = {
    "unassigned": lambda crm, admin: ("user.unassign_role", {"role": "admin"}, admin.user_id),
    "deactivated": lambda crm, admin: ("user.deactivate", {}, admin.user_id),
    "role inactive": lambda crm, admin: ("role.update", {"active": False}, role_id(crm, "admin")),
    "revoked": lambda crm, admin: (
        "role.revoke", {"resource": "role", "action": "admin"}, role_id(crm, "admin"),
    ),
    "narrowed": lambda crm, admin: (
        "role.grant", {"resource": "user", "action": "admin", "scope": "own"}, role_id(crm, "admin"),
    ),
    "denied by another role": lambda crm, admin: ("user.assign_role", {"role": "trainee"}, admin.user_id),
}  # fmt: skip


@pytest.mark.parametrize("way", LOCKING_OUT)
def test_the_last_admin_stays(crm: CRM, way: str) -> None:
    """Nothing takes the last one away who may administer users and roles; with a second one there, it is done."""
    role(crm, "trainee", [("role", "admin", "none")])
    admin = user(crm, "anna", "admin")
    name, values, target = LOCKING_OUT[way](crm, admin)
    assert "Nobody would be left" in refused(crm, Conflict, name, values, target)
    with crm.session(admin) as session:
        assert session.gate.rights(session).scope("role", "admin") == "all"
    role(crm, "second", [("user", "admin", "all"), ("role", "admin", "all")])
    user(crm, "bert", "second")
    crm.run(SYSTEM, name, values, target=target)


def test_a_base_without_an_admin_can_be_set_up(crm: CRM) -> None:
    """Where nobody may administer users yet, everything can be done on the command line."""
    actor = user(crm, "anna", "seller")
    crm.run(SYSTEM, "user.deactivate", target=actor.user_id)


# --- shares ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(crm: CRM) -> World:
    """A company with two teams; everybody in it may share."""
    made = build(crm)
    target = role_id(crm, "test_seller")
    crm.run(SYSTEM, "role.grant", {"resource": "share", "action": "create", "scope": "team"}, target=target)
    return made


def sees(world: World, actor: Actor, record: Any) -> bool:
    """Say whether an actor sees a customer."""
    with world.crm.session(actor) as session:
        return session.get(Customer, record) is not None


def changes(world: World, actor: Actor, record: Any) -> str:
    """Change a customer as an actor; return what came of it."""
    try:
        world.crm.run(actor, "customer.update", {"city": "Bonn"}, target=record)
    except CrmkitError as error:
        return error.code
    return "done"


def test_a_share_lets_one_user_read(world: World) -> None:
    """Nora's customer, shared with Sven to read: he sees it and may not change it; taken back, it is gone."""
    values = {"resource": "customer", "record_id": world.mine, "user_id": world.sven.user_id}
    share = world.crm.run(world.nora, "share.create", values)
    assert (sees(world, world.sven, world.mine), changes(world, world.sven, world.mine)) == (True, Refused.code)
    world.crm.run(world.nora, "share.revoke", target=share.id)
    assert (sees(world, world.sven, world.mine), changes(world, world.sven, world.mine)) == (False, NotFound.code)


def test_a_share_lets_a_team_change(world: World) -> None:
    """What is shared to change is seen and changed by everybody in the team."""
    values = {"resource": "customer", "record_id": world.mine, "team_id": world.south, "action": "update"}
    world.crm.run(world.nora, "share.create", values)
    assert (sees(world, world.sven, world.mine), changes(world, world.sven, world.mine)) == (True, "done")


def test_a_share_ends_by_itself(world: World) -> None:
    """Once it has expired it gives nothing."""
    until = system_now() + timedelta(hours=1)
    values = {"resource": "customer", "record_id": world.mine, "user_id": world.sven.user_id, "expires_at": until}
    share = world.crm.run(world.nora, "share.create", values)
    before = sees(world, world.sven, world.mine)
    with world.crm.engines.system_write.begin() as connection:
        table = Share.__table__
        past = system_now() - timedelta(seconds=1)
        connection.execute(table.update().where(table.c.id == share.id).values(expires_at=past))
    assert (before, sees(world, world.sven, world.mine)) == (True, False)


def test_what_is_shared_is_ones_own_to_share(world: World) -> None:
    """A hidden record is not there; what is only shared with one to read is not shared on; nor is what nobody owns."""
    found = []
    about_nora = {"user_id": world.nora.user_id}
    world.crm.run(
        world.nora, "share.create", {"resource": "customer", "record_id": world.mine, "user_id": world.sven.user_id}
    )
    for values in (
        {"resource": "customer", "record_id": new_id(), **about_nora},
        {"resource": "customer", "record_id": world.mine, **about_nora},
        {"resource": "product", "record_id": new_id(), **about_nora},
        {"resource": "customer", "record_id": world.foreign},
        {"resource": "customer", "record_id": world.foreign, **about_nora, "expires_at": system_now()},
    ):
        with pytest.raises(CrmkitError) as caught:
            world.crm.run(world.sven, "share.create", values)
        found.append(caught.value.code)
    assert found == [NotFound.code, Refused.code, InvalidInput.code, InvalidInput.code, InvalidInput.code]


def test_a_foreign_share_is_not_there(world: World) -> None:
    """Whoever neither made a share nor could have made it cannot end it, and learns nothing of it."""
    values = {"resource": "customer", "record_id": world.mine, "user_id": world.manager.user_id}
    share = world.crm.run(world.nora, "share.create", values)
    with pytest.raises(NotFound):
        world.crm.run(world.sven, "share.revoke", target=share.id)
    world.crm.run(world.manager, "share.revoke", target=share.id)


# --- start-up --------------------------------------------------------------------------------------------------------


@operation("acme.thing.win", title="Win")
def _win(session: Any) -> None:
    """Win."""


def test_an_operation_without_a_right_that_can_be_granted_stops_the_start(crm: CRM) -> None:
    """The error has a code, names the plugin and the operation, and says what to do."""
    crm.registry.add("acme", "operation", [_win])
    with pytest.raises(AccessError) as caught:
        check_rights(crm.registry, "acme")
    said = caught.value.render()
    assert all(part in said for part in ('Plugin "acme"', "acme.thing.win", '"acme.thing"', "manifest"))
    crm.registry.permissions["acme"] = frozenset({"acme.thing.win"})
    check_rights(crm.registry, "acme")
