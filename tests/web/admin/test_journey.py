"""An administrator at a browser enables a plugin after seeing its plan, gives a role, and explains why she sees it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.accessible import faults_of
from tests.web.conftest import Web

READ_ONLY = (
    "/admin/teams", "/admin/settings", "/admin/settings/lists", "/admin/settings/fields", "/admin/settings/rates",
    "/admin/privacy", "/admin/audit", "/admin/jobs", "/admin/health", "/admin/keys", "/admin/tokens",
    "/admin/roles/compare", "/admin/roles/seller/edit",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_plugin_a_role_and_the_reason(visit: Any, sqlite_web: Web, language: str) -> None:
    """The plan comes before the change, the role holds at once, and the explanation names the rule."""
    here = visit("ada", language=language)
    page = here.page
    found: list[str] = []

    def look() -> None:
        found.extend(faults_of(page))

    here.go("/admin/plugins")
    look()
    page.locator("a[href$='/admin/plugins/sales/enable']").click()
    expect(page.locator("main")).to_contain_text("sales_opportunity")
    look()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/admin/plugins/sales")
    expect(page.locator("[role=status].said")).to_be_visible()
    look()

    here.go(f"/admin/users/{sqlite_web.users['ann']}")
    expect(page.locator("input[name=role][value=manager]")).not_to_be_checked()
    page.check("input[name=role][value=manager]")
    page.locator("form[action$='/roles'] button").click()
    expect(page.locator("input[name=role][value=manager]")).to_be_checked()
    look()

    here.go("/admin/access")
    look()
    page.select_option("#f-user", "ann")
    page.fill("#f-action", "customer.update")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".verdict")).to_have_class("verdict verdict-yes")
    expect(page.locator("main dl.pairs")).to_contain_text("manager")
    look()
    assert [] == found


def test_every_page_of_the_administration_is_readable_for_everybody(visit: Any) -> None:
    """On a phone and in the dark, too: nothing serious is found, and nothing scrolls sideways."""
    here = visit("ada", width=375, dark=True)
    found: list[str] = []
    for path in READ_ONLY:
        here.go(path)
        found.extend(faults_of(here.page))
        wide = here.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{path} is {wide} px too wide")
    assert [] == found
