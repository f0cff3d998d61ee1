"""Sessions of browsers: what opens them, what they are bound to, and everything that ends them."""

from __future__ import annotations

import re
import sqlite3
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from crmkit.core.store.actor import Actor
from crmkit.errors import InvalidCredentials, NotFound, Unauthenticated
from crmkit.hooks.ports import ActorContext
from crmkit.security.credentials.passwords import change_password, redeem
from crmkit.security.sessions.agents import agent_label
from crmkit.security.sessions.looking import look_up
from crmkit.security.sessions.opening import MOST, end, open_session, proof_of, rotate
from crmkit.security.sessions.signed import Opened, csrf_of, new_token
from crmkit.security.sessions.upkeep import remove_what_is_over
from crmkit.security.sessions.views import list_sessions
from tests.security.credential_support import GOOD, HOME, SYSTEM
from tests.security.sessions.support import Entrance

NEW = "lanterns over quiet harbours"
HANG = 60.0
"""Seconds that only a test which hangs would take."""


def test_a_password_opens_a_session(desk: Entrance) -> None:
    """Its token tells who is signed in, how, since when and until when, and with which browser."""
    user = desk.user("anna", "seller", password=GOOD)
    opened = desk.enter("anna")
    signed = desk.alive(opened)
    assert signed == opened.signed
    assert (user.id, "password", None, "Firefox 140, Linux") == (
        signed.user_id, signed.method, signed.factor, signed.agent
    )  # fmt: skip
    assert (f"user:{user.id}", "user", "session", HOME) == (
        signed.actor.id, signed.actor.kind, signed.actor.method, signed.actor.address
    )  # fmt: skip
    assert (desk.now, desk.now + timedelta(hours=12)) == (signed.signed_in_at, opened.expires_at)


def test_only_a_hash_is_kept(desk: Entrance) -> None:
    """Neither the token nor what the forms carry is anywhere in the database, nor in what is printed."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    rows = " ".join(
        str([tuple(row) for row in desk.rows(f"SELECT * FROM {name}")]) for name in desk.crm.registry.models
    )
    assert (True, False, False) == ("Firefox 140" in rows, opened.token in rows, opened.signed.csrf in rows)
    assert (False, False) == (opened.token in repr(opened), opened.signed.csrf in repr(opened))


def test_tokens_are_long_and_random() -> None:
    """43 letters and digits are 256 bits; what forms carry is another text for each."""
    tokens = {new_token() for _number in range(500)}
    assert (500, True) == (len(tokens), all(re.fullmatch(r"[0-9A-Za-z]{43}", token) for token in tokens))
    assert 500 == len({csrf_of(token) for token in tokens})


@pytest.mark.parametrize("text", ["", "x", "a" * 43, "é" * 43, "a\0" * 30, "' OR 1=1 --", "\ud800" * 43, "a" * 10_000])
def test_what_is_no_token_opens_nothing(desk: Entrance, text: str) -> None:
    """Whatever a cookie holds."""
    desk.user("anna", password=GOOD)
    desk.enter("anna")
    assert look_up(desk.crm, text) is None


def test_a_session_ends_when_nothing_happens_in_it(desk: Entrance) -> None:
    """Half an hour after the last request; each request begins it anew."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    for _number in range(4):
        desk.later(minutes=29)
        assert desk.alive(opened) is not None
    desk.later(minutes=30)
    assert desk.alive(opened) is None


def test_a_session_ends_in_any_case(desk: Entrance) -> None:
    """Twelve hours after signing in, however busy it was."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    for _number in range(36):
        desk.later(minutes=20, seconds=-1)
        assert desk.alive(opened) is not None
    desk.later(seconds=36)
    assert desk.alive(opened) is None


def test_the_limits_are_settings(desk: Entrance) -> None:
    """An installation says how long a session lasts."""
    desk.user("anna", password=GOOD)
    desk.reopen(session_minutes=5, session_hours=1)
    opened = desk.enter("anna")
    assert desk.now + timedelta(hours=1) == opened.expires_at
    desk.later(minutes=5)
    assert desk.alive(opened) is None


def test_signing_in_makes_a_new_session(desk: Entrance) -> None:
    """What the browser came with ends, so that nobody can have known the token before."""
    for login in ("mallory", "anna"):
        desk.user(login, password=GOOD)
    known = desk.enter("mallory")
    opened = desk.enter("anna", before=known.token)
    assert (None, "anna") == (desk.alive(known), desk.alive(opened).login)
    assert known.token != opened.token


def test_a_new_token_replaces_the_old_one(desk: Entrance) -> None:
    """Of one session only the last token opens anything; a session that has ended gets none."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    renewed = rotate(desk.crm, opened.signed)
    assert (None, opened.signed.id) == (desk.alive(opened), desk.alive(renewed).id)
    assert renewed.signed.csrf != opened.signed.csrf
    end(desk.crm, renewed.signed)
    with pytest.raises(Unauthenticated):
        rotate(desk.crm, renewed.signed)


ENDINGS = (
    "sign_out",
    "deactivate",
    "password",
    "reset",
    "redeem",
    "end",
    "end_all",
    "factor",
    "remove",
    "reset_factor",
)


@pytest.mark.parametrize("how", ENDINGS)
def test_what_has_ended_opens_nothing(desk: Entrance, how: str) -> None:
    """From the next request on, in every browser; save the one in which somebody changes the own credentials."""
    user = desk.user("anna", "seller", password=GOOD)
    desk.user("boss", "admin")
    own, other = desk.enter("anna"), desk.enter("anna")
    actor, run = own.signed.actor, desk.crm.run
    keep = {"keep": str(own.signed.id)}
    if how in ("remove", "reset_factor"):
        import pyotp

        secret = run(actor, "factor.begin").secret
        run(actor, "factor.confirm", {"code": pyotp.TOTP(secret).at(desk.now), **keep})
        other = open_session(desk.crm, proof_of(desk.crm, user.id))
    match how:
        case "sign_out":
            end(desk.crm, other.signed)
        case "deactivate":
            run(SYSTEM, "user.deactivate", target=user.id)
        case "password":
            change_password(desk.crm, actor, GOOD, NEW, keep_session=own.signed.id)
        case "reset":
            run(SYSTEM, "user.reset_password", target=user.id)
        case "redeem":
            redeem(desk.crm, "anna", run(SYSTEM, "user.invite", target=user.id).code, NEW)
        case "end":
            run(actor, "session.end", {"session_id": str(other.signed.id)})
        case "end_all":
            assert run(actor, "session.end_all", keep).sessions == 1
        case "factor":
            import pyotp

            secret = run(actor, "factor.begin").secret
            run(actor, "factor.confirm", {"code": pyotp.TOTP(secret).at(desk.now), **keep})
        case "remove":
            run(actor, "factor.remove", keep)
        case "reset_factor":
            run(SYSTEM, "user.reset_factor", target=user.id)
    stays = how in ("sign_out", "password", "end", "end_all", "factor", "remove")
    assert (stays, None) == (desk.alive(own) is not None, desk.alive(other))


def test_others_sessions_are_for_who_administers_users(desk: Entrance) -> None:
    """To everybody else they look as though there were none."""
    user = desk.user("anna", "seller", password=GOOD)
    for login, role in (("bob", "seller"), ("boss", "admin")):
        desk.user(login, role, password=GOOD)
    wanted, bob, boss = (desk.enter(login) for login in ("anna", "bob", "boss"))
    for operation, values in (
        ("session.end", {"session_id": str(wanted.signed.id)}),
        ("session.end_all", {"user_id": str(user.id)}),
    ):
        with pytest.raises(NotFound) as foreign:
            desk.crm.run(bob.signed.actor, operation, values)
        assert desk.alive(wanted) is not None
        unknown = dict.fromkeys(values, "0197a1b2-0000-7000-8000-000000000000")
        if operation == "session.end":
            with pytest.raises(NotFound) as nowhere:
                desk.crm.run(bob.signed.actor, operation, unknown)
            assert str(nowhere.value) == str(foreign.value)
    desk.crm.run(boss.signed.actor, "session.end", {"session_id": str(wanted.signed.id)})
    again = desk.enter("anna")
    assert 1 == desk.crm.run(boss.signed.actor, "session.end_all", {"user_id": str(user.id)}).sessions
    assert (None, None, True) == (desk.alive(wanted), desk.alive(again), desk.alive(boss) is not None)


def test_nobody_has_sessions_without_end(desk: Entrance) -> None:
    """For one more than 20 the one that was not used for longest ends."""
    user = desk.user("anna", password=GOOD)
    proof = proof_of(desk.crm, user.id)
    opened: list[Opened] = []
    for _number in range(MOST + 2):
        opened.append(open_session(desk.crm, proof))
        desk.later(seconds=1)
    assert [False, False, True] == [desk.alive(item) is not None for item in opened[:3]]
    assert MOST == len(list_sessions(desk.crm, user.id))


def test_looking_a_session_up_is_one_query(desk: Entrance) -> None:
    """Each request asks for it: nothing else is read or written, save once a minute when it was used last."""
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    desk.alive(opened)
    asked: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement.split()[0])

    event.listen(desk.crm.engines.base, "before_cursor_execute", count)
    try:
        desk.alive(opened)
        assert ["SELECT"] == asked
        asked.clear()
        desk.later(seconds=61)
        desk.alive(opened)
        desk.alive(opened)
        assert ["SELECT", "UPDATE", "SELECT"] == asked
    finally:
        event.remove(desk.crm.engines.base, "before_cursor_execute", count)


def test_reading_a_page_does_not_wait_for_who_writes(desk: Entrance) -> None:
    """Where somebody holds the write lock of SQLite, the instant of the last request is moved on by the next one."""
    desk.reopen(busy_timeout=HANG)  # who waits for the lock at all waits that long, and finds it open
    desk.user("anna", password=GOOD)
    opened = desk.enter("anna")
    desk.later(minutes=5)
    before = list_sessions(desk.crm, opened.signed.user_id)[0].seen_at
    if desk.crm.engines.dialect == "sqlite":
        other = sqlite3.connect(str(desk.crm.settings.sqlite_file), isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(HANG / 2, other.rollback)
        release.start()
        assert desk.alive(opened) is not None
        release.cancel()
        other.rollback()
        other.close()
        assert before == list_sessions(desk.crm, opened.signed.user_id)[0].seen_at
    assert desk.alive(opened) is not None
    assert desk.now == list_sessions(desk.crm, opened.signed.user_id)[0].seen_at


def test_a_user_sees_the_own_sessions(desk: Entrance) -> None:
    """Those that are alive, the last used first, without anything that opens one."""
    user = desk.user("anna", password=GOOD)
    desk.enter("anna")
    desk.later(minutes=20)
    second = desk.enter("anna")
    desk.later(minutes=15)
    (view,) = list_sessions(desk.crm, user.id)
    assert (second.signed.id, "Firefox 140, Linux", HOME) == (view.id, view.agent, view.address)


def test_a_door_may_hand_over_the_token(desk: Entrance) -> None:
    """As the credential ``session``; one that has ended counts as none."""
    user = desk.user("anna", password=GOOD)
    opened = desk.enter("anna")

    def resolved() -> Actor:
        return desk.crm.resolve_actor(
            ActorContext(door="web", credentials={"session": opened.token}, address="203.0.113.9")
        )

    assert (user.id, "session", "203.0.113.9") == (resolved().user_id, resolved().method, resolved().address)
    end(desk.crm, opened.signed)
    assert "public" == resolved().kind


def test_what_is_over_is_removed(desk: Entrance) -> None:
    """By a job: sessions that are idle or past their end, and sign-ins that nobody finished."""
    desk.with_factor("berta")
    desk.begin("berta")
    desk.user("anna", password=GOOD)
    idle = desk.enter("anna")
    desk.later(minutes=31)
    fresh = desk.enter("anna")
    with desk.crm.transaction(SYSTEM) as session:
        remove_what_is_over(session)
    assert [fresh.signed.id] == [item.id for item in list_sessions(desk.crm, idle.signed.user_id)]
    assert [1, 0] == [desk.rows(f"SELECT count(*) FROM {name}")[0][0] for name in ("crm_session", "crm_sign_in_step")]


def test_every_end_and_beginning_is_audited(desk: Entrance) -> None:
    """Signing in and out, with the session, and who was refused; by whom a session was ended."""
    user = desk.user("anna", "seller", password=GOOD)
    opened = desk.enter("anna")
    with pytest.raises(InvalidCredentials):
        desk.begin("anna", "wrong guess")
    desk.crm.run(opened.signed.actor, "session.end_all", {"keep": str(opened.signed.id)})
    end(desk.crm, opened.signed)
    end(desk.crm, opened.signed)
    assert [("sign_in", "done"), ("sign_in", "refused"), ("session.end_all", "done"), ("sign_out", "done")] == (
        desk.operations("sign_in", "session.end_all", "sign_out")
    )
    rows = desk.rows("SELECT operation, actor_id, method, details FROM crm_audit WHERE operation LIKE 'sign_%'")
    said = {row.operation: (row.actor_id, row.method) for row in rows if str(opened.signed.id) in str(row.details)}
    assert {"sign_in": (f"user:{user.id}", "password"), "sign_out": (f"user:{user.id}", "session")} == said


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("(Windows NT 10.0; Win64) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge 141, Windows"),
        ("(iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.1 Mobile/15E148 Safari/604.1", "Safari 19, iPhone"),
        ("(Linux; Android 15) Chrome/130.0 Mobile MicroMessenger/8.0", "WeChat 8, Android"),
        ("curl/8.5", None),
        ("<script>alert(1)</script>", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_a_few_words(agent: str, label: str | None) -> None:
    """Of what a browser sends, only names that are known are kept."""
    assert label == agent_label(agent)
