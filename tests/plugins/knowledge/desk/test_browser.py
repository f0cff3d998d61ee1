"""An article's way in a real browser: written, reviewed, published, changed, compared and verified, in two languages
and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.plugins.knowledge.desk.conftest import Desk
from tests.web.conftest import Server, Visit, Web, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]
HOME = "/modules/knowledge"
LONG = "A_very_long_word_without_any_place_to_break_" * 6


@pytest.fixture
def sqlite_web(desk: Desk) -> Web:
    """What is served: the base of the desk."""
    return desk.web


def press(page: Any, operation: str) -> None:
    """Press the button of an operation."""
    page.locator(f"main form[action*='/operations/{operation}?'] button").first.click()


def path_of(page: Any) -> str:
    """Return the path of the article whose page or editor is shown."""
    return str(page.locator("main a[href*='/modules/knowledge/article?id=']").first.get_attribute("href"))


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("zh_Hans", 1280), ("zh_Hans", 390)])
def test_an_article_from_its_first_word_to_its_verification(
    desk: Desk, visit: Visitor, tmp_path: Path, language: str, width: int
) -> None:
    desk.run("knowledge.pattern.install")
    writes, decides = visit("sue", language=language, width=width), visit("mia", language=language, width=width)

    def look(seen: Visit, name: str) -> None:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, name
        seen.page.screenshot(path=tmp_path / f"{name}-{language}-{width}.png", full_page=True)

    page = writes.page
    writes.go(HOME)
    look(writes, "home")
    page.locator("main a[href*='pattern=troubleshooting&']").first.click()
    page.locator("[name='title']").fill("The label does not print")
    page.locator("main form button.btn-primary").last.click()
    assert "## Environment" in page.locator("textarea[name='body']").input_value()
    page.locator("textarea[name='body']").fill("## Problem\n\nNothing **prints**.\n\n## Solution\n\nSwitch it on.")
    page.locator("button[value='preview']").click()
    assert page.locator(".article-body").inner_text().count("Switch it on.") == 1
    look(writes, "editor")
    page.locator("button[value='save']").click()
    press(page, "knowledge.article.submit")
    look(writes, "submitted")
    article = page.url.partition(writes.url)[2]
    assert 0 == page.locator("main form[action*='/operations/knowledge.article.approve']").count()

    page = decides.page
    decides.go(f"{HOME}/review")
    look(decides, "review")
    press(page, "knowledge.article.approve")
    press(page, "knowledge.article.release")
    decides.go(f"{HOME}?text=prints")
    assert page.locator("mark").first.inner_text() == "prints"
    look(decides, "search")
    page.locator(".kb-hit a").first.click()
    look(decides, "article")

    page = writes.page
    writes.go(article.replace("/article?", "/edit?"))
    page.locator("textarea[name='body']").fill(
        "## Problem\n\nNothing **prints**.\n\n## Solution\n\nPlug it in.\n" + LONG
    )
    page.locator("button[value='save']").click()
    press(page, "knowledge.article.submit")

    page = decides.page
    decides.go(article.replace("/article?", "/compare?"))
    assert page.locator("del").first.inner_text() == "Switch"
    look(decides, "compare")
    left, right = (page.locator(f".diff-changed .diff-{side}").first.bounding_box() for side in ("left", "right"))
    assert left is not None
    assert right is not None
    assert (left["y"] == right["y"]) is (width > 700)
    decides.go(article.replace("/article?", "/blame?"))
    look(decides, "blame")
    decides.go(article)
    press(page, "knowledge.article.approve")
    press(page, "knowledge.article.release")
    press(page, "knowledge.article.verify")
    look(decides, "verified")
    decides.go(f"{HOME}/verification?when=all")
    page.locator("[name='articles']").first.check()
    look(decides, "verification")
    press(page, "knowledge.article.verify_several")
    assert "/modules/knowledge/verification" in page.url
    decides.go(f"{HOME}/tags")
    look(decides, "tags")


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
def test_nothing_stands_in_the_way_of_anybody(
    desk: Desk, chromium: Any, served: Server, dark: bool, width: int
) -> None:
    """axe finds nothing serious, in light and dark."""
    article = desk.publish(desk.write(body="One.\nTwo.", tags=["post"], category="returns"))
    desk.run("knowledge.article.revise", article, body="One.\nThree.")
    desk.run("knowledge.article.submit", article)
    desk.publish(desk.write("Another", tags=["post"]))
    # What examines the page is a script, which the page's own policy would keep out.
    context = chromium.new_context(
        bypass_csp=True, viewport={"width": width, "height": 812}, color_scheme="dark" if dark else "light"
    )
    context.add_cookies([{"name": "crmkit", "value": desk.web.token_of("mia"), "url": served.url}])
    page = context.new_page()
    paths = (
        "",
        "?text=one",
        "/review",
        "/verification?when=all",
        "/tags",
        *(f"/{each}?id={article}" for each in ("article", "compare", "blame", "edit")),
    )
    for path in paths:
        page.goto(f"{served.url}{HOME}{path}")
        found = Axe().run(page).response["violations"]
        assert [] == [
            (path, each["id"], each["nodes"][0]["html"][:200])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
    context.close()
