"""Your account, and the step-up before what is sensitive."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pyotp
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import update

from crmkit.security.sessions.ending import SESSIONS
from crmkit.security.sessions.looking import look_up
from crmkit.security.sessions.opening import open_session, proof_of
from crmkit.security.sessions.views import factor_of, list_sessions
from tests.web.conftest import Browsing, Web
from tests.web.test_signing_in import GOOD, door, invite, secret_of, sign_in, with_factor

__all__ = ["door"]


def entered(door: Web, login: str = "sam") -> Browsing:
    """Return a client on its account page, signed in by a password."""
    client = door.client()
    sign_in(client, login)
    client.get("/account")
    return client


def grow_old(door: Web) -> None:
    """Let the last step-up of every session be an hour ago."""
    with door.crm.engines.system_write.begin() as connection:
        connection.execute(update(SESSIONS).values(stepped_up_at=datetime.now(UTC) - timedelta(hours=1)))


def test_the_own_data_are_changed(door: Web) -> None:
    """The name, the time zone and the language, in which the page is then; what is wrong is said at its field."""
    client = entered(door)
    wrong = client.post("/account", {"name": "", "language": "en", "zone": "Nowhere/Town"})
    assert (422, True, True) == (
        wrong.status_code, "There is no such time zone" in wrong.text, 'value="Nowhere/Town"' in wrong.text
    )  # fmt: skip
    done = client.post("/account", {"name": "山姆", "language": "zh_Hans", "zone": "Asia/Shanghai"})
    assert 303 == done.status_code
    page = client.get("/account").text
    assert (True, True, True) == (
        "你的帐户" in page or "您的账户" in page or "账户" in page,
        "山姆" in page,
        'lang="zh-Hans"' in page,
    )


def test_a_new_password_ends_the_other_sessions(door: Web) -> None:
    """It needs the present one; this browser gets a new token."""
    other, client = entered(door), entered(door)
    before = client.inner.cookies["crmkit"]
    new = "lanterns over quiet harbours"
    for current, first, second, words in (
        ("wrong guess", new, new, "not your present password"),
        (GOOD, "short", "short", "too short"),
        (GOOD, new, "another one", "not the same"),
        (GOOD, GOOD, GOOD, "is the present one"),
    ):
        refused = client.post("/account/password", {"current": current, "password": first, "repeated": second})
        assert words in refused.text, words
        assert refused.status_code in (401, 422)
    done = client.post("/account/password", {"current": GOOD, "password": new, "repeated": new})
    assert 303 == done.status_code
    assert (200, 303) == (client.get("/account").status_code, other.get("/account").status_code)
    assert look_up(door.crm, before) is None
    assert 303 == sign_in(door.client(), "sam", new).status_code


def test_who_came_by_a_link_sets_a_first_password(door: Web) -> None:
    """Right after the link; later it has to be another link."""
    client = door.client("sue")
    client.get("/account")
    grow_old(door)
    asked = client.post("/account/password", {"password": GOOD, "repeated": GOOD})
    assert (403, True) == (asked.status_code, "no password and no second factor" in asked.text)
    path = f"/sign-in/link/{invite(door, 'sue', 'link')}"
    client.get(path)
    client.post(path)
    client.get("/account")
    assert 303 == client.post("/account/password", {"password": GOOD, "repeated": GOOD}).status_code
    assert 303 == sign_in(door.client(), "sue").status_code


def test_a_second_factor_is_set_up_and_removed(door: Web) -> None:
    """A wrong code shows the same picture again; recovery codes are shown once; this session stays."""
    client = entered(door)
    other = open_session(door.crm, proof_of(door.crm, door.users["sam"]))
    secret = secret_of(client.post("/account/factor/begin").text)
    wrong = client.post("/account/factor/confirm", {"code": "000000"})
    assert (422, secret) == (wrong.status_code, secret_of(wrong.text))
    done = client.post("/account/factor/confirm", {"code": pyotp.TOTP(secret).now()})
    assert 10 == len(re.findall(r"[0-9A-Z]{6}(?:-[0-9A-Z]{6}){3}", done.text))
    assert look_up(door.crm, other.token) is None
    page = client.get("/account").text
    assert (True, 0) == ("10 recovery codes are left" in page, len(re.findall(r"[0-9A-Z]{6}-[0-9A-Z]{6}-", page)))
    assert 10 == len(re.findall(r"[0-9A-Z]{6}(?:-[0-9A-Z]{6}){3}", client.post("/account/factor/codes").text))
    client.get("/account")
    assert 303 == client.post("/account/factor/remove").status_code
    assert not factor_of(door.crm, door.users["sam"]).present
    assert 200 == client.get("/account").status_code


def test_sessions_are_seen_and_ended(door: Web) -> None:
    """One's own; of others there are none."""
    client = entered(door)
    others = [open_session(door.crm, proof_of(door.crm, door.users[login])) for login in ("sam", "sam", "mia")]
    assert 3 == len(re.findall("<tr>\\s*<td>", client.get("/account").text))
    assert 303 == client.post("/account/sessions/end", {"session": str(others[0].signed.id)}).status_code
    for foreign in (str(others[2].signed.id), "0197a1b2-0000-7000-8000-000000000000", "x", ""):
        assert 404 == client.post("/account/sessions/end", {"session": foreign}).status_code
    assert 303 == client.post("/account/sessions/end-others").status_code
    alive = [look_up(door.crm, item.token) is not None for item in others]
    assert ([False, False, True], 1) == (alive, len(list_sessions(door.crm, door.users["sam"])))


def test_a_token_is_shown_once(door: Web) -> None:
    """It acts as far as was said; then it can be revoked."""
    client = entered(door)
    wrong = client.post("/account/tokens", {"token_name": "till", "reach": "", "scopes": "nonsense.", "days": "x"})
    assert (422, True) == (wrong.status_code, 'value="till"' in wrong.text)
    wrong = client.post("/account/tokens", {"token_name": "till", "reach": "", "scopes": "user.admin", "days": "7"})
    assert 422 == wrong.status_code
    values = {"token_name": "till", "reach": "", "scopes": "customer.read, interaction.read", "days": "7"}
    made = client.post("/account/tokens", values)
    (text,) = set(re.findall(r"crmkit_[0-9A-Za-z]{36}", made.text))
    assert ("customer.read", "interaction.read") == door.crm.actor_of_token(text).limits
    page = client.get("/account").text
    assert (False, True) == (text in page, text[:11] in page)
    (token_id,) = re.findall(r'name="token" value="([^"]+)"', page)
    assert 303 == client.post("/account/tokens/revoke", {"token": token_id}).status_code
    assert "crmkit_" not in client.get("/account").text


def fields_of(text: str, prefix: str = "") -> dict[str, str]:
    """Return the hidden fields of a page by name."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return {name: unescape(value) for name, value in found if name.startswith(prefix)}


def test_what_is_sensitive_asks_again_and_loses_nothing(door: Web) -> None:
    """A form that was sent is kept until the password was given, and is then sent by one button."""
    client = entered(door)
    grow_old(door)
    values = {"token_name": 'a "name"', "reach": "*", "scopes": "", "days": "7"}
    asked = client.post("/account/tokens", values, headers={"Referer": "http://localhost/account"})
    kept = fields_of(asked.text)
    assert (403, "/account/tokens", "/account") == (asked.status_code, kept["again"], kept["next"])
    client.get("/step-up")
    wrong = client.post("/step-up", {**kept, "csrf": client.csrf, "secret": "wrong guess"})
    assert (401, "/account/tokens") == (wrong.status_code, fields_of(wrong.text)["again"])
    before = client.inner.cookies["crmkit"]
    passed = client.post("/step-up", {**kept, "csrf": client.csrf, "secret": GOOD})
    assert (200, None) == (passed.status_code, look_up(door.crm, before))
    again = fields_of(passed.text)
    assert values.items() <= again.items()
    done = client.inner.post("/account/tokens", data=again)
    assert 200 == done.status_code
    assert re.search(r"crmkit_[0-9A-Za-z]{36}", done.text)


def test_a_step_up_leads_back(door: Web) -> None:
    """To where somebody was, by a code where there is a second factor; never elsewhere."""
    phone, _codes = with_factor(door)
    client = door.client("sam")
    page = client.get("/step-up", params={"next": "/customers"})
    assert "authenticator" in page.text
    assert 401 == client.post("/step-up", {"secret": GOOD}).status_code
    done = client.post("/step-up", {"secret": phone.now(), "next": "//evil.example/"})
    assert (303, "/") == (done.status_code, done.headers["location"])
    assert 303 == door.client().get("/step-up").status_code


def test_nothing_is_sent_elsewhere_after_a_step_up(door: Web) -> None:
    """The form that waits may only be one of ours."""
    client = entered(door)
    for again in ("https://evil.example/x", "//evil.example/x", "/\\evil.example"):
        done = client.post("/step-up", {"secret": GOOD, "again": again, "kept.x": "y"})
        assert (303, "/") == (done.status_code, done.headers["location"])
        client.get("/account")


def test_pages_of_signing_in_are_for_everybody(visit: Any, sqlite_web: Web) -> None:
    """In a real browser, in both languages and on a phone: nothing serious for accessibility, nothing wider than the
    screen, and the whole way in and out works by keyboard and mouse."""
    from crmkit.security.credentials.passwords import redeem

    redeem(sqlite_web.crm, "sam", invite(sqlite_web, "sam"), GOOD)
    with_factor(sqlite_web, "mia")
    link = f"/sign-in/link/{invite(sqlite_web, 'ann', 'link')}"
    invitation = f"/sign-in/invitation/{invite(sqlite_web, 'max')}"
    axe, found = Axe(), list[str]()

    def look(page: Any) -> None:
        found.extend(
            f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:120]}"
            for each in axe.run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
        )
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            found.append(f"{page.url}: too wide")

    for language, width, dark in (("en", 1280, False), ("zh_Hans", 375, True)):
        here = visit(None, language=language, width=width, dark=dark)
        for path in ("/sign-in", link, invitation, "/sign-in/link/x"):
            here.go(path)
            look(here.page)
        signed = visit("mia", language=language, width=width, dark=dark)
        for path in ("/account", "/step-up"):
            signed.go(path)
            look(signed.page)
    assert [] == found
    person = visit()
    person.go("/account")
    person.page.get_by_label("Login").fill("sam")
    person.page.get_by_label("Password").fill(GOOD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/account")
    person.page.get_by_role("button", name="Set up a second factor").click()
    person.page.get_by_text("It cannot be scanned?").click()
    secret = person.page.locator("code.secret").inner_text().replace(" ", "")
    look(person.page)
    person.page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    person.page.get_by_role("button", name="Confirm").click()
    assert 10 == person.page.locator(".recovery-codes li").count()
    look(person.page)
    person.page.get_by_role("link", name="I have kept them").click()
    person.page.get_by_label("Your account").click()
    person.page.get_by_role("button", name="Sign out").click()
    person.page.wait_for_url("**/sign-in")
    assert [] == found
