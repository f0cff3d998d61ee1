"""Bar 20, its part on API tokens: only hashes are kept, a token reaches no further than its scopes and its owner, and
what is revoked opens nothing from the next call on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError, InvalidCredentials, InvalidInput, NotFound, Refused, TooManyAttempts
from crmkit.security.credentials import tokens
from crmkit.security.credentials.codes import new_token, token_digest
from crmkit.security.credentials.passwords import change_password
from tests.security.credential_support import GOOD, HOME, SYSTEM, Desk, desk_at

NEW = "lanterns over quiet harbours"


@pytest.fixture
def desk(crm_url: str) -> Iterator[Desk]:
    """A customer base whose clock the test sets."""
    with desk_at(crm_url) as made:
        yield made


def test_a_token_signs_its_owner_in(desk: Desk) -> None:
    """The actor is the owner, by that token, within its scopes."""
    user = desk.user("anna", "admin")
    made = desk.token(user, "customer.read", "team.*")
    actor = desk.crm.actor_of_token(made.token, HOME)
    assert (actor.id, actor.kind, actor.user_id) == (f"user:{user.id}", "token", user.id)
    assert (actor.token_id, actor.limits, actor.method) == (made.id, ("customer.read", "team.*"), "token")
    assert actor.address == HOME
    (line,) = desk.rows("SELECT target_table, details FROM crm_audit WHERE operation = 'token.issue'")
    assert (line.target_table, "team.*" in line.details, made.token in line.details) == ("crm_token", True, False)


def test_only_a_hash_is_kept(desk: Desk) -> None:
    """Neither the token nor its random part is anywhere in the database."""
    made = desk.token(desk.user("anna", "admin"), "*")
    tables = [name for name, model in desk.crm.registry.models.items()]
    found = [
        name for name in tables if made.token[11:] in str([tuple(row) for row in desk.rows(f"SELECT * FROM {name}")])
    ]
    assert found == []
    assert desk.rows("SELECT prefix FROM crm_token")[0].prefix == made.token[:11]
    assert made.token not in repr(made)


def test_the_digest_is_compared_in_constant_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found by its hash is compared by the function for secrets, whose word counts."""
    made = desk.token(desk.user("anna", "admin"), "*")
    asked: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(tokens, "same", lambda one, other: bool(asked.append((one, other))))
    with pytest.raises(InvalidCredentials):
        desk.crm.actor_of_token(made.token)
    assert asked == [(token_digest(made.token), token_digest(made.token))]


def test_tokens_have_a_form_that_scanners_know() -> None:
    """A prefix, 30 random signs and a checksum: one that was mistyped is told without the database."""
    made = {new_token() for _number in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"crmkit_[0-9A-Za-z]{36}", text) for text in made)
    text = made.pop()
    wrong = [text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :] for place in range(7, len(text))]
    assert {token_digest(item) for item in (*wrong, "", "crmkit_", text[:-1], f" {text}", f"{text}\n")} == {None}


@pytest.mark.parametrize("kill", ["revoke", "deactivate", "password", "reset", "redeem", "expiry"])
def test_what_is_revoked_opens_nothing(desk: Desk, kill: str) -> None:
    """From the next call on: for who comes with the token, and for who is in already."""
    user = desk.user("anna", "admin", password=GOOD)
    desk.user("other", "admin")
    made = desk.token(user, "*")
    actor = desk.crm.actor_of_token(made.token, HOME)
    desk.crm.run(actor, "team.create", {"name": "Before"})
    if kill == "revoke":
        desk.crm.run(SYSTEM, "token.revoke", {"token_id": made.id})
    elif kill == "deactivate":
        desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    elif kill == "password":
        change_password(desk.crm, Actor.user(user.id), GOOD, NEW)
    elif kill == "reset":
        desk.crm.run(SYSTEM, "user.reset_password", target=user.id)
    elif kill == "redeem":
        from crmkit.security.credentials.passwords import redeem

        redeem(desk.crm, "anna", desk.crm.run(SYSTEM, "user.invite", target=user.id).code, NEW)
    else:
        desk.later(days=90)
    with pytest.raises(InvalidCredentials):
        desk.crm.actor_of_token(made.token, HOME)
    if kill != "expiry":
        with pytest.raises(Refused):
            desk.crm.run(actor, "team.create", {"name": "After"})


def test_a_token_is_refused_alike_whatever_is_wrong(desk: Desk) -> None:
    """Malformed, unknown, revoked and expired tokens, and a leaver's, give one error."""
    user, left = desk.user("anna", "admin"), desk.user("left", "admin")
    revoked, expired, leavers = desk.token(user, "*"), desk.token(user, "*", days=1), desk.token(left, "*")
    desk.crm.run(SYSTEM, "token.revoke", {"token_id": revoked.id})
    desk.crm.run(SYSTEM, "user.deactivate", target=left.id)
    desk.later(days=1)
    ends = set()
    for text in ("", "crmkit_x", "Bearer", new_token(), revoked.token, expired.token, leavers.token):
        with pytest.raises(InvalidCredentials) as refused:
            desk.crm.actor_of_token(text)
        ends.add((refused.value.code, str(refused.value)))
    assert len(ends) == 1
    assert [why for _outcome, why in desk.attempts()] == [
        "no_token", "no_token", "no_token", "unknown_token", "revoked", "expired", "revoked"
    ]  # fmt: skip


def test_a_token_reaches_as_far_as_its_scopes(desk: Desk) -> None:
    """What its owner may and its scopes do not name is refused."""
    user = desk.user("anna", "admin")
    actor = desk.crm.actor_of_token(desk.token(user, "product.create").token)
    assert desk.crm.run(actor, "product.create", {"sku": "a", "title": "A"}).sku == "a"
    with pytest.raises(Refused):
        desk.crm.run(actor, "customer.create", {"name": "Li Wei"})
    desk.crm.run(Actor.user(user.id), "customer.create", {"name": "Li Wei"})


def test_a_token_reaches_as_far_as_its_owner_at_present(desk: Desk) -> None:
    """A scope that names everything is worth what the owner may when it is used."""
    user = desk.user("anna", "admin")
    desk.user("other", "admin")
    actor = desk.crm.actor_of_token(desk.token(user, "*").token)
    desk.crm.run(actor, "product.create", {"sku": "a", "title": "A"})
    desk.crm.run(SYSTEM, "user.unassign_role", {"role": "admin"}, target=user.id)
    with pytest.raises(Refused):
        desk.crm.run(actor, "product.create", {"sku": "b", "title": "B"})
    desk.crm.run(SYSTEM, "user.assign_role", {"role": "analyst"}, target=user.id)
    with pytest.raises(Refused):
        desk.crm.run(actor, "product.create", {"sku": "b", "title": "B"})


def test_scopes_lie_within_the_rights_of_the_owner(desk: Desk) -> None:
    """A scope that the owner may not, or that is none, is refused with its place, and no token is made."""
    user = desk.user("anna", "analyst")
    for scopes, fields in (
        (["customer.read", "customer.delete"], ["scopes.1"]),
        (["nonsense"], ["scopes.0"]),
        (["Customer.read", "customer.", ".read", "customer.read; drop"], [f"scopes.{place}" for place in range(4)]),
        ([], ["scopes"]),
    ):
        with pytest.raises(InvalidInput) as refused:
            desk.crm.run(Actor.user(user.id, "Anna"), "token.create", {"name": "x", "scopes": scopes})
        assert [problem.field for problem in refused.value.problems] == fields
    assert desk.rows("SELECT id FROM crm_token") == []


def test_a_token_expires(desk: Desk) -> None:
    """After 90 days unless said otherwise, at the latest after 365, and never not at all."""
    user = desk.user("anna", "admin")
    owner = Actor.user(user.id, "Anna")
    made = desk.crm.run(owner, "token.create", {"name": "x", "scopes": ["*"]})
    assert (made.expires_at - desk.now).days == 90
    for days in (0, -1, 366, 10_000, None):
        with pytest.raises(InvalidInput):
            desk.crm.run(owner, "token.create", {"name": "x", "scopes": ["*"], "days": days})
    assert (
        desk.crm.run(owner, "token.create", {"name": "y", "scopes": ["*"], "days": 365}).expires_at - desk.now
    ).days == 365


def test_a_token_makes_no_tokens(desk: Desk) -> None:
    """Neither for its owner nor for anybody else, whatever its scopes."""
    user = desk.user("anna", "admin")
    actor = desk.crm.actor_of_token(desk.token(user, "*", "token.create").token)
    with pytest.raises(Refused):
        desk.crm.run(actor, "token.create", {"name": "x", "scopes": ["customer.read"]})
    with pytest.raises(Refused):
        change_password(desk.crm, actor, GOOD, NEW)


def test_nobody_makes_tokens_for_others(desk: Desk) -> None:
    """Not even who administers users: it would be acting in their names."""
    boss, anna = desk.user("boss", "admin"), desk.user("anna", "seller")
    with pytest.raises(Refused):
        desk.crm.run(
            Actor.user(boss.id, "Boss"), "token.create", {"name": "x", "scopes": ["*"], "user_id": str(anna.id)}
        )
    with pytest.raises(Refused):
        desk.crm.run(Actor(id="public", kind="public"), "token.create", {"name": "x", "scopes": ["*"]})


def test_a_token_is_revoked_by_its_owner_or_who_administers_users(desk: Desk) -> None:
    """To everybody else it is a token that there is not."""
    anna, bob, boss = desk.user("anna", "seller"), desk.user("bob", "seller"), desk.user("boss", "admin")
    first, second = desk.token(anna, "*"), desk.token(anna, "*")
    with pytest.raises(NotFound) as foreign:
        desk.crm.run(Actor.user(bob.id), "token.revoke", {"token_id": first.id})
    with pytest.raises(NotFound) as absent:
        desk.crm.run(Actor.user(bob.id), "token.revoke", {"token_id": uuid4()})
    assert str(foreign.value) == str(absent.value)
    desk.crm.run(Actor.user(anna.id), "token.revoke", {"token_id": first.id})
    desk.crm.run(Actor.user(boss.id), "token.revoke", {"token_id": second.id})
    with pytest.raises(CrmkitError, match="already"):
        desk.crm.run(Actor.user(anna.id), "token.revoke", {"token_id": first.id})


def test_the_last_use_is_written_once_a_minute(desk: Desk) -> None:
    """Often enough to find tokens that nobody uses, seldom enough to cost nothing."""
    made = desk.token(desk.user("anna", "admin"), "*")
    seen = []
    for seconds in (0, 30, 29, 1):
        desk.later(seconds=seconds)
        desk.crm.actor_of_token(made.token)
        (view,) = tokens.list_tokens(desk.crm)
        assert view.last_used_at is not None
        seen.append((desk.now - view.last_used_at).total_seconds())
    assert seen == [0, 30, 59, 0]


def test_wrong_tokens_use_up_an_address(desk: Desk) -> None:
    """Whoever tries tokens is slowed down, and the log stops growing; a right one from there goes on working."""
    made = desk.token(desk.user("anna", "admin"), "*")
    ends = []
    for _number in range(104):
        with pytest.raises((InvalidCredentials, TooManyAttempts)) as refused:
            desk.crm.actor_of_token(new_token(), HOME)
        ends.append(type(refused.value))
    assert ends == [InvalidCredentials] * 100 + [TooManyAttempts] * 4
    assert len(desk.attempts()) == 100
    assert desk.crm.actor_of_token(made.token, HOME).token_id == made.id


def test_what_was_shown_once_is_not_shown_again(desk: Desk) -> None:
    """The answer under an idempotency key holds no secret."""
    user = desk.user("anna", "admin")
    values = {"name": "x", "scopes": ["*"], "user_id": user.id}
    made = desk.crm.run(SYSTEM, "token.create", values, key="once")
    with pytest.raises(CrmkitError, match="shown once"):
        desk.crm.run(SYSTEM, "token.create", values, key="once")
    assert made.token not in str([tuple(row) for row in desk.rows("SELECT * FROM crm_idempotency")])
    assert len(desk.rows("SELECT id FROM crm_token")) == 1
