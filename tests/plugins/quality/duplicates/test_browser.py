"""The review in a real browser: found, looked at side by side, merged, undone, kept apart by a key, and without
scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from tests.plugins.quality.duplicates.conftest import SYSTEM, House, add, pairs, search
from tests.web.conftest import Server, Visit

Visitor = Callable[..., Visit]
DUPLICATES = "/modules/quality/duplicates"


@pytest.fixture
def desk(small_house: House) -> House:
    """The house with a manager who has one person three times."""
    mia = str(small_house.web.users["mia"])
    for name, values in (
        ("Grace Hopper", {"email": "grace@navy.example", "job_title": "Admiral"}),
        ("Hopper, Grace", {"email": "grace@navy.example", "job_title": "Programmer"}),
        ("Grace Hoper", {"phone": "+1 202 555 0143"}),
    ):
        add(small_house.crm, name, birth_date="1956-12-09", city="Arlington", owner_id=mia, **values)
    return small_house


def names(house: House) -> list[str]:
    """Return the names of all customers."""
    with house.crm.session(SYSTEM) as session:
        return sorted(session.scalars(select(Customer.name)))


def test_found_merged_and_undone(desk: House, visit: Visitor) -> None:
    """The manager searches, looks at the first pair, chooses values, merges, sees the next pair, and undoes."""
    before = names(desk)
    seen = visit("mia")
    seen.go(DUPLICATES)
    page = seen.page
    page.get_by_role("button", name="Search among all").click()
    page.wait_for_url(f"**{DUPLICATES}")
    desk.crm.worker().run_until_idle()
    page.reload()
    assert "3 wait for a decision" in " ".join(page.locator(".figures").inner_text().split())
    page.get_by_role("link", name="Look at them one by one").click()
    assert page.get_by_role("heading", name="Are these one?").is_visible()
    row = page.locator("tr", has=page.locator("input[value=name]")).first
    row.locator("input[type=radio][value=value]").check()
    row.locator("input.form-control").fill("Grace Murray")
    page.get_by_role("button", name="Merge").click()
    page.wait_for_url("**/review?done=*")
    assert "Merged into Grace Murray" in page.locator(".said").first.inner_text()
    assert page.get_by_role("heading", name="Are these one?").is_visible()
    assert "Grace Murray" in names(desk)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/review?pair=*")
    assert names(desk) == before


def test_keys_decide_and_the_next_pair_comes(desk: House, visit: Visitor) -> None:
    """N says that they are none, L that it can wait, U takes it back; typing into a field decides nothing."""
    search(desk.crm)
    seen = visit("mia")
    seen.go(f"{DUPLICATES}/review")
    page = seen.page
    page.locator("input.form-control").first.press_sequentially("nml")
    assert "done=" not in page.url
    first = page.locator("form[data-once]").get_attribute("action")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.wait_for_url("**/review?done=*")
    assert "noted" in page.locator(".said").first.inner_text()
    assert page.locator("form[data-once]").get_attribute("action") != first
    page.keyboard.press("u")
    page.wait_for_url("**/review?pair=*")
    page.keyboard.press("l")
    page.wait_for_url("**/review?done=*")
    assert sorted(pair.state for pair in pairs(desk.crm, desk.actor("mia"))) == ["deferred", "open", "open"]


def test_it_works_without_scripts(desk: House, chromium: Any, served: Server) -> None:
    """Everything is links and forms."""
    search(desk.crm)
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "crmkit", "value": desk.web.token_of("mia"), "url": served.url}])
    page = context.new_page()
    number = len(names(desk))
    page.goto(f"{served.url}{DUPLICATES}/review")
    page.get_by_role("button", name="Merge").click()
    page.wait_for_url("**/review?done=*")
    assert len(names(desk)) == number - 1
    page.get_by_role("button", name="Undo").click()
    assert len(names(desk)) == number
    context.close()


def test_a_merge_is_undone_from_the_list_of_merges(desk: House, visit: Visitor) -> None:
    """The plan is shown, and what was changed since is asked about."""
    search(desk.crm)
    (pair, *_others) = pairs(desk.crm, desk.actor("mia"))
    merged = desk.crm.run(desk.actor("mia"), "quality.pair.merge", {}, target=pair.id)
    assert merged.state == "merged"
    seen = visit("mia")
    seen.go(f"{DUPLICATES}/merges")
    page = seen.page
    page.get_by_role("link", name="Undo").click()
    assert page.get_by_role("heading", name="What goes back").is_visible()
    page.get_by_role("button", name="Undo the merge").click()
    page.wait_for_url(f"**{DUPLICATES}/merges")
    assert page.locator("td .tag", has_text="Undone").is_visible()


def test_the_clear_are_merged_after_a_preview(desk: House, visit: Visitor) -> None:
    """The groups are listed; then a worker merges them."""
    search(desk.crm)
    number = len(names(desk))
    seen = visit("mia")
    seen.go(f"{DUPLICATES}/automatic")
    seen.page.get_by_role("button", name="Merge all that are clear").click()
    seen.page.wait_for_url(f"**{DUPLICATES}")
    desk.crm.worker().run_until_idle()
    assert len(names(desk)) < number


def test_the_customers_page_points_at_them(small_house: House, visit: Visitor) -> None:
    """A panel names who may be the same, and leads to both side by side."""
    search(small_house.crm)
    seen = visit("sam")
    seen.go(f"/customers/{small_house.own}")
    panel = seen.page.get_by_role("region", name="Possible duplicates")
    panel.get_by_role("link", name="Look at them side by side").click()
    assert seen.page.get_by_role("heading", name="Are these one?").is_visible()
    assert seen.page.get_by_role("button", name="Merge").is_disabled()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh_Hans", 375)])
def test_hostile_names_stay_text(desk: House, visit: Visitor, language: str, width: int) -> None:
    """A name that is markup is shown as it is, on a small screen too."""
    hostile = "<img src=x onerror=alert(1)> Ada"
    mia = desk.web.users["mia"]
    for _number in range(2):
        add(desk.crm, hostile, email="evil@example.com", birth_date="1970-01-01", owner_id=str(mia))
    search(desk.crm)
    seen = visit("mia", language=language, width=width)
    for path in (DUPLICATES, f"{DUPLICATES}/review", f"{DUPLICATES}/automatic", f"{DUPLICATES}/merges"):
        seen.go(path)
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
    assert seen.page.locator("img[src=x]").count() == 0
