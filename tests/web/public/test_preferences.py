"""The page of preferences: what a customer allows, in two languages, without a script, on one small page."""

from __future__ import annotations

import base64
import re

import pytest

from crmkit import Actor
from tests.web.public.conftest import SYSTEM, Shop


def test_the_page_shows_what_holds(shop: Shop) -> None:
    """A consent that was recorded before is ticked; the address is masked."""
    shop.crm.run(SYSTEM, "consent.record", {"purpose": "newsletter", "channel": "email"}, target=shop.ada)
    page = shop.client.get(shop.link().path)
    assert 200 == page.status_code
    assert ["newsletter:email"] == re.findall(r'value="([^"]+)" checked', page.text)
    assert "a****@example.com" in page.text
    assert "ada@example.com" not in page.text


def test_what_is_ticked_goes_into_the_ledger(shop: Shop) -> None:
    """Only what differs is recorded, with the page as its source and the customer as who said it."""
    path = shop.link().path
    sent = shop.send(path, {"allow": ["marketing:email"]})
    assert 303 == sent.status_code
    who = f"customer:{shop.ada}"
    assert [("marketing", "email", True, "public:preferences", who)] == shop.consents()
    shop.send(path, {"allow": ["marketing:email"]})
    assert 1 == len(shop.consents())
    shop.send(path, {})
    assert ("marketing", "email", False, "public:preferences", who) == shop.consents()[-1]
    shown = shop.client.get(sent.headers["location"])
    assert "Saved." in shown.text


def test_nothing_any_more_withdraws_everything(shop: Shop) -> None:
    """The button withdraws what was given, by whatever channel, whatever is ticked."""
    shop.crm.run(SYSTEM, "consent.record", {"purpose": "research", "channel": "sms"}, target=shop.ada)
    shop.send(shop.link().path, {"allow": ["marketing:email"], "nothing": "1"})
    assert [("research", "sms", True), ("research", "*", False)] == [each[:3] for each in shop.consents()]


def test_the_same_form_sent_twice_is_one(shop: Shop) -> None:
    """A second click changes nothing, and looks as if it had."""
    path = shop.link().path
    form = shop.form(path)
    answers = [shop.send(path, {"allow": ["marketing:email"]}, form).status_code for _ in range(2)]
    assert [303, 303] == answers
    assert 1 == len(shop.consents())


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("", "en", "Your preferences"),
        ("", "zh-CN,zh;q=0.9", "您的偏好"),
        ("?lang=zh_Hans", "en", "您的偏好"),
        ("?lang=en", "zh-CN", "Your preferences"),
        ("?lang=klingon", "en", "Your preferences"),
    ],
)
def test_the_language_is_the_visitor_s(shop: Shop, query: str, accepted: str, expected: str) -> None:
    """The one chosen on the page, else the browser's."""
    page = shop.client.get(shop.link().path + query, headers={"Accept-Language": accepted})
    assert f"<h1>{expected}</h1>" in page.text


def test_the_customer_s_own_language_comes_before_the_browser_s(shop: Shop) -> None:
    """What is known of the customer is better than what a browser says."""
    shop.crm.run(SYSTEM, "customer.update", {"language": "zh-Hans"}, target=shop.ada)
    page = shop.client.get(shop.link().path, headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hans">' in page.text


def test_a_page_with_its_styles_and_a_logo_stays_below_30_kb(shop: Shop) -> None:
    """All that a browser loads, with the largest logo and no script."""
    from crmkit.configuration.branding import BYTES

    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 47
    picture = picture[: BYTES - 1]
    logo = "data:image/png;base64," + base64.b64encode(picture).decode()
    shop.crm.run(SYSTEM, "business.configure", {"logo": logo})
    page = shop.client.get(shop.link().path)
    styles = shop.client.get("/p/style.css")
    assert logo in page.text
    assert 30_000 > len(page.content) + len(styles.content)
    assert "<script" not in page.text
    assert not re.search(r"<[^>]*\s(?:on\w+|style)=", page.text)
    assert set(re.findall(r'(?:src|href)="([^"?#]+)', page.text)) <= {"/p/style.css", logo}


def test_the_colour_of_the_business_is_in_the_styles(shop: Shop) -> None:
    assert "--accent:#7a3e12" in shop.client.get("/p/style.css").text


def test_every_box_has_a_label_and_the_headings_are_in_order(shop: Shop) -> None:
    """What a screen reader reads: each box says what for and how, one heading, a caption, a language."""
    text = shop.client.get(shop.link().path).text
    boxes = re.findall(r"<label><input type=\"checkbox\"[^>]*><span[^>]*>([^<]+)</span></label>", text)
    assert text.count('type="checkbox"') == len(boxes)
    assert len(set(boxes)) == len(boxes)
    assert 1 == text.count("<h1>")
    assert "<caption" in text
    assert '<main id="main">' in text


def test_the_page_loads_nothing_from_elsewhere_and_tells_nobody_its_address(shop: Shop) -> None:
    headers = shop.client.get(shop.link().path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert ("no-referrer", "no-store") == (headers["referrer-policy"], headers["cache-control"])
    assert "noindex" in headers["x-robots-tag"]


def test_a_customer_without_any_address_chooses_for_every_way(shop: Shop) -> None:
    nobody = shop.crm.run(SYSTEM, "customer.create", {"name": "No Address"}).id
    path = shop.link(customer=nobody).path
    shop.send(path, {"allow": ["service:*"]})
    assert [("service", "*", True)] == [each[:3] for each in shop.consents(nobody)]


def test_the_visitor_is_in_the_audit_log(shop: Shop) -> None:
    """Who changed a consent is told apart from staff, with the address that it came from."""
    from sqlalchemy import text

    shop.send(shop.link().path, {"allow": ["marketing:email"]})
    with shop.crm.engines.system_read.connect() as connection:
        found = connection.execute(
            text("select actor_id, method from crm_audit where operation = 'consent.record'")
        ).all()
    assert [(f"customer:{shop.ada}", "link")] == [tuple(row) for row in found]


def test_a_link_follows_a_merge(shop: Shop) -> None:
    """The link of a customer who was merged opens the page of the survivor."""
    from sqlalchemy import text

    path = shop.link().path
    with shop.crm.engines.system_write.begin() as connection:
        connection.execute(text("update crm_public_link set customer_id = :to"), {"to": shop.bob.bytes})
    assert "Bob Hall" in shop.client.get(path).text


def test_who_may_make_links(shop: Shop) -> None:
    """A shipped role that works with customers may, one that analyses may not."""
    from crmkit import Refused

    values = {"page": "preferences", "customer_id": shop.ada}
    assert shop.crm.run(Actor.host("1", roles=("service_agent",)), "public_link.create", values).path
    with pytest.raises(Refused):
        shop.crm.run(Actor.host("2", roles=("analyst",)), "public_link.create", values)
