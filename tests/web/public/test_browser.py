"""The page of preferences in a real browser: without scripts, on a phone, in the dark, for a screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from crmkit import Actor
from tests.web.conftest import Server, Web


@pytest.fixture
def address(served: Server, sqlite_web: Web) -> str:
    """The address of a customer's preferences."""
    customer = sqlite_web.customers["Wang Lin"]
    values = {"page": "preferences", "customer_id": customer}
    return f"{served.url}{sqlite_web.crm.run(Actor.system('test'), 'public_link.create', values).path}"


def test_a_customer_changes_preferences_without_a_script_on_a_phone(
    chromium: Any, address: str, sqlite_web: Web
) -> None:
    """Ticks, saves, is told so, switches the language; nothing is wider than the screen, and nothing is blocked."""
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 375, "height": 812}, locale="en-GB", color_scheme="dark"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(address)
    page.get_by_label("Newsletter: E-mail").check()
    page.get_by_role("button", name="Save").click()
    assert "Saved." in page.get_by_role("status").inner_text()
    assert page.get_by_label("Newsletter: E-mail").is_checked()
    page.get_by_role("link", name="简体中文").click()
    assert "您的偏好" == page.get_by_role("heading", level=1).inner_text()
    assert page.locator("main").bounding_box()["width"] <= 375
    assert [] == faults
    context.close()


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 375)])
def test_nothing_stands_in_the_way_of_anybody(chromium: Any, address: str, dark: bool, width: int) -> None:
    """axe finds nothing serious, in light and dark; the page is no wider than the screen."""
    # What examines the page is a script, which the page's own policy would keep out.
    context = chromium.new_context(
        bypass_csp=True, viewport={"width": width, "height": 812}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    for path in (address, f"{address}x"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [] == [(each["id"], each["impact"]) for each in found if each["impact"] in ("serious", "critical")]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
