"""Somebody who has never seen crmkit finds a customer, understands why she is silent, and logs a call: in a real
browser, in both languages, with every page checked for those who see little or use no mouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.customers.conftest import People

WORDS = {
    "en": {
        "silent": "Silent",
        "why": "because the last purchase was 70 days ago",
        "call": "Log a call",
        "outcome": "No answer",
        "logged": "The call is logged.",
        "filter": "Filter",
        "more": "Add a condition",
        "number": "1 found",
        "yes": "Save",
    },
    "zh_Hans": {
        "silent": "沉默",
        "why": "因为上次购买在 70 天前",
        "call": "记录通话",
        "outcome": "无人接听",
        "logged": "通话已记录。",
        "filter": "筛选",
        "more": "添加条件",
        "number": "找到 1 位",
        "yes": "保存",
    },
}


def grave(page: Any) -> list[str]:
    """Return what axe finds serious or critical on a page, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:160]}"
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


def _bought(people: People) -> None:
    now = datetime.now(UTC)
    for days in (160, 130, 100, 70):
        people.run(
            "interaction.record",
            {
                "kind": "purchase",
                "customer_id": str(people.customers["Wang Lin"]),
                "occurred_at": (now - timedelta(days=days)).isoformat(),
                "lines": [{"description": "Oolong", "amount": "120"}],
            },
        )
    people.run("classification.run", {"complete": True})


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_find_a_customer_understand_her_silence_and_log_a_call(people: People, visit: Any, language: str) -> None:
    """By typing a part of the name, one click, reading one line, and two taps."""
    _bought(people)
    words = WORDS[language]
    at = visit("sam", language=language, width=1280 if language == "en" else 375)
    page = at.page
    at.go("/customers")
    page.locator("#rows tbody tr").first.wait_for()
    assert [] == grave(page)
    page.locator("#q").press_sequentially("wang", delay=30)
    page.get_by_text(words["number"]).wait_for()
    assert page.url.endswith("/customers")
    page.get_by_role("link", name="Wang Lin").click()
    page.get_by_role("heading", level=1, name="Wang Lin").wait_for()
    line = page.locator(".label-line").filter(has_text=words["silent"]).first
    assert words["why"] in line.inner_text()
    assert [] == grave(page)
    page.keyboard.press("c")
    page.get_by_role("dialog", name=words["call"]).wait_for()
    assert [] == grave(page)
    page.get_by_role("button", name=words["outcome"]).click()
    page.get_by_text(words["logged"]).wait_for()
    assert words["outcome"] in page.locator("#timeline").inner_text()
    assert [("call", "no_answer")] == [item[:2] for item in people.interactions("Wang Lin") if item[0] == "call"]
    assert 0 == page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_filter_is_built_without_reading_anything(people: People, visit: Any) -> None:
    """Choosing from lists; the rows follow at once, the text says the same, and one tap mends a mistake in it."""
    _bought(people)
    at = visit("ada")
    page = at.page
    at.go("/customers")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("combobox", name="What it is about").fill("Activity")
    page.keyboard.press("Enter")
    page.locator("#filter-panel").get_by_label("Value", exact=True).select_option("silent")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert [] == grave(page)
    page.wait_for_url("**filter=label.activity*")
    page.get_by_role("button", name="As text").click()
    text = page.locator('textarea[name="filter"]')
    assert 'label.activity == "silent"' == text.input_value()
    text.fill('label.activity == "silnt"')
    page.get_by_role("button", name='Use "silent"').click()
    expect(text).to_have_value('label.activity == "silent"')
    page.locator(".conditions-wrong .field-problem").wait_for(state="detached")
    text.fill('email == "3@example.com"')
    expect(page.locator("#rows tbody tr")).not_to_contain_text("Wang Lin")
    page.wait_for_function("!location.href.includes('filter')")
    page.get_by_role("button", name="Step by step").click()
    assert "3@example.com" == page.locator("#filter-panel").get_by_label("Value", exact=True).input_value()


def test_a_call_that_is_logged_without_a_connection_is_kept_once(people: People, visit: Any) -> None:
    """The page says so and sends it by itself as soon as there is a connection again."""
    at = visit("sam")
    page = at.page
    at.go(people.page("Wang Lin"))
    page.get_by_role("button", name="Log a call").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Reached").click()
    page.get_by_text("There is no connection.").first.wait_for()
    assert [] == people.interactions("Wang Lin")
    page.context.set_offline(False)
    page.get_by_text("The call is logged.").wait_for()
    assert [("call", "reached", "out", None)] == people.interactions("Wang Lin")


def test_the_list_is_worked_with_by_keys_and_inline(people: People, visit: Any) -> None:
    """j and x select, a cell is changed where it stands, several customers are tagged at once."""
    at = visit("ada")
    page = at.page
    at.go("/customers")
    page.locator("#rows tbody tr").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert "2" == page.locator("[data-selected-count]").inner_text()
    page.get_by_role("button", name="Tag…").click()
    page.locator("#f-tags").fill("spring")
    page.get_by_role("button", name="Add the tags").click()
    page.get_by_text("Done: 2 changed, 0 left as they are.").wait_for()
    assert 2 == sum(people.tags(name) == ["spring"] for name in people.customers)
    row = page.locator("tr").filter(has_text="Wang Lin")
    row.hover()
    row.get_by_role("link", name="Edit City").click()
    field = row.get_by_role("textbox", name="City")
    field.fill("苏州")
    field.press("Enter")
    row.get_by_text("苏州").wait_for()
    assert "苏州" == people.field("Wang Lin", "city")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_forms_can_be_used_by_everybody(people: People, visit: Any, language: str) -> None:
    """The forms of a new and of a changed customer have no serious finding, in the dark and on a phone too."""
    at = visit("ada", language=language, width=375 if language == "en" else 1280, dark=language == "en")
    page = at.page
    for path in (
        "/customers/new",
        f"{people.page('Wang Lin')}/edit",
        people.page("Wang Lin"),
        "/customers?deleted=true",
    ):
        at.go(path)
        page.get_by_role("heading", level=1).wait_for()
        assert [] == grave(page), path
        assert 0 == page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), path
