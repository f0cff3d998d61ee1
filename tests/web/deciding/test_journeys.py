"""What somebody does in a browser who has read nothing: building a segment, and trying a rule before it is on."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.conftest import Web
from tests.web.deciding.conftest import buy

WORDS = {
    "en": {
        "new": "New segment",
        "title": "Title",
        "add": "Add a condition",
        "about": "What it is about",
        "fact": "Purchases",
        "value": "Value",
        "count": "2",
        "save": "Save",
        "rule": "New rule",
        "done": "What is done",
        "tag": "customer.tag",
        "names": "Names",
        "try": "Try it over the last 90 days",
        "firings": "Firings",
    },
    "zh_Hans": {
        "new": "新建分群",
        "title": "标题",
        "add": "添加条件",
        "about": "关于什么",
        "fact": "购买",
        "value": "值",
        "count": "2",
        "save": "保存",
        "rule": "新建规则",
        "done": "执行什么",
        "tag": "customer.tag",
        "names": "名称",
        "try": "用最近 90 天试一试",
        "firings": "触发",
    },
}


def grave(page: Any) -> list[str]:
    """Return what an audit of accessibility finds serious or critical on a page."""
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_segment_is_built_from_nothing(sqlite_web: Web, visit: Any, language: str) -> None:
    """By the menu, a title, one fact found by typing a part of its name, and a number; whom it finds shows at once."""
    buy(sqlite_web)
    words = WORDS[language]
    here = visit("max", language=language, width=1280 if language == "en" else 375)
    here.go("/segments")
    page = here.page
    page.get_by_role("link", name=words["new"]).first.click()
    page.get_by_label(words["title"]).first.fill("Tea lovers")
    rows = page.locator("[data-conditions-rows]")
    rows.get_by_role("button").first.click()
    field = rows.get_by_role("combobox").first
    field.press_sequentially("purchase.count", delay=10)
    page.get_by_role("option").first.wait_for()
    assert [] == grave(page)
    field.press("Enter")
    rows.locator('[data-field$=":value0"]').fill("3")
    page.locator("#preview .figure-value", has_text=words["count"]).wait_for()
    page.locator("#preview", has_text="Wang Lin").wait_for()
    assert "purchase.count >= 3" == page.locator("#f-where").input_value()
    assert [] == grave(page)
    page.get_by_role("button", name=words["save"], exact=True).click()
    page.get_by_role("heading", level=1, name="Tea lovers").wait_for()
    page.locator("#figures .figure-value").first.wait_for()
    assert words["count"] == page.locator("#figures .figure-value").first.inner_text()
    assert [] == grave(page)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_rule_is_tried_by_a_back_test(sqlite_web: Web, visit: Any, language: str) -> None:
    """When, if and then are chosen from lists; what it would have done shows before anything is saved."""
    buy(sqlite_web)
    words = WORDS[language]
    here = visit("ada", language=language, dark=language == "en")
    here.go("/rules/new")
    page = here.page
    page.locator("#f-title").fill("Thank you")
    rows = page.locator("[data-conditions-rows]").first
    rows.get_by_role("button").first.click()
    field = rows.get_by_role("combobox").first
    field.press_sequentially("event.kind", delay=10)
    field.press("Enter")
    rows.locator('select[data-field$=":value0"]').select_option("purchase")
    page.get_by_label(words["done"]).select_option(words["tag"])
    page.locator('[name="a0.input.names"]').fill("thanked")
    page.locator("[data-conditions-said]:not(:empty)").first.wait_for()
    assert 'event.kind == "purchase"' == page.locator("#f-when").input_value()
    page.get_by_role("button", name=words["try"]).click()
    page.locator("#tested", has_text=words["firings"]).wait_for(timeout=30_000)
    assert int(page.locator("#tested .figure-value").first.inner_text()) > 0
    assert [] == grave(page)
    page.get_by_role("button", name=words["save"], exact=True).click()
    page.get_by_role("heading", level=1, name="Thank you").wait_for()
    assert [] == grave(page)
