"""Who acts: the values that say so, and finding it out from what a door knows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from crmkit.core.store.actor import HOST_ID, Actor
from crmkit.errors import CrmkitError, HookError, InvalidCredentials, Refused
from crmkit.hooks import hookimpl
from crmkit.hooks.ports import ActorContext
from tests.security.credential_support import GOOD, HOME, SYSTEM, Desk, desk_at


@pytest.fixture
def desk(crm_url: str) -> Iterator[Desk]:
    """A customer base whose clock the test sets."""
    with desk_at(crm_url) as made:
        yield made


def context(**credentials: str) -> ActorContext:
    """Return what a door knows of a call."""
    return ActorContext(door="rest", credentials=credentials, address=HOME)


class Vouching:
    """A plugin's hook module, which vouches for one actor."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.seen: list[ActorContext] = []

    @hookimpl
    def crmkit_resolve_actor(self, context: ActorContext) -> Any:
        """Vouch."""
        self.seen.append(context)
        if isinstance(self.actor, Exception):
            raise self.actor
        return self.actor


def vouching(desk: Desk, actor: Any) -> Vouching:
    """Let a plugin vouch for an actor."""
    made = Vouching(actor)
    desk.crm.dispatcher.add_plugin("host", made)
    return made


def test_a_bearer_token_is_resolved(desk: Desk) -> None:
    """Whatever the letters of the scheme; a wrong one is refused, not treated as nobody."""
    user = desk.user("anna", "seller")
    made = desk.token(user, "customer.read")
    for scheme in ("Bearer", "bearer", "BEARER "):
        assert desk.crm.resolve_actor(context(authorization=f"{scheme} {made.token}")).user_id == user.id
    for text in (f"Bearer {made.token[:-1]}", "Bearer something", "Bearer "):
        with pytest.raises(InvalidCredentials):
            desk.crm.resolve_actor(context(authorization=text))


def test_a_login_with_a_password_is_resolved(desk: Desk) -> None:
    """As by signing in."""
    user = desk.user("anna", password=GOOD)
    actor = desk.crm.resolve_actor(context(login="anna", password=GOOD))
    assert (actor.user_id, actor.method, actor.address) == (user.id, "password", HOME)
    with pytest.raises(InvalidCredentials):
        desk.crm.resolve_actor(context(login="anna", password="wrong guess"))


def test_who_brings_nothing_is_the_public(desk: Desk) -> None:
    """And may do nothing."""
    basic = "Basic " + base64.b64encode(b"anna:x").decode()
    for given in (context(), context(login="anna"), context(authorization=basic)):
        actor = desk.crm.resolve_actor(given)
        assert (actor.kind, actor.user_id) == ("public", None)
        with pytest.raises(Refused):
            desk.crm.run(actor, "customer.create", {"name": "A"})


def test_a_host_vouches_for_its_own_users(desk: Desk) -> None:
    """With the roles that it names; the rights are those of the roles, and of no other."""
    plugin = vouching(desk, Actor.host("shop-42", name="Wang", roles=("service_agent",), address=HOME))
    actor = desk.crm.resolve_actor(context(cookie="session=1"))
    assert (actor.id, actor.kind, actor.method, actor.roles) == ("host:shop-42", "host", "host", ("service_agent",))
    assert desk.crm.run(actor, "customer.create", {"name": "Li Wei"}).created_by == "host:shop-42"
    with pytest.raises(Refused):
        desk.crm.run(actor, "team.create", {"name": "A"})
    assert [seen.credentials for seen in plugin.seen] == [{"cookie": "session=1"}]


def test_a_host_names_roles_that_there_are_not(desk: Desk) -> None:
    """They are worth nothing."""
    vouching(desk, Actor.host("x", roles=("superuser", "ADMIN", "*")))
    with pytest.raises(Refused):
        desk.crm.run(desk.crm.resolve_actor(context()), "customer.create", {"name": "A"})


def test_no_plugin_sees_crmkits_tokens(desk: Desk) -> None:
    """They are resolved before any plugin is asked."""
    made = desk.token(desk.user("anna", "seller"), "customer.read")
    plugin = vouching(desk, Actor.host("x", roles=()))
    assert desk.crm.resolve_actor(context(authorization=f"Bearer {made.token}")).kind == "token"
    with pytest.raises(InvalidCredentials):
        desk.crm.resolve_actor(context(authorization="Bearer crmkit_old"))
    assert plugin.seen == []


@pytest.mark.parametrize("answer", [SYSTEM, Actor.job("x"), "anna", {"kind": "user"}])
def test_no_plugin_makes_a_caller_the_system(desk: Desk, answer: Any) -> None:
    """What is no actor, or one of system scope, is refused, and names the plugin."""
    vouching(desk, answer)
    with pytest.raises(HookError) as refused:
        desk.crm.resolve_actor(context())
    assert refused.value.plugin == "host"


def test_a_plugin_that_fails_lets_nobody_in(desk: Desk) -> None:
    """The call is refused; it is not resolved by another way."""
    desk.user("anna", password=GOOD)
    vouching(desk, RuntimeError("broken"))
    with pytest.raises(CrmkitError):
        desk.crm.resolve_actor(context(login="anna", password=GOOD))


def test_a_hosts_identifier_fits_where_it_is_kept() -> None:
    """Longer ones are refused rather than cut off, as two could become one."""
    assert len(Actor.host("x" * HOST_ID, roles=()).id) == 80
    for wrong in ("", "  ", "x" * (HOST_ID + 1)):
        with pytest.raises(ValueError, match="characters"):
            Actor.host(wrong, roles=())


def test_credentials_stay_out_of_what_is_printed() -> None:
    """The context that travels through plugins shows no secret."""
    shown = repr(context(login="anna", password=GOOD))
    assert GOOD not in shown
    assert HOME not in shown
