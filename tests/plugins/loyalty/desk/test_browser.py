"""Loyalty in a real browser: a manager sets a programme up by hand, reads its pages in two languages and on a phone,
and a member's order on the member page is shipped at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.plugins.loyalty.desk.conftest import Desk
from tests.web.conftest import Server, Visit, Web, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]


@pytest.fixture
def sqlite_web(desk: Desk) -> Web:
    """What is served: the shop of the desk."""
    return desk.web


def send(page: Any, **fields: str) -> None:
    """Fill fields of the form that is shown, by their names, and send it."""
    for name, value in fields.items():
        place = page.locator(f"[name='{name}']:visible").first
        if place.evaluate("each => each.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)
    page.locator("main form button[type=submit], main form button.btn-primary").last.click()


def back(page: Any) -> None:
    """Go from the page of a record to that of its programme."""
    page.locator("main").get_by_role("link", name="Tea lovers").last.click()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh_Hans", 1280), ("en", 390), ("zh_Hans", 390)])
def test_the_pages_stand_on_a_phone_and_in_chinese(desk: Desk, visit: Visitor, language: str, width: int) -> None:
    """Nothing is wider than the screen; the words are those of the language."""
    seen = visit("mia", language=language, width=width)
    titles = {"en": ("Redemption desk", "What expires when"), "zh_Hans": ("兑换处理台", "积分到期情况")}[language]
    for path in desk.paths:
        seen.go(path)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert titles[0] in seen.page.locator("h1").inner_text()
    seen.go(desk.paths[2])
    assert seen.page.get_by_role("heading", name=titles[1]).is_visible()


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
def test_nothing_stands_in_the_way_of_anybody(
    desk: Desk, chromium: Any, served: Server, dark: bool, width: int
) -> None:
    """axe finds nothing serious, in light and dark."""
    # What examines the page is a script, which the page's own policy would keep out.
    context = chromium.new_context(
        bypass_csp=True, viewport={"width": width, "height": 812}, color_scheme="dark" if dark else "light"
    )
    context.add_cookies([{"name": "crmkit", "value": desk.web.token_of("mia"), "url": served.url}])
    page = context.new_page()
    for path in desk.paths:
        page.goto(f"{served.url}{path}")
        found = Axe().run(page).response["violations"]
        assert [] == [(each["id"], each["impact"]) for each in found if each["impact"] in ("serious", "critical")]
    context.close()


def test_a_manager_sets_a_programme_up(desk: Desk, visit: Visitor) -> None:
    """A programme with points, a published rule, tiers and a reward, without a command; then a purchase earns."""
    seen = visit("mia")
    page = seen.page
    seen.go("/modules/loyalty/overview")
    page.get_by_role("link", name="Add a loyalty programme").click()
    send(page, name="tea", title="Tea lovers")
    back(page)
    page.get_by_role("link", name="Add a kind of points").click()
    send(page, name="leaves", title="Leaves", expiry="rolling")
    back(page)
    page.get_by_role("link", name="Begin a new version").click()
    send(page, note="The first rules")
    back(page)
    page.get_by_role("link", name="Add a rule").click()
    send(page, name="base", title="Ten for each yuan", points="amount * 10")
    assert page.get_by_text("amount * 10").is_visible()
    page.get_by_role("link", name="Publish the rules").click()
    send(page)
    assert page.get_by_text("Published", exact=True).first.is_visible()
    page.get_by_role("link", name="Add what is counted").click()
    send(page, name="leaves_year", title="Leaves of the year", source="points")
    for name, title, reach in (("green", "Green", ""), ("black", "Black", "leaves_year: 500")):
        page.get_by_role("link", name="Add a tier").click()
        send(page, name=name, title=title, reach=reach)
        back(page)
    page.get_by_role("link", name="Add a reward").click()
    send(page, name="teapot", title="Teapot", points="500", kind="goods")
    back(page)
    for text in ("Leaves", "Ten for each yuan", "Green", "Black", "Teapot"):
        assert page.get_by_text(text).first.is_visible(), text
    kettle = desk.customer
    desk.run("loyalty.member.join", customer_id=kettle, program="tea")
    desk.run("interaction.record", kind="purchase", customer_id=kettle, amount="70", currency="CNY")
    desk.web.crm.worker().run_until_idle()
    seen.go(f"/customers/{kettle}")
    page.get_by_role("link", name="Tea lovers").click()
    assert "700" in page.locator(".figures").inner_text()
    assert page.get_by_text("Black").first.is_visible()


def test_a_member_redeems_and_staff_ship(desk: Desk, visit: Visitor) -> None:
    """The manager makes the link, the member opens it without an account and orders a kettle, and staff send it."""
    office = visit("mia")
    office.go(desk.paths[2])
    office.page.get_by_role("link", name="Link to their page").click()
    send(office.page)
    link = desk.run("loyalty.member.link", desk.member)
    home = visit(language="zh_Hans", width=390)
    home.go(link.path)
    home.page.get_by_role("button", name="兑换").last.click()
    assert "已保存" in home.page.get_by_role("status").inner_text()
    assert "150" in home.page.locator("main").inner_text(), "of 450 points that are left"
    desk.web.crm.worker().run_until_idle()
    office.go("/modules/loyalty/redemptions")
    assert office.page.locator("tbody tr").count() == 2
    office.page.locator("tbody tr").last.get_by_role("link", name="Send").click()
    send(office.page, tracking="SF 1234")
    assert office.page.locator("tbody tr").count() == 1
    office.page.get_by_role("link", name="On its way").click()
    assert "SF 1234" in office.page.locator("tbody").inner_text()
    home.go(link.path)
    assert "SF 1234" in home.page.locator("main").inner_text()
