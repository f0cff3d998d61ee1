"""Passwords: how they are kept, which are taken, and who sets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.core.store.actor import Actor
from crmkit.core.vault import secrets
from crmkit.core.vault.secrets import Cost, hash_password, needs_rehash, verify_password
from crmkit.errors import (
    ConfigurationError,
    Conflict,
    CrmkitError,
    InvalidCredentials,
    InvalidInput,
    Refused,
    TooManyAttempts,
)
from crmkit.security.credentials.codes import code_digest, new_code
from crmkit.security.credentials.passwords import change_password, redeem
from crmkit.security.credentials.policy import LONGEST, check_password, is_common
from crmkit.settings import Settings
from tests.security.credential_support import GOOD, HOME, SYSTEM, Desk, desk_at

CHEAP = Cost(passes=1, memory=8, lanes=1)
NEW = "lanterns over quiet harbours"


@pytest.fixture
def desk(crm_url: str) -> Iterator[Desk]:
    """A customer base whose clock the test sets."""
    with desk_at(crm_url) as made:
        yield made


# --- hashing ---------------------------------------------------------------------------------------------------------


def test_a_password_is_kept_as_its_argon2id_hash(desk: Desk) -> None:
    """At the cost that is set, with a salt of its own, and nowhere in plain."""
    desk.user("anna", password=GOOD)
    desk.user("bob", password=GOOD)
    one, other = (row.hash for row in desk.rows("SELECT hash FROM crm_password"))
    assert one.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert one != other
    found = [
        name
        for name in desk.crm.registry.models
        if GOOD in str([tuple(row) for row in desk.rows(f"SELECT * FROM {name}")])
    ]
    assert found == []


def test_the_default_cost_is_that_of_argon2() -> None:
    """Three passes over 64 MiB in four lanes."""
    assert Settings(database="sqlite:///x.db").password_cost == "t=3,m=65536,p=4"


@pytest.mark.parametrize(
    "cost", ["t=1,m=47103,p=1", "t=0,m=65536,p=4", "t=1,m=65536,p=0", "t=3", "", "fast", "t=1,m=9999999,p=1"]
)
def test_a_cost_below_the_least_is_refused(cost: str) -> None:
    """46 MiB in one pass is the least that can be set, by any way."""
    with pytest.raises(ConfigurationError):
        Settings.from_mapping({"database": "sqlite:///x.db", "password_cost": cost})


def test_signing_in_brings_a_hash_up_to_the_present_cost(desk: Desk) -> None:
    """An older hash is replaced as its user signs in, and the password goes on being right."""
    desk.user("anna", password=GOOD)
    dearer = desk.open("t=2,m=47104,p=1")
    dearer.sign_in("anna", GOOD)
    dearer.close()
    assert desk.rows("SELECT hash FROM crm_password")[0].hash.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert desk.crm.sign_in("anna", GOOD).name == "Anna"


@settings(max_examples=40, deadline=None)
@given(password=st.text(min_size=1, max_size=LONGEST), other=st.text(min_size=1, max_size=LONGEST))
def test_every_sign_counts(password: str, other: str) -> None:
    """A password is right and any other is wrong, whatever signs they are made of: none is cut off or left out."""
    import unicodedata

    hashed = hash_password(password, CHEAP)
    assert verify_password(password, hashed)
    assert not verify_password(password + "x", hashed)
    same = unicodedata.normalize("NFC", password) == unicodedata.normalize("NFC", other)
    assert verify_password(other, hashed) == same


def test_a_letter_can_be_composed_in_two_ways() -> None:
    """Which one arrives depends on the keyboard."""
    assert verify_password("cafe\u0301 au lait bien chaud", hash_password("caf\u00e9 au lait bien chaud", CHEAP))


def test_a_hash_that_cannot_be_read_is_nobodys() -> None:
    """A damaged row refuses, and raises nothing."""
    assert [verify_password(GOOD, text) for text in ("", "x", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abc")] == [
        False
    ] * 4
    assert needs_rehash(hash_password(GOOD, CHEAP), Cost(passes=2, memory=8, lanes=1))


def test_no_more_are_hashed_at_a_time_than_there_are_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many who sign in at once wait for their turn instead of using up the memory."""
    turns = threading.BoundedSemaphore(2)
    running: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    class Slow:
        def verify(self, hashed: str, password: bytes) -> bool:
            with lock:
                running.append(1)
                most.append(len(running))
            threading.Event().wait(0.01)
            with lock:
                running.pop()
            return True

    monkeypatch.setattr(secrets, "_turns", lambda: turns)
    monkeypatch.setattr(secrets, "_hasher", lambda cost: Slow())
    threads = [threading.Thread(target=verify_password, args=(GOOD, "x")) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 2


# --- which passwords are taken ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "aaaaaaaa bbbb",
        "only small letters here",
        "我喜欢在江边散步看夕阳吗",
        "🐘🦒🦓🐘🦒🦓🐘🦒🦓🐘🦒🦓",
        "x" * 11 + "\u00e9" * 117,
        "workshop tuesday lamp",
    ],
)
def test_what_is_long_and_nobody_elses_is_taken(password: str) -> None:
    """Twelve signs of any kind do, up to 128; a word of the company within a longer phrase does no harm."""
    check_password(password, ["anna", "Anna Shop", "anna@shop.example", "Shop"])


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevensigns",
        "e\u0301" * 11,
        "x" * 129,
        "123456789012",
        "qwertyuiop123",
        "QWERTYUIOP123",
        "1q2w3e4r5t6y",
        "crmkit-2026-crmkit",
        "anna.li.2026!",
        "AnnaLiAnnaLi99",
        "northwind-trading",
        "王小明王小明王小明2026",
    ],
)
def test_what_others_would_guess_is_refused(password: str) -> None:
    """Too short or too long, among the commonest, or made of name, login, company and program."""
    with pytest.raises(InvalidInput) as refused:
        check_password(password, ["anna.li", "Anna Li", "anna.li@northwind.example", "Northwind Trading", "王小明"])
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("password", None)
    assert not password or password not in refused.value.render("zh_Hans")


def test_the_list_is_long_enough() -> None:
    """At least 3,000 passwords that could be taken by their length are refused as common."""
    from importlib.resources import files

    known = (files("crmkit.security.credentials") / "refused.bin").read_bytes()
    entries = [known[place : place + 8] for place in range(0, len(known), 8)]
    assert len(entries) == len(set(entries)) >= 3000
    assert entries == sorted(entries)
    assert is_common("motherfucker")
    assert not is_common(GOOD)


# --- who sets them ---------------------------------------------------------------------------------------------------


def test_a_code_is_redeemed_once(desk: Desk) -> None:
    """It sets the password of its user, however it is typed, and is used up."""
    user = desk.user("anna")
    code = desk.crm.run(SYSTEM, "user.invite", target=user.id)
    typed = code.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert redeem(desk.crm, " anna ", typed, GOOD, HOME).user_id == user.id
    assert desk.crm.sign_in("anna", GOOD, HOME).user_id == user.id
    with pytest.raises(InvalidCredentials):
        redeem(desk.crm, "anna", code.code, NEW)
    assert code.code not in repr(code)


def test_a_code_is_kept_as_a_hash(desk: Desk) -> None:
    """120 bits of chance, of which nothing is in the database."""
    code = desk.crm.run(SYSTEM, "user.invite", target=desk.user("anna").id).code
    kept = str([tuple(row) for row in desk.rows("SELECT * FROM crm_one_time_code")])
    assert all(group not in kept for group in code.split("-"))
    assert len(code.replace("-", "")) * 5 == 120
    assert {code_digest(text) for text in ("", "x", code[:-1], f"{code}A", f"{code[:-1]}U")} == {None}
    assert len({new_code() for _number in range(200)}) == 200


def test_a_code_that_is_not_right_tells_nothing(desk: Desk) -> None:
    """Another's, an older, an expired and a leaver's code, and one for nobody, are refused alike."""
    anna, bob, left = desk.user("anna"), desk.user("bob"), desk.user("left")
    old, bobs, lefts = (desk.crm.run(SYSTEM, "user.invite", target=each.id).code for each in (anna, bob, left))
    expired = desk.crm.run(SYSTEM, "user.invite", target=bob.id).code
    desk.crm.run(SYSTEM, "user.invite", target=anna.id)
    desk.crm.run(SYSTEM, "user.deactivate", target=left.id)
    desk.later(days=3)
    texts = set()
    for login, code in (
        ("anna", bobs),
        ("anna", old),
        ("bob", expired),
        ("left", lefts),
        ("nobody", old),
        ("anna", "x"),
    ):
        with pytest.raises(InvalidCredentials) as refused:
            redeem(desk.crm, login, code, GOOD)
        texts.add(str(refused.value))
    assert len(texts) == 1
    assert [
        outcome for (outcome,) in desk.rows("SELECT outcome FROM crm_audit WHERE operation = 'password.redeem'")
    ] == ["refused"] * 6


def test_a_refused_password_leaves_the_code(desk: Desk) -> None:
    """Who chooses too short a password can choose another one."""
    code = desk.crm.run(SYSTEM, "user.invite", target=desk.user("anna").id).code
    with pytest.raises(InvalidInput):
        redeem(desk.crm, "anna", code, "short")
    redeem(desk.crm, "anna", code, GOOD)


def test_wrong_codes_use_up_an_address(desk: Desk) -> None:
    """Whoever tries codes is slowed down, and whoever has the right one is not."""
    code = desk.crm.run(SYSTEM, "user.invite", target=desk.user("anna").id).code
    ends = []
    for _number in range(102):
        with pytest.raises((InvalidCredentials, TooManyAttempts)) as refused:
            redeem(desk.crm, "anna", new_code(), GOOD, HOME)
        ends.append(type(refused.value))
    assert ends == [InvalidCredentials] * 100 + [TooManyAttempts] * 2
    redeem(desk.crm, "anna", code, GOOD, HOME)


def test_changing_needs_the_present_password(desk: Desk) -> None:
    """A wrong one changes nothing and counts as a guess; the right one sets another, which has to be another."""
    user = desk.user("anna", password=GOOD)
    actor = Actor.user(user.id)
    with pytest.raises(InvalidCredentials):
        change_password(desk.crm, actor, "wrong guess", NEW)
    with pytest.raises(InvalidInput):
        change_password(desk.crm, actor, GOOD, GOOD)
    with pytest.raises(InvalidInput):
        change_password(desk.crm, actor, GOOD, "short")
    change_password(desk.crm, actor, GOOD, NEW)
    with pytest.raises(InvalidCredentials):
        desk.crm.sign_in("anna", GOOD)
    assert desk.crm.sign_in("anna", NEW).user_id == user.id


def test_guesses_at_the_present_password_are_counted(desk: Desk) -> None:
    """Whoever finds a session open has no more guesses there than elsewhere."""
    actor = Actor.user(desk.user("anna", password=GOOD).id, address=HOME)
    for _number in range(5):
        with pytest.raises(InvalidCredentials):
            change_password(desk.crm, actor, "wrong guess", NEW)
    with pytest.raises(TooManyAttempts):
        change_password(desk.crm, actor, GOOD, NEW)


@pytest.mark.parametrize("keep", [False, True])
def test_changing_ends_tokens_unless_asked_otherwise(desk: Desk, keep: bool) -> None:
    """Who changes a password because it has become known wants everything ended that was made with it."""
    user = desk.user("anna", "admin", password=GOOD)
    made = desk.token(user, "*")
    change_password(desk.crm, Actor.user(user.id), GOOD, NEW, keep_tokens=keep)
    state = desk.rows("SELECT revoked_at FROM crm_token")[0].revoked_at
    assert (state is None) == keep
    if keep:
        assert desk.crm.actor_of_token(made.token).user_id == user.id


def test_a_reset_ends_the_password_and_chooses_none(desk: Desk) -> None:
    """An admin gets a code to hand over; the old password is gone at once."""
    boss, user = desk.user("boss", "admin"), desk.user("anna", password=GOOD)
    code = desk.crm.run(Actor.user(boss.id, "Boss"), "user.reset_password", target=user.id)
    with pytest.raises(InvalidCredentials):
        desk.crm.sign_in("anna", GOOD)
    assert (code.expires_at - desk.now).total_seconds() == 24 * 3600
    redeem(desk.crm, "anna", code.code, NEW)
    assert desk.crm.sign_in("anna", NEW).user_id == user.id


def test_only_who_administers_users_issues_codes(desk: Desk) -> None:
    """For a manager inviting is refused, as is inviting somebody who has left for anybody."""
    manager, user = desk.user("mona", "manager"), desk.user("anna")
    for operation in ("user.invite", "user.reset_password"):
        with pytest.raises(Refused):
            desk.crm.run(Actor.user(manager.id, "Mona"), operation, target=user.id)
    desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    for operation in ("user.invite", "user.reset_password"):
        with pytest.raises(Conflict):
            desk.crm.run(SYSTEM, operation, target=user.id)


def test_nobody_becomes_more_by_a_code(desk: Desk) -> None:
    """Who administers users alone issues no code for somebody who administers roles, and could redeem it."""
    boss, seller, helper = desk.user("boss", "admin"), desk.user("sam", "seller"), desk.user("helen")
    desk.crm.run(SYSTEM, "role.create", {"name": "helpdesk", "title": "Help desk"})
    with desk.crm.session(SYSTEM) as session:
        from sqlalchemy import select

        from crmkit.core.access.models import Role

        role = session.scalars(select(Role).where(Role.name == "helpdesk")).one()
    desk.crm.run(SYSTEM, "role.grant", {"resource": "user", "action": "admin", "scope": "all"}, target=role.id)
    desk.crm.run(SYSTEM, "user.assign_role", {"role": "helpdesk"}, target=helper.id)
    actor = Actor.user(helper.id, "Helen")
    assert desk.crm.run(actor, "user.invite", target=seller.id).login == "sam"
    for operation in ("user.invite", "user.reset_password"):
        with pytest.raises(Refused, match="role"):
            desk.crm.run(actor, operation, target=boss.id)


def test_who_leaves_leaves_nothing_behind(desk: Desk) -> None:
    """Deactivating ends password, codes and tokens in the same transaction."""
    user = desk.user("anna", "seller", password=GOOD)
    desk.token(user, "*")
    code = desk.crm.run(SYSTEM, "user.invite", target=user.id).code
    desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    assert desk.rows("SELECT * FROM crm_password") == []
    assert [row for row in desk.rows("SELECT used_at FROM crm_one_time_code") if row.used_at is None] == []
    assert [row for row in desk.rows("SELECT revoked_at FROM crm_token") if row.revoked_at is None] == []
    with pytest.raises(CrmkitError):
        redeem(desk.crm, "anna", code, NEW)


def test_two_codes_at_once_set_one_password(desk: Desk) -> None:
    """Of two who redeem the same code at the same time one succeeds."""
    code = desk.crm.run(SYSTEM, "user.invite", target=desk.user("anna").id).code
    ends: list[str] = []

    def take(password: str) -> None:
        try:
            redeem(desk.crm, "anna", code, password)
            ends.append(password)
        except InvalidCredentials:
            ends.append("refused")

    threads = [threading.Thread(target=take, args=(password,)) for password in (GOOD, NEW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("refused") == 1
    (won,) = set(ends) - {"refused"}
    assert desk.crm.sign_in("anna", won).name == "Anna"
