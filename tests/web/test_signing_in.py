"""The pages of signing in: passwords, second factors, one-time links, single sign-on, and what nobody gets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import attrs
import pyotp
import pytest

from crmkit.security.credentials.passwords import redeem
from crmkit.security.sessions.looking import look_up
from tests.security.sso.fake import CLIENT, SECRET, FakeProvider, running
from tests.web.conftest import Browsing, Web

GOOD = "rivers under copper bridges"
SYSTEM = "tests"


@pytest.fixture
def door(sqlite_web: Web) -> Web:
    """A customer base whose passwords cost little; sam and ada have one."""
    sqlite_web.crm.settings = attrs.evolve(sqlite_web.crm.settings, password_cost="t=1,m=47104,p=1")
    for login in ("sam", "ada"):
        redeem(sqlite_web.crm, login, invite(sqlite_web, login), GOOD)
    return sqlite_web


def invite(web: Web, login: str, kind: str = "invite") -> str:
    """Return a one-time code for somebody."""
    return str(web.crm.run(web.crm.system(SYSTEM), f"user.{kind}", target=web.users[login]).code)


def at(client: Browsing, path: str, data: dict[str, Any] | None = None, **values: Any) -> Any:
    """Open a page and send its form."""
    client.get(path)
    return client.post(path, data, **values)


def sign_in(client: Browsing, login: str = "sam", password: str = GOOD, **more: Any) -> Any:
    """Give a login and a password."""
    return at(client, "/sign-in", {"login": login, "password": password, **more})


def cookie_line(response: Any, name: str) -> str:
    """Return how a cookie was set."""
    return next(line for line in response.headers.get_list("set-cookie") if line.startswith(f"{name}="))


def test_nobody_sees_a_page_without_signing_in(door: Web) -> None:
    """Whoever comes is asked, and is then where he wanted to be."""
    client = door.client()
    away = client.get("/customers?sort=name")
    assert (303, "/sign-in?next=%2Fcustomers%3Fsort%3Dname") == (away.status_code, away.headers["location"])
    client.get(away.headers["location"])
    entered = client.post("/sign-in", {"login": "sam", "password": GOOD, "next": "/customers?sort=name"})
    assert (303, "/customers?sort=name") == (entered.status_code, entered.headers["location"])
    assert 200 == client.get("/account").status_code


def test_the_cookie_is_for_this_browser_and_this_site_alone(door: Web) -> None:
    """No script reads it, no other site sends it along; encrypted, no subdomain can set it."""
    plain = cookie_line(sign_in(door.client()), "crmkit")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} == {part.strip() for part in plain.split(";")[1:]}
    client = door.client()
    client.inner.base_url = "https://localhost"
    secure = cookie_line(sign_in(client), "__Host-crmkit")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} == {part.strip() for part in secure.split(";")[1:]}


def test_who_is_there_is_not_said(door: Web) -> None:
    """An unknown login, a wrong password, nobody's password and somebody who has left get the very same page."""
    door.crm.run(door.crm.system(SYSTEM), "user.deactivate", target=door.users["ann"])
    pages = set()
    for login in ("sam", "nobody", "sue", "ann"):
        refused = sign_in(door.client(), login, "wrong guess")
        body = re.sub(r'name="csrf" value="[^"]*"|<meta name="csrf" content="[^"]*">', "", refused.text)
        pages.add((refused.status_code, body.replace(f'value="{login}"', "")))
    ((status, body),) = pages
    assert (401, True) == (status, "The login or the password is not right." in body)


@pytest.mark.parametrize(("language", "words"), [("en", "Try again in 15 minutes"), ("zh_Hans", "15 分钟")])
def test_guessing_is_held_up_with_the_wait(door: Web, language: str, words: str) -> None:
    """In the language of the page, and for programs in seconds."""
    client = door.client(language=language)
    for _number in range(5):
        assert 401 == sign_in(client, "sam", "wrong guess").status_code
    held = sign_in(client, "sam", GOOD)
    assert (429, True) == (held.status_code, words in held.text)
    assert 0 < int(held.headers["retry-after"]) <= 900


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "https:evil.example", "http:///evil.example", "/%0d%0aLocation: x\r\n", "customers", "/sign-out",
    "/sign-in?next=/x", "/step-up",
    "https://localhost@evil.example/", "https://localhost.evil.example/", "\x00/x", "/\tx",
)  # fmt: skip


def test_nobody_is_led_away(door: Web) -> None:
    """Whatever an address says of where to go on."""
    client = door.client()
    led = []
    for next in ELSEWHERE:
        client.get("/sign-in", params={"next": next})
        location = client.post("/sign-in", {"login": "sam", "password": GOOD, "next": next}).headers["location"]
        if urlsplit(location).netloc or not re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", location):
            led.append((next, location))
        client.inner.cookies.delete("crmkit")
    assert [] == led
    assert "/" == sign_in(client, next="/sign-out").headers["location"]


def test_a_form_from_elsewhere_signs_nobody_in(door: Web) -> None:
    """Without the token of the page, or from another site."""
    client = door.client()
    client.get("/sign-in")
    good = {"login": "sam", "password": GOOD}
    assert 403 == client.inner.post("/sign-in", data=good).status_code
    assert 403 == client.inner.post("/sign-in", data={**good, "csrf": "x" * 43}).status_code
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert 403 == client.post("/sign-in", good, headers=headers).status_code
    assert "crmkit" not in client.inner.cookies


def test_signing_in_ends_the_session_that_was_there(door: Web) -> None:
    """A token that somebody else put into the browser opens nothing afterwards."""
    client = door.client("ada")
    planted = client.inner.cookies["crmkit"]
    client.get("/account")
    entered = client.post("/sign-in", {"login": "sam", "password": GOOD})
    assert 303 == entered.status_code
    assert look_up(door.crm, planted) is None
    assert planted not in cookie_line(entered, "crmkit")


def test_signing_out_ends_it(door: Web) -> None:
    """By a form alone: a link or a picture signs nobody out."""
    client = door.client("sam")
    token = client.inner.cookies["crmkit"]
    assert client.get("/sign-out").status_code in (404, 405)
    assert look_up(door.crm, token) is not None
    left = client.post("/sign-out")
    assert (303, "/sign-in") == (left.status_code, left.headers["location"])
    assert look_up(door.crm, token) is None
    assert 303 == client.get("/account").status_code


def test_pages_with_secrets_are_kept_nowhere(door: Web) -> None:
    """Neither by the browser nor by anything between; and no other site is told the address of a link."""
    code = invite(door, "sue", "link")
    for client, path in (
        (door.client(), "/sign-in"),
        (door.client(), f"/sign-in/link/{code}"),
        (door.client("sam"), "/account"),
    ):
        headers = client.get(path).headers
        assert "no-store" in headers["cache-control"]
        assert headers["referrer-policy"] in ("no-referrer", "same-origin", "strict-origin")
        assert "unsafe" not in headers["content-security-policy"]


# --- the second factor -----------------------------------------------------------------------------------------------


def with_factor(web: Web, login: str = "sam") -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Give somebody a second factor; returns the authenticator and the recovery codes."""
    from crmkit.core.store.actor import Actor

    actor = Actor.user(web.users[login])
    phone = pyotp.TOTP(web.crm.run(actor, "factor.begin").secret)
    codes = web.crm.run(actor, "factor.confirm", {"code": phone.at(datetime.now(UTC), counter_offset=-1)}).codes
    return phone, codes


def test_a_code_is_asked_for_where_there_is_a_factor(door: Web) -> None:
    """Between the password and the session; a wrong one asks again."""
    phone, codes = with_factor(door)
    client = door.client()
    step = sign_in(client, next="/customers")
    assert (303, "/sign-in/factor?next=%2Fcustomers") == (step.status_code, step.headers["location"])
    assert "crmkit" not in client.inner.cookies
    assert "HttpOnly" in cookie_line(step, "crmkit_step")
    wrong = at(client, "/sign-in/factor", {"code": "000000"})
    assert (401, True) == (wrong.status_code, "The code is not right" in wrong.text)
    entered = client.post("/sign-in/factor", {"code": phone.now(), "next": "/customers"})
    assert (303, "/customers") == (entered.status_code, entered.headers["location"])
    assert "crmkit_step" not in client.inner.cookies
    other = door.client()
    sign_in(other)
    assert 303 == other.post("/sign-in/factor", {"code": codes[0].lower()}).status_code


def test_nobody_enters_by_the_second_step_alone(door: Web) -> None:
    """Without having given a password, or after five wrong codes, it begins again."""
    phone, _codes = with_factor(door)
    for path in ("/sign-in/factor", "/sign-in/set-up"):
        stranger = door.client()
        assert "/sign-in" == stranger.get(path).headers["location"]
        stranger.get("/sign-in")
        assert "/sign-in" == stranger.post(path, {"code": phone.now()}).headers["location"]
    client = door.client()
    sign_in(client)
    for _number in range(5):
        client.post("/sign-in/factor", {"code": "000000"})
    assert "/sign-in" == client.post("/sign-in/factor", {"code": phone.now()}).headers["location"]


def test_a_factor_is_set_up_on_the_way_in(door: Web) -> None:
    """Where everybody has to have one: a picture, a first code, recovery codes once, and in."""
    door.crm.settings = attrs.evolve(door.crm.settings, second_factor="everybody")
    client = door.client()
    assert "/sign-in/set-up" == sign_in(client).headers["location"]
    page = client.get("/sign-in/set-up")
    secret = secret_of(page.text)
    wrong = client.post("/sign-in/set-up", {"code": "000000"})
    assert (422, secret) == (wrong.status_code, secret_of(wrong.text))
    done = client.post("/sign-in/set-up", {"code": pyotp.TOTP(secret).now()})
    assert (200, 10) == (done.status_code, len(re.findall(r"[0-9A-Z]{6}(?:-[0-9A-Z]{6}){3}", done.text)))
    assert 200 == client.get("/account").status_code


def secret_of(text: str) -> str:
    """Return the secret that a page shows."""
    found = re.search(r'class="code secret">([A-Z2-7 ]+)<', text)
    assert found is not None
    return found[1].replace(" ", "")


def test_the_picture_breaks_no_policy(door: Web) -> None:
    """It is drawn by the server, without style, script or address."""
    client = door.client("sam")
    client.get("/account")
    page = client.post("/account/factor/begin").text
    drawing = page.partition('<div class="qr-box"')[2].partition("</div>")[0]
    assert "<svg" in drawing
    assert [] == re.findall(r"style=|<script|\son\w+=|href=|url\(", drawing)


# --- one-time links --------------------------------------------------------------------------------------------------


def test_a_link_is_used_up_by_its_button_alone(door: Web) -> None:
    """A messenger that fetches it for a preview uses up nothing."""
    path = f"/sign-in/link/{invite(door, 'sue', 'link')}"
    preview = door.client()
    for _number in range(3):
        assert 200 == preview.get(path).status_code
        assert 200 == preview.inner.head(path).status_code
    client = door.client()
    entered = at(client, path)
    assert (303, "/") == (entered.status_code, entered.headers["location"])
    assert 200 == client.get("/account").status_code
    for again in (preview.get(path), preview.post(path)):
        assert (401, True) == (again.status_code, "used before, or has expired" in again.text)


def test_an_invitation_sets_a_password(door: Web) -> None:
    """With the reasons of what cannot be used; then the newcomer is in."""
    path = f"/sign-in/invitation/{invite(door, 'sue')}"
    client = door.client()
    assert "sue" in client.get(path).text
    for first, second, words in (
        ("short", "short", "too short"),
        (GOOD, f"{GOOD} ", "not the same"),
        ("password1234", "password1234", "tried first"),
        ("sue support house", "sue support house", "what others know"),
    ):
        refused = client.post(path, {"password": first, "repeated": second})
        assert (422, True) == (refused.status_code, words in refused.text), words
    entered = client.post(path, {"password": GOOD, "repeated": GOOD})
    assert (303, "/") == (entered.status_code, entered.headers["location"])
    assert 200 == client.get("/account").status_code
    assert 401 == door.client().get(path).status_code
    assert 303 == sign_in(door.client(), "sue").status_code


@pytest.mark.parametrize("code", ["x", "AAAAAA-AAAAAA-AAAAAA-AAAAAA", "%00", "a" * 5000, "<script>"])
def test_a_link_that_is_none_opens_nothing(door: Web, code: str) -> None:
    """Whatever stands in it."""
    client = door.client()
    for kind in ("link", "invitation"):
        assert 401 == client.get(f"/sign-in/{kind}/{code}").status_code


# --- single sign-on --------------------------------------------------------------------------------------------------


@pytest.fixture
def provider(door: Web) -> Iterator[FakeProvider]:
    """A provider that the settings know."""
    with running(lambda: datetime.now(UTC)) as made:
        values = {
            "issuer": made.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "private": True,
            "title": "Acme ID",
        }
        door.crm.settings = attrs.evolve(door.crm.settings, sso={"acme": values})
        yield made


def target_of(page: Any) -> str:
    """Return the address that a page leads away to."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])


def come_back(client: Browsing, provider: FakeProvider, page: Any, **claims: Any) -> Any:
    """Let the provider send the browser back."""
    asked = target_of(page)
    return client.get("/sign-in/sso/acme/callback", params=provider.authorise(asked, **claims))


def test_a_provider_lets_in_who_was_linked(door: Web, provider: FakeProvider) -> None:
    """By an invitation without a password; afterwards by its button on the page of signing in."""
    code = invite(door, "sue")
    client = door.client()
    assert "Continue with Acme ID" in client.get(f"/sign-in/invitation/{code}").text
    back = come_back(client, provider, client.post(f"/sign-in/invitation/{code}/sso/acme"))
    assert (303, "/") == (back.status_code, back.headers["location"])
    other = door.client()
    assert "Continue with Acme ID" in other.get("/sign-in").text
    back = come_back(other, provider, other.post("/sign-in/sso/acme", {"next": "/customers"}))
    assert (303, "/customers") == (back.status_code, back.headers["location"])
    assert "Acme ID" in other.get("/account").text


def test_who_is_not_known_stays_out(door: Web, provider: FakeProvider) -> None:
    """With a page that says nothing of the reason; an answer that nobody asked for is one of those."""
    client = door.client()
    client.get("/sign-in")
    refused = come_back(client, provider, client.post("/sign-in/sso/acme"), sub="stranger")
    assert (401, True) == (refused.status_code, "did not work" in refused.text)
    assert "unknown_user" not in refused.text
    assert "crmkit" not in client.inner.cookies
    forged = door.client().get("/sign-in/sso/acme/callback", params={"code": "x", "state": "y"})
    assert 401 == forged.status_code
    client.get("/sign-in")
    assert 404 == client.post("/sign-in/sso/other").status_code


def test_an_account_is_linked_by_who_is_signed_in(door: Web, provider: FakeProvider) -> None:
    """On the own page; then the provider can be asked for a step-up as well."""
    client = door.client("sue")
    client.get("/account")
    back = come_back(client, provider, client.post("/account/sso/acme"))
    assert (303, "/account") == (back.status_code, back.headers["location"])
    assert "linked on" in client.get("/account").text
