"""The algebra of rights: roles that include others, denials, scopes, levels and the limits of tokens."""

from __future__ import annotations

from typing import Any, cast, get_args

import pytest
from hypothesis import given, strategies as st

from crmkit import CRM
from crmkit.core.access.models import Grant, Role, RoleInclude, UserRole
from crmkit.core.access.resolving import bump, load_rights
from crmkit.core.access.rights import (
    LEVELS,
    SCOPES,
    Because,
    FieldGranted,
    Granted,
    Level,
    Rights,
    Scope,
    covers,
)
from crmkit.core.store.actor import Actor

SYSTEM = Actor.system("tests")
Pair = tuple[str, str]

# Published decisions of the policy examples of casbin (Apache-2.0); a subject's own policies are a role of its own.
HIERARCHY: dict[str, tuple[list[Pair], list[str], set[Pair]]] = {
    "alice": ([("data1", "read")], ["admin"], {(d, a) for d in ("data1", "data2") for a in ("read", "write")}),
    "bob": ([("data2", "write")], [], {("data2", "write")}),
    "admin": ([], ["data1_admin", "data2_admin"], {(d, a) for d in ("data1", "data2") for a in ("read", "write")}),
    "data1_admin": ([("data1", "read"), ("data1", "write")], [], {("data1", "read"), ("data1", "write")}),
    "data2_admin": ([("data2", "read"), ("data2", "write")], [], {("data2", "read"), ("data2", "write")}),
    "mallory": ([], [], set()),
}
DENYING: dict[str, tuple[list[Pair], list[Pair], list[str], set[Pair]]] = {
    "alice": ([("data1", "read")], [("data2", "write")], ["data2_admin"], {("data1", "read"), ("data2", "read")}),
    "bob": ([("data2", "write")], [], [], {("data2", "write")}),
    "data2_admin": (
        [("data2", "read"), ("data2", "write")],
        [],
        [],
        {("data2", "read"), ("data2", "write")},
    ),
    "mallory": ([], [], [], set()),
}


def user_with(crm: CRM, login: str) -> Actor:
    """Return the actor of a new user who has the role of the same name."""
    user = crm.run(SYSTEM, "user.create", {"login": login, "name": login})
    crm.run(SYSTEM, "user.assign_role", {"role": f"r_{login}"}, target=user.id)
    return Actor.user(user.id, login)


def make(crm: CRM, roles: dict[str, tuple[list[Pair], list[Pair], list[str]]]) -> None:
    """Write roles with their grants, denials and the roles that they include."""
    with crm.gate.writing(SYSTEM) as session:
        session.unit.stack.append("tests")
        made = {name: Role(name=f"r_{name}", title=name) for name in roles}
        session.add_all(made.values())
        session.flush()
        for name, (granted, denied, included) in roles.items():
            for scope, pairs in (("all", granted), ("none", denied)):
                session.add_all(
                    Grant(role_id=made[name].id, resource=resource, action=action, scope=scope)
                    for resource, action in pairs
                )
            session.add_all(RoleInclude(role_id=made[name].id, included_id=made[other].id) for other in included)
        bump(session)
        session.flush()
        session.unit.stack.pop()


def allowed(crm: CRM, actor: Actor) -> set[Pair]:
    """Return what an actor may do of what the examples ask for."""
    with crm.session(actor) as session:
        rights = session.gate.rights(session)
        pairs = [(d, a) for d in ("data1", "data2") for a in ("read", "write", "delete")]
        return {(d, a) for d, a in pairs if rights.scope(d, a) != "none"}


def test_roles_include_others(crm: CRM) -> None:
    """The published decisions for a hierarchy of roles hold, for each of its subjects."""
    make(crm, {name: (granted, [], included) for name, (granted, included, _may) in HIERARCHY.items()})
    found = {name: allowed(crm, user_with(crm, name)) for name in HIERARCHY}
    assert found == {name: may for name, (_granted, _included, may) in HIERARCHY.items()}


def test_a_denial_wins(crm: CRM) -> None:
    """The published decisions where a denial overrides what a role that is included grants hold."""
    make(crm, {name: (granted, denied, included) for name, (granted, denied, included, _may) in DENYING.items()})
    found = {name: allowed(crm, user_with(crm, name)) for name in DENYING}
    assert found == {name: may for name, (_granted, _denied, _included, may) in DENYING.items()}


def test_a_circle_of_roles_ends(crm: CRM) -> None:
    """Roles that include each other in a circle grant what all of them grant."""
    make(crm, {"a": ([("data1", "read")], [], ["b"]), "b": ([("data2", "read")], [], ["a"])})
    assert allowed(crm, user_with(crm, "a")) == {("data1", "read"), ("data2", "read")}


def test_an_inactive_role_grants_and_denies_nothing(crm: CRM) -> None:
    """Neither what it grants nor what it includes counts."""
    make(crm, {"a": ([("data1", "read")], [("data2", "read")], ["b"]), "b": ([("data2", "write")], [], [])})
    actor = user_with(crm, "a")
    with crm.session(SYSTEM) as session:
        role = session.query(Role).filter_by(name="r_a").one().id
    crm.run(SYSTEM, "role.update", {"active": False}, target=role)
    assert allowed(crm, actor) == set()


def test_teams_reach_down_the_tree(crm: CRM) -> None:
    """A user's tree are the own teams and everything below, not what is above or beside."""
    ids: dict[str, Any] = {}
    for name, parent in (("top", None), ("mine", "top"), ("below", "mine"), ("deep", "below"), ("beside", "top")):
        ids[name] = crm.run(SYSTEM, "team.create", {"name": name, "parent_id": ids.get(parent or "")}).id
    user = crm.run(SYSTEM, "user.create", {"login": "u", "name": "u"})
    crm.run(SYSTEM, "team.add_member", {"user_id": user.id}, target=ids["mine"])
    crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=user.id)
    with crm.session(Actor.user(user.id)) as session:
        rights = session.gate.rights(session)
    assert (rights.team_ids, rights.tree_ids, rights.main_team_id) == (
        {ids["mine"]},
        {ids["mine"], ids["below"], ids["deep"]},
        ids["mine"],
    )


def test_who_is_nobody_may_do_nothing(crm: CRM) -> None:
    """The public, a user who is gone or was deactivated, and a host's actor without roles have no rights."""
    user = crm.run(SYSTEM, "user.create", {"login": "u", "name": "u"})
    crm.run(SYSTEM, "user.assign_role", {"role": "admin"}, target=user.id)
    crm.run(
        SYSTEM,
        "user.assign_role",
        {"role": "admin"},
        target=crm.run(SYSTEM, "user.create", {"login": "other", "name": "other"}).id,
    )
    crm.run(SYSTEM, "user.deactivate", target=user.id)
    actors = [
        Actor(id="public", kind="public"),
        Actor.user(user.id),
        Actor.user(crm.vault.instance_id),
        Actor.host("h", roles=()),
        Actor.host("h", roles=("admin",), user_id=user.id),
    ]
    found = []
    for actor in actors:
        with crm.session(actor) as session:
            found.append(session.gate.rights(session).decide("customer", "read").because)
    assert found == ["public", "inactive", "inactive", "nothing", "inactive"]


def test_a_host_vouches_for_roles(crm: CRM) -> None:
    """The actor of a host has what the roles grant that the host names, and no others."""
    with crm.session(Actor.host("h", roles=("analyst", "no such role"))) as session:
        rights = session.gate.rights(session)
    assert (rights.roles, rights.scope("customer", "read"), rights.scope("customer", "update")) == (
        ("analyst",),
        "all",
        "none",
    )


def test_system_scope_reads_no_rights(crm: CRM) -> None:
    """System scope and jobs that act in it are limited by nothing."""
    found = []
    for actor in (SYSTEM, Actor.job("x")):
        with crm.session(actor) as session:
            rights = load_rights(session, actor)
            found.append((rights.unrestricted, rights.scope("anything", "at_all"), rights.level("x", "sensitive")))
    assert found == [(True, "all", "full")] * 2


# --- the algebra -----------------------------------------------------------------------------------------------------

NAMES = ("customer", "interaction", "sales.opportunity", "sales.quote")
PATTERNS = (*NAMES, "*", "sales.*")
VERBS = ("read", "update", "win")
grants_of_roles = st.lists(
    st.builds(
        lambda role, resource, action, scope: Granted(role=role, resource=resource, action=action, scope=scope),
        st.sampled_from(["a", "b"]),
        st.sampled_from(PATTERNS),
        st.sampled_from((*VERBS, "*")),
        st.sampled_from(SCOPES),
    ),
    max_size=8,
)


@given(grants=grants_of_roles, resource=st.sampled_from(NAMES), verb=st.sampled_from(VERBS))
def test_the_widest_grant_wins_unless_one_denies(grants: list[Granted], resource: str, verb: str) -> None:
    """The scope is the widest of the grants that speak of it, and none when one of them denies."""
    speaking = [item.scope for item in grants if item.action in ("*", verb) and covers(item.resource, resource)]
    expected = "none" if "none" in speaking or not speaking else max(speaking, key=SCOPES.index)
    assert Rights(grants=tuple(grants)).scope(resource, verb) == expected


@given(grants=grants_of_roles, more=grants_of_roles, resource=st.sampled_from(NAMES), verb=st.sampled_from(VERBS))
def test_more_grants_never_take_away(grants: list[Granted], more: list[Granted], resource: str, verb: str) -> None:
    """Without denials among them, grants that are added widen what an actor may do or leave it."""
    added = [item for item in more if item.scope != "none"]
    before = Rights(grants=tuple(grants)).scope(resource, verb)
    after = Rights(grants=(*grants, *added)).scope(resource, verb)
    assert SCOPES.index(before) <= SCOPES.index(after)


@given(grants=grants_of_roles, limit=st.sampled_from(PATTERNS), resource=st.sampled_from(NAMES))
def test_limits_only_narrow(grants: list[Granted], limit: str, resource: str) -> None:
    """A token has what its owner has where its limits reach, and nothing elsewhere."""
    owner = Rights(grants=tuple(grants))
    token = Rights(grants=tuple(grants), limits=(f"{limit}.read",))
    expected = owner.scope(resource, "read") if covers(limit, resource) else "none"
    assert (token.scope(resource, "read"), token.scope(resource, "update")) == (expected, "none")


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "customer", True),
        ("customer", "customer", True),
        ("customer", "customers", False),
        ("sales.*", "sales.opportunity", True),
        ("sales.*", "sales", True),
        ("sales.*", "salesforce.lead", False),
        ("sales.opportunity", "sales.quote", False),
    ],
)
def test_what_a_pattern_covers(pattern: str, name: str, expected: bool) -> None:
    """A name covers itself, ``plugin.*`` everything of a plugin, ``*`` everything."""
    assert covers(pattern, name) == expected


def test_one_of_several_actions_suffices_and_each_denial_denies() -> None:
    """An operation whose verb is granted may run, and one whose verb is denied may not, whatever its effect."""
    win = Granted(role="a", resource="sales.opportunity", action="win", scope="own")
    update = Granted(role="a", resource="sales.*", action="update", scope="team")
    denial = Granted(role="b", resource="sales.opportunity", action="win", scope="none")
    found = [
        Rights(grants=grants).scope("sales.opportunity", "update", "win")
        for grants in ((win,), (update,), (win, update), (update, denial))
    ]
    assert found == ["own", "team", "team", "none"]


def fields(*rows: tuple[str, str, str]) -> tuple[FieldGranted, ...]:
    """Return field rights on personal fields from roles, resources and levels."""
    return tuple(
        FieldGranted(role=role, resource=resource, classified="personal", level=cast(Level, level))
        for role, resource, level in rows
    )


@pytest.mark.parametrize(
    ("roles", "rows", "expected"),
    [
        (("a",), (), "masked"),
        (("a",), (("a", "*", "full"),), "full"),
        (("a",), (("a", "*", "full"), ("a", "customer", "none")), "none"),
        (("a", "b"), (("a", "customer", "none"), ("b", "*", "full")), "full"),
        (("a", "b"), (("a", "customer", "none"),), "masked"),
        ((), (("a", "*", "full"),), "none"),
    ],
)
def test_the_widest_level_of_the_roles_wins(
    roles: tuple[str, ...], rows: tuple[tuple[str, str, str], ...], expected: str
) -> None:
    """Of each role the nearest name counts, and of the roles the widest; a role that says nothing masks."""
    assert Rights(roles=roles, fields=fields(*rows)).level("customer", "personal") == expected


def test_classes_without_rights_have_a_fixed_level() -> None:
    """What is public or internal is read in full, text by default too, and what is secret never."""
    rights = Rights(roles=("a",))
    found = [rights.level("x", each) for each in ("public", "internal", "text", "sensitive", "secret")]
    assert found == ["full", "full", "full", "masked", "none"]


def test_the_words_are_complete() -> None:
    """The scopes and levels that are compared by width are all that there are."""
    assert (SCOPES, LEVELS) == (get_args(Scope), get_args(Level))
    assert {"deny", "grant", "nothing"} <= set(get_args(Because))


def test_a_role_that_is_given_is_kept_with_the_user(crm: CRM) -> None:
    """Giving a role writes one row; giving it twice is refused."""
    user = crm.run(SYSTEM, "user.create", {"login": "u", "name": "u"})
    crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=user.id)
    with crm.session(SYSTEM) as session:
        assert session.query(UserRole).filter_by(user_id=user.id).count() == 1
