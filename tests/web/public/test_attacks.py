"""What somebody tries with public links: forging, replaying, guessing, flooding, injecting."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text

from crmkit import CRM, Actor, Customer, Refused
from crmkit.core.store.clock import Clock
from crmkit.errors import LinkClosed, NotFound
from crmkit.security.public import links, throttling
from tests.web.public.conftest import SYSTEM, Shop, form_of, made

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "{% import os %}",
    "<style>*{display:none}</style>",
    "\u202eevil",
)


def closed(answer: Any) -> tuple[int, bytes]:
    """Return what of an answer somebody could compare."""
    return answer.status_code, answer.content


def wait(shop: Shop, monkeypatch: pytest.MonkeyPatch, time: timedelta) -> None:
    """Let time pass for what the doors ask the clock."""

    class Later(Clock):
        """A clock that is ahead."""

        def now(self) -> datetime:
            return super().now() + time

    monkeypatch.setattr(shop.crm, "clock", Later(None))


def swapped(path: str, place: int) -> str:
    """Return a link with one bit of its token changed."""
    head, _slash, token = path.rpartition("/")
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place // 8 % len(raw)] ^= 1 << place % 8
    return f"{head}/{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 41 * 8 - 1))
def test_no_bit_of_a_link_can_be_changed(shop: Shop, place: int) -> None:
    """Whichever bit is turned, the link opens nothing."""
    path = shop.link().path
    _empty, _p, page, token = swapped(path, place).split("/")
    with pytest.raises(LinkClosed):
        links.open_link(shop.crm, page, token)


def test_every_closed_link_looks_alike(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forged, of another page, over, revoked, used, of a deleted customer, of no installation: one answer."""
    over, revoked, used, gone = (shop.link() for _ in range(4))
    used = shop.link("once")
    shop.send(used.path, {"city": "Paris"})
    shop.crm.run(SYSTEM, "public_link.revoke", target=revoked.link_id)
    lost = shop.link(customer=shop.bob)
    shop.crm.run(SYSTEM, "customer.delete", target=shop.bob)
    answers = {
        "forged": shop.client.get(swapped(gone.path, 200)),
        "other page": shop.client.get(gone.path.replace("/preferences/", "/once/")),
        "no page": shop.client.get(gone.path.replace("/preferences/", "/nothing/")),
        "garbled": shop.client.get("/p/preferences/%00%ff"),
        "short": shop.client.get("/p/preferences/abc"),
        "long": shop.client.get("/p/preferences/" + "A" * 500),
        "deeper": shop.client.get(f"{gone.path}/more"),
        "nothing": shop.client.get("/p/"),
        "revoked": shop.client.get(revoked.path),
        "used": shop.client.get(used.path),
        "gone": shop.client.get(lost.path),
    }
    wait(shop, monkeypatch, timedelta(days=366))
    answers["over"] = shop.client.get(over.path)
    assert {name: closed(answers["forged"]) for name in answers} == {
        name: closed(answer) for name, answer in answers.items()
    }
    assert 404 == answers["forged"].status_code


def test_a_link_is_written_in_one_way(shop: Shop) -> None:
    """Padding, other letters for the same bits and trailing bytes are another link, which opens nothing."""
    path = shop.link().path
    for other in (path + "=", path + "A", path.replace("/p/", "/p//"), path + "%20"):
        assert 404 == shop.client.get(other).status_code, other


def test_who_writes_into_the_table_makes_no_link(shop: Shop) -> None:
    """Turning a row to another subject, page or expiry breaks its signature."""
    for change in ("subject = 'customer:somebody'", "page = 'once'", "ref = 'customer:1'", "expires_at = '2999-01-01'"):
        path = shop.link().path
        with shop.crm.engines.system_write.begin() as connection:
            connection.execute(text(f"update crm_public_link set {change}"))
        assert 404 == shop.client.get(path).status_code, change
        with shop.crm.engines.system_write.begin() as connection:
            connection.execute(text("delete from crm_public_link"))


def test_a_link_that_is_for_once_is_used_once(shop: Shop) -> None:
    """The first form that is sent counts; another one, and one that was open beside, opens nothing."""
    path = shop.link("once").path
    first, second = shop.form(path), shop.form(path)
    assert "/p/done?lang=en" == shop.send(path, {"city": "Paris"}, first).headers["location"]
    assert 404 == shop.send(path, {"city": "Rome"}, second).status_code
    with shop.crm.session(SYSTEM) as session:
        assert "Paris" == session.get(Customer, shop.ada).city


def test_what_is_refused_does_not_use_a_link_up(shop: Shop) -> None:
    """A form with a mistake is shown again with what was wrong, and can be sent again."""
    path = shop.link("once").path
    wrong = shop.send(path, {"city": ""})
    assert 422 == wrong.status_code
    assert "A city is needed." in wrong.text
    assert 303 == shop.send(path, {"city": "Paris"}, form_of(wrong.text)).status_code


@pytest.mark.parametrize("form", ["", "x", "a.1.b", "a.9999999999.b", "é.1.ü", "\x00.1.2"])
def test_a_form_that_was_not_handed_out_changes_nothing(shop: Shop, form: str) -> None:
    """Without the token of its form a post is asked to be sent again; nobody else's page has one."""
    answer = shop.send(shop.link().path, {"allow": ["marketing:email"]}, form)
    assert 422 == answer.status_code
    assert [] == shop.consents()


def test_a_form_of_another_link_is_no_form_of_this_one(shop: Shop) -> None:
    mine, theirs = shop.link().path, shop.link(customer=shop.bob).path
    assert 422 == shop.send(mine, {"allow": ["marketing:email"]}, shop.form(theirs)).status_code


def test_a_form_grows_old(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a day it is shown anew."""
    path = shop.link().path
    form = shop.form(path)
    wait(shop, monkeypatch, timedelta(hours=14))
    answer = shop.send(path, {"allow": ["marketing:email"]}, form)
    assert 422 == answer.status_code
    assert "checked" in answer.text


def test_opening_a_link_changes_nothing(shop: Shop) -> None:
    """Mail programs open links by themselves, and some send HEAD."""
    path = shop.link("once").path
    for _ in range(3):
        assert 200 == shop.client.get(path).status_code
        assert 200 == shop.client.head(path).status_code
    with shop.crm.engines.system_read.connect() as connection:
        assert connection.execute(text("select used_at from crm_public_link")).scalar() is None


def test_a_page_without_a_form_takes_none(shop: Shop) -> None:
    path = shop.link("silent").path
    assert 404 == shop.send(path, {"x": "1"}).status_code


def test_submits_are_throttled_per_link(shop: Shop) -> None:
    """The page allows three an hour; a wait is told."""
    path = shop.link("once").path
    answers = [shop.send(path, {"city": ""}) for _ in range(4)]
    assert [422, 422, 422, 429] == [answer.status_code for answer in answers]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600


def test_guessing_links_is_throttled_per_address(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """After thirty links that open nothing even a good one is not looked at, for this address alone."""
    path = shop.link().path
    monkeypatch.setattr(throttling, "CLOSED", throttling.Flow(5, timedelta(minutes=1)))
    found = [shop.client.get(f"/p/preferences/guess{number}").status_code for number in range(7)]
    assert [404] * 5 + [429] * 2 == found
    assert 429 == shop.client.get(path).status_code
    shop.crm.asgi()
    from starlette.testclient import TestClient

    elsewhere = TestClient(shop.crm.asgi(), base_url="http://localhost", client=("203.0.113.9", 4000))
    assert 200 == elsewhere.get(path).status_code


def test_bodies_are_limited_and_garbage_is_refused(shop: Shop) -> None:
    """Too long, too many fields, no text: a page, never an error of the server."""
    path = shop.link().path
    assert 413 == shop.client.post(path, content=b"a" * 70_000).status_code
    for body in (b"&".join(b"a=1" for _ in range(600)), b"\xff\xfe", b"form=%ff", b"form=%00", b""):
        assert shop.client.post(path, content=body).status_code in (404, 422), body[:20]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_typed_becomes_markup(shop: Shop, payload: str) -> None:
    """In the customer's name, in the business's, in what is sent back, and in the language of the address."""
    shop.crm.run(SYSTEM, "business.configure", {"name": payload})
    shop.crm.run(SYSTEM, "customer.update", {"name": payload}, target=shop.ada)
    path = shop.link().path
    pages = [
        shop.client.get(path).text,
        shop.client.get(path, params={"lang": payload, "saved": payload}).text,
        shop.send(path, {"allow": payload}, "stale").text,
        shop.client.get(f"/p/preferences/{'x'}", params={"lang": payload}).text,
    ]
    for page in pages:
        for bad in ("<script>alert", "<img src=x", "<svg onload", "<style>*", "<h1>49", "49,"):
            assert bad not in page


def test_a_logo_is_a_picture_and_a_colour_is_a_colour(shop: Shop) -> None:
    """Nothing that could carry a script or styles gets into the page of the business."""
    from crmkit import InvalidInput

    drawing = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
    for wrong in (
        {"logo": f"data:image/svg+xml;base64,{drawing}"},
        {"logo": f"data:image/png;base64,{drawing}"},
        {"logo": 'data:image/png;base64,iVBORw0KGgo="><script>'},
        {"logo": "https://example.com/logo.png"},
        {"accent": "red;}body{display:none"},
        {"accent": "#fff"},
        {"accent": "#ffffff"},
    ):
        with pytest.raises(InvalidInput):
            shop.crm.run(SYSTEM, "business.configure", wrong)


# --- what a visitor may do -------------------------------------------------------------------------------------------


def visitor(shop: Shop) -> Actor:
    """Return the actor of who follows Ada's link."""
    _empty, _p, page, token = shop.link().path.split("/")
    return links.visitor(links.open_link(shop.crm, page, token))


def test_a_visitor_sees_one_customer_and_nothing_else(crm: CRM) -> None:
    """Neither other customers nor their records, nor what every signed-in person may read, on both databases."""
    shop = made(crm)
    for customer in (shop.ada, shop.bob):
        crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": customer, "subject": "x"})
    crm.run(SYSTEM, "team.create", {"name": "North"})
    actor = visitor(shop)
    with crm.session(actor) as session:
        from crmkit.core.customers.models import ContactPoint

        seen = {
            name: list(session.scalars(select(model)))
            for name, model in crm.registry.models.items()
            if model.__access__.kind != "system" and name != "crm_customer"
        }
        assert ["Ada Byron"] == [each.name for each in session.scalars(select(Customer))]
        assert {shop.ada} == {each.customer_id for each in session.scalars(select(ContactPoint))}
    of_others = {
        name: rows
        for name, rows in seen.items()
        if rows and {getattr(row, "customer_id", None) for row in rows} != {shop.ada}
    }
    assert {} == of_others


def test_a_visitor_does_what_the_page_allows_and_no_more(crm: CRM) -> None:
    """Not with another customer, not another operation, not by another name."""
    shop = made(crm)
    actor = visitor(shop)
    assert "Paris" == crm.run(actor, "customer.update", {"city": "Paris"}, target=shop.ada).city
    with pytest.raises(NotFound):
        crm.run(actor, "customer.update", {"city": "Paris"}, target=shop.bob)
    for operation, values, target in (
        ("customer.create", {"name": "x"}, None),
        ("customer.delete", {}, shop.ada),
        ("interaction.record", {"kind": "note", "customer_id": str(shop.ada)}, None),
        ("business.configure", {"name": "x"}, None),
        ("public_link.create", {"page": "preferences"}, None),
    ):
        with pytest.raises(Refused):
            crm.run(actor, operation, values, target=target)


def test_what_a_visitor_reads_does_not_spoil_what_others_know(shop: Shop) -> None:
    """The settings of the business are kept for all: a visitor who comes first must not find, and leave, none."""
    shop.crm.run(SYSTEM, "business.configure", {"name": "Another House"})
    with shop.crm.session(visitor(shop)) as session:
        assert "Another House" == shop.crm.config.get(session).name
    assert "Another House" == shop.crm.business().name


def test_a_link_for_nobody_shows_nobody(shop: Shop) -> None:
    """A link without a customer opens a page whose visitor sees no customer; one that needs a customer is closed."""
    link = shop.crm.run(SYSTEM, "public_link.create", {"page": "silent"})
    assert 200 == shop.client.get(link.path).status_code
    _empty, _p, page, token = link.path.split("/")
    opened = links.open_link(shop.crm, page, token)
    with shop.crm.session(links.visitor(opened)) as session:
        assert 0 == opened.page.show(session, opened.visit)["seen"]
    link = shop.crm.run(SYSTEM, "public_link.create", {"page": "preferences"})
    assert 404 == shop.client.get(link.path).status_code


def test_links_that_are_long_over_are_removed(shop: Shop) -> None:
    """Three months after their end; the others stay."""
    old, young = shop.link(days=1), shop.link()
    with shop.crm.transaction(SYSTEM) as session:
        links.sweep(session, shop.crm.clock.now() + timedelta(days=95))
        found = session.connection().execute(text("select count(*) from crm_public_link")).scalar()
    assert 1 == found
    assert old.link_id != young.link_id


def test_logs_keep_no_link(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Of a link that opens nothing a part of its hash is logged, not the link."""
    caplog.set_level("INFO", logger="crmkit")
    path = swapped(shop.link().path, 100)
    shop.client.get(path)
    token = path.rpartition("/")[2]
    assert links.trace(token) in caplog.text
    assert token not in caplog.text
