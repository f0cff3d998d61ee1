"""The second factor: when it is asked for, that no code opens anything twice, and what stands in for it."""

from __future__ import annotations

import re
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.errors import (
    Conflict,
    CrmkitError,
    FactorNeeded,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    Refused,
    TooManyAttempts,
    Unauthenticated,
)
from crmkit.hooks.ports import ActorContext
from crmkit.security.credentials.codes import code_digest
from crmkit.security.sessions import signing
from crmkit.security.sessions.factors import use_code
from crmkit.security.sessions.signed import Opened, Pending
from crmkit.security.sessions.views import factor_of
from tests.conftest import Scale
from tests.security.credential_support import GOOD, HOME, SYSTEM
from tests.security.sessions.support import BROWSER, Authenticator, Entrance


def finish(desk: Entrance, step: Opened | Pending, code: str) -> Opened:
    """Give a code of the second factor."""
    assert isinstance(step, Pending)
    return signing.finish(desk.crm, step.token, code, BROWSER)


def test_a_code_is_asked_for_after_the_password(desk: Entrance) -> None:
    """The password alone opens nothing; with the code there is a session, and it says so."""
    _user, phone, _codes = desk.with_factor("anna")
    step = desk.begin("anna")
    assert isinstance(step, Pending)
    assert ("factor", None) == (step.kind, desk.alive(step))  # type: ignore[arg-type]
    opened = finish(desk, step, phone.code())
    assert ("password", "totp") == (desk.alive(opened).method, desk.alive(opened).factor)
    with pytest.raises(Unauthenticated):
        finish(desk, step, phone.code(1))


def test_the_secret_is_sealed(desk: Entrance) -> None:
    """It stands nowhere in the database, nor in what is printed, nor do the recovery codes."""
    _user, phone, codes = desk.with_factor("anna")
    rows = " ".join(
        str([tuple(row) for row in desk.rows(f"SELECT * FROM {name}")]) for name in desk.crm.registry.models
    )
    assert [] == [text for text in (phone.secret, *codes, *(code.replace("-", "") for code in codes)) if text in rows]
    other = desk.crm.run(desk_actor(desk, "berta"), "factor.begin")
    assert (False, False) == (other.secret in repr(other), other.uri in repr(other))


def desk_actor(desk: Entrance, login: str) -> Actor:
    """Add a seller and return the actor."""
    user = desk.user(login, "seller")
    return Actor.user(user.id, login.title(), method="session")


def test_no_code_is_good_twice(desk: Entrance, scale: Scale) -> None:
    """Neither the same nor an earlier one, however often it is tried."""
    user, phone, _codes = desk.with_factor("anna")
    code = phone.code()
    with desk.crm.transaction(SYSTEM) as session, region(session, "tests"):
        taken = [use_code(session, user.id, code) for _number in range(scale(small=100, full=1000))]
        taken.append(use_code(session, user.id, phone.code(-1)))
    assert "totp" == taken[0]
    assert {None} == set(taken[1:])


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(desk: Entrance, steps: int, right: bool) -> None:
    """One code before and one after the present one are taken as well."""
    user, phone, _codes = desk.with_factor("anna")
    desk.later(minutes=5)
    with desk.crm.transaction(SYSTEM) as session, region(session, "tests"):
        assert ("totp" if right else None) == use_code(session, user.id, phone.code(steps))


def test_of_two_at_once_one_gets_in(desk: Entrance) -> None:
    """Who reads a code over a shoulder and is as quick as its owner."""
    _user, phone, _codes = desk.with_factor("anna")
    steps = [desk.begin("anna") for _number in range(4)]
    code, ended = phone.code(), list[Any]()

    def attempt(step: Opened | Pending) -> None:
        try:
            ended.append(finish(desk, step, code))
        except CrmkitError as error:
            ended.append(error)

    threads = [threading.Thread(target=attempt, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [1, 3] == [sum(isinstance(item, kind) for item in ended) for kind in (Opened, InvalidCredentials)]


def test_five_codes_may_be_tried(desk: Entrance) -> None:
    """Then the password is asked for again, and there is a wait as with passwords."""
    _user, phone, _codes = desk.with_factor("anna")
    step = desk.begin("anna")
    for _number in range(5):
        with pytest.raises(InvalidCredentials):
            finish(desk, step, "000000")
    with pytest.raises(Unauthenticated):
        finish(desk, step, phone.code())
    with pytest.raises(TooManyAttempts) as waits:
        finish(desk, desk.begin("anna"), phone.code())
    desk.later(seconds=waits.value.seconds)
    assert isinstance(finish(desk, desk.begin("anna"), phone.code()), Opened)


def test_what_is_no_code_is_refused(desk: Entrance) -> None:
    """Like any wrong one."""
    user, _phone, _codes = desk.with_factor("anna")
    with desk.crm.transaction(SYSTEM) as session, region(session, "tests"):
        for code in ("", "12345", "1234567", "１２３４５６", "12 34 56x", "\0" * 6, "x" * 10_000, "\ud800"):
            assert use_code(session, user.id, code) is None
    with pytest.raises(InvalidCredentials):
        finish(desk, desk.begin("anna"), "\ud800")


def test_a_step_is_over_after_ten_minutes(desk: Entrance) -> None:
    """And one that nobody has begun opens nothing."""
    _user, phone, _codes = desk.with_factor("anna")
    step = desk.begin("anna")
    desk.later(minutes=10)
    for token in (step.token, "x" * 43, ""):
        with pytest.raises(Unauthenticated):
            signing.finish(desk.crm, token, phone.code(), BROWSER)
        assert signing.pending(desk.crm, token) is None


def test_recovery_codes_stand_in_once_each(desk: Entrance) -> None:
    """Ten of them, 120 bits each; making new ones voids the others."""
    user, _phone, codes = desk.with_factor("anna")
    assert (10, 10, True) == (
        len(codes), len({code_digest(code) for code in codes}),
        all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}(-[0-9A-HJKMNP-TV-Z]{6}){3}", code) for code in codes),
    )  # fmt: skip
    opened = finish(desk, desk.begin("anna"), codes[0].lower().replace("-", " "))
    assert ("recovery", 9) == (opened.signed.factor, factor_of(desk.crm, user.id).codes_left)
    with pytest.raises(InvalidCredentials):
        finish(desk, desk.begin("anna"), codes[0])
    fresh = desk.crm.run(opened.signed.actor, "factor.make_codes").codes
    with pytest.raises(InvalidCredentials):
        finish(desk, desk.begin("anna"), codes[1])
    assert "recovery" == finish(desk, desk.begin("anna"), fresh[0]).signed.factor


def test_python_and_other_doors_ask_for_it_too(desk: Entrance) -> None:
    """There is no way in by a password alone where there is a second factor."""
    user, phone, codes = desk.with_factor("anna")
    for given in ({}, {"code": "000000"}):
        with pytest.raises(InvalidCredentials if given else FactorNeeded):
            desk.crm.sign_in("anna", GOOD, HOME, **given)
    assert user.id == desk.crm.sign_in("anna", GOOD, HOME, code=phone.code()).user_id
    context = ActorContext(door="rest", credentials={"login": "anna", "password": GOOD}, address=HOME)
    with pytest.raises(FactorNeeded):
        desk.crm.resolve_actor(context)
    with_code = ActorContext(door="rest", credentials={**context.credentials, "code": codes[0]}, address=HOME)
    assert user.id == desk.crm.resolve_actor(with_code).user_id
    assert ("refused", "no_code") in [
        (row.outcome, "no_code")
        for row in desk.rows("SELECT outcome, details FROM crm_audit WHERE operation = 'sign_in'")
        if "no_code" in str(row.details)
    ]


@pytest.mark.parametrize("rule", ["optional", "administrators", "everybody"])
def test_an_installation_says_who_has_to_have_one(desk: Entrance, rule: str) -> None:
    """Nobody, those who administer something, or everybody."""
    desk.user("anna", "seller", password=GOOD)
    desk.user("boss", "admin", password=GOOD)
    desk.reopen(second_factor=rule)
    asked = [login for login in ("anna", "boss") if isinstance(desk.begin(login), Pending)]
    assert {"optional": [], "administrators": ["boss"], "everybody": ["anna", "boss"]}[rule] == asked
    for login in asked:
        with pytest.raises(FactorNeeded):
            desk.crm.sign_in(login, GOOD, HOME)


def test_a_factor_is_set_up_on_the_way_in(desk: Entrance) -> None:
    """Whoever has to have one gets in with its first code, and is given recovery codes."""
    user = desk.user("anna", "seller", password=GOOD)
    desk.reopen(second_factor="everybody")
    step = desk.begin("anna")
    assert isinstance(step, Pending)
    factor = signing.set_up(desk.crm, step.token)
    assert factor.secret == signing.set_up(desk.crm, step.token).secret
    with pytest.raises(InvalidInput):
        signing.finish_set_up(desk.crm, step.token, "000000", BROWSER)
    phone = Authenticator(secret=factor.secret, desk=desk)
    opened, codes = signing.finish_set_up(desk.crm, step.token, phone.code(), BROWSER)
    assert (user.id, "totp", 10) == (desk.alive(opened).user_id, opened.signed.factor, len(codes.codes))
    with pytest.raises(Unauthenticated):
        signing.set_up(desk.crm, step.token)
    assert "factor" == desk.begin("anna").kind


def test_a_step_of_one_kind_is_none_of_another(desk: Entrance) -> None:
    """Who is asked for a code cannot set up another factor instead."""
    desk.with_factor("anna")
    step = desk.begin("anna")
    with pytest.raises(Unauthenticated):
        signing.set_up(desk.crm, step.token)
    with pytest.raises(Unauthenticated):
        signing.finish_set_up(desk.crm, step.token, "000000", BROWSER)


def test_a_factor_counts_from_its_first_code_on(desk: Entrance) -> None:
    """Until then nobody is asked for it; after a quarter of an hour it has to be begun again."""
    desk.user("anna", "seller", password=GOOD)
    actor = desk.enter("anna").signed.actor
    phone = Authenticator(secret=desk.crm.run(actor, "factor.begin").secret, desk=desk)
    assert isinstance(desk.begin("anna"), Opened)
    with pytest.raises(InvalidInput):
        desk.crm.run(actor, "factor.confirm", {"code": "000000"})
    desk.later(minutes=15)
    with pytest.raises(NotFound):
        desk.crm.run(actor, "factor.confirm", {"code": phone.code()})
    assert desk.crm.run(actor, "factor.begin").secret != phone.secret


def test_a_factor_is_its_users_own(desk: Entrance) -> None:
    """A second one cannot be begun; a token changes none, and nobody has one without being a user."""
    user, _phone, _codes = desk.with_factor("anna")
    actor = Actor.user(user.id, "Anna")
    with pytest.raises(Conflict):
        desk.crm.run(actor, "factor.begin")
    token = desk.crm.actor_of_token(desk.token(user, "*").token)
    for operation, values in (
        ("factor.begin", {}), ("factor.remove", {}), ("factor.make_codes", {}), ("factor.confirm", {"code": "000000"})
    ):  # fmt: skip
        for other in (token, SYSTEM):
            with pytest.raises(Refused):
                desk.crm.run(other, operation, values)
    desk.crm.run(actor, "factor.remove")
    for operation in ("factor.remove", "factor.make_codes"):
        with pytest.raises(NotFound):
            desk.crm.run(actor, operation)
    assert isinstance(desk.begin("anna"), Opened)


def test_a_lost_factor_is_taken_away_by_who_may(desk: Entrance) -> None:
    """By who administers users, and no less than the one whose it is."""
    user, _phone, _codes = desk.with_factor("anna", "admin")
    clerk = desk.user("clerk")
    desk.crm.run(SYSTEM, "role.create", {"name": "clerk"})
    role = desk.rows("SELECT id FROM crm_role WHERE name = 'clerk'")
    assert len(role) == 1
    desk.crm.run(SYSTEM, "role.grant", {"resource": "user", "action": "admin", "scope": "all"}, target=_role(desk))
    desk.crm.run(SYSTEM, "user.assign_role", {"role": "clerk"}, target=clerk.id)
    with pytest.raises(Refused):
        desk.crm.run(Actor.user(clerk.id), "user.reset_factor", target=user.id)
    desk.crm.run(SYSTEM, "user.reset_factor", target=user.id)
    assert (False, 0) == (factor_of(desk.crm, user.id).present, factor_of(desk.crm, user.id).codes_left)
    with pytest.raises(NotFound):
        desk.crm.run(SYSTEM, "user.reset_factor", target=user.id)
    assert isinstance(desk.begin("anna"), Opened)


def _role(desk: Entrance) -> Any:
    from sqlalchemy import select

    from crmkit.core.access.models import Role

    with desk.crm.session(SYSTEM) as session:
        return session.scalar(select(Role.id).where(Role.name == "clerk"))


def test_who_leaves_leaves_no_factor(desk: Entrance) -> None:
    """Nor recovery codes."""
    user, _phone, _codes = desk.with_factor("anna")
    desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
    assert [0, 0] == [desk.rows(f"SELECT count(*) FROM {name}")[0][0] for name in ("crm_factor", "crm_recovery_code")]


def test_an_authenticator_can_read_it(desk: Entrance) -> None:
    """The picture holds what authenticators know, as a drawing without script, style or reference."""
    desk.crm.run(SYSTEM, "business.configure", {"name": "Tea: House", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    factor = desk.crm.run(desk_actor(desk, "anna"), "factor.begin")
    parts = urlsplit(factor.uri)
    assert ("otpauth", "totp", [factor.secret], ["Tea House"]) == (
        parts.scheme, parts.netloc, parse_qs(parts.query)["secret"], parse_qs(parts.query)["issuer"]
    )  # fmt: skip
    assert {"svg", "path", "g"} >= set(re.findall(r"<([a-z]+)", factor.svg))
    assert [] == re.findall(r"style=|on\w+=|href|url\(", factor.svg)


def test_everything_is_audited(desk: Entrance) -> None:
    """Setting up and removing, the first step, and codes that were wrong; never a code or a secret."""
    user, phone, codes = desk.with_factor("anna")
    step = desk.begin("anna")
    with pytest.raises(InvalidCredentials):
        finish(desk, step, "000000")
    finish(desk, step, codes[0])
    desk.crm.run(Actor.user(user.id, "Anna"), "factor.remove")
    names = ("factor.begin", "factor.confirm", "factor.remove", "sign_in", "sign_in.first_step")
    assert [
        ("sign_in", "done"), ("factor.begin", "done"), ("factor.confirm", "done"), ("sign_in.first_step", "done"),
        ("sign_in", "refused"), ("sign_in", "done"), ("factor.remove", "done"),
    ] == desk.operations(*names)  # fmt: skip
    written = " ".join(str(tuple(row)) for row in desk.rows("SELECT * FROM crm_audit"))
    assert [] == [text for text in (phone.secret, codes[0]) if text in written]
