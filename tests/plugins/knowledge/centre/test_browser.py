"""The help centre in a real browser: found, read and rated by anybody, on a phone and on a screen, in two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from crmkit import Settings
from crmkit.app import CRM
from crmkit.demo.knowing import CATEGORIES, SPACE, WRITTEN
from tests.conftest import Templates
from tests.web.conftest import Visit, Web, people, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]


def fill(crm: CRM) -> Any:
    """Enable knowledge with the articles of the demonstration in both languages."""
    crm.enable("knowledge")
    made = people(crm)
    system = crm.system("a test")
    crm.run(system, "business.configure", {"name": "Lantern", "zone": "Europe/Berlin"})
    crm.run(system, "knowledge.space.create", {"name": SPACE, "title": "Help", "audience": "public"})
    for name, title, _position in CATEGORIES:
        crm.run(system, "knowledge.category.create", {"name": name, "title": title})
    for each in WRITTEN:
        new = {"title": each.title, "body": each.body, "category": each.category}
        article = crm.run(system, "knowledge.article.create", new).id
        for step in ("submit", "approve", "release"):
            crm.run(system, f"knowledge.article.{step}", target=article)
        chinese = crm.run(system, "knowledge.article.translate", {"language": "zh_Hans"}, target=article).id
        said = {"title": each.chinese_title, "body": each.chinese_body}
        crm.run(system, "knowledge.article.revise", said, target=chinese)
        for step in ("submit", "approve", "release"):
            crm.run(system, f"knowledge.article.{step}", target=chinese)
    return made


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """What is served."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url)) as crm:
        yield Web(crm=crm, users=users, customers=customers)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("zh_Hans", 1280), ("zh_Hans", 390)])
def test_somebody_finds_reads_and_rates(visit: Visitor, tmp_path: Path, language: str, width: int) -> None:
    """Without an account; nothing is wider than the screen, and nobody is shut out."""
    seen: Visit = visit(language=language, width=width)
    page = seen.page

    def look(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        found = Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], name
        page.screenshot(path=tmp_path / f"{name}-{language}-{width}.png", full_page=True)

    written = WRITTEN[1]
    title = written.title if language == "en" else written.chinese_title
    seen.go("/s/help")
    look("home")
    page.locator("input[name='q']").fill("dishwasher" if language == "en" else "洗碗机")
    page.locator("input[name='q']").press("Enter")
    page.locator("mark").first.wait_for()
    look("found")
    page.get_by_role("link", name=title).click()
    assert page.locator("h1").inner_text() == title
    assert page.locator("td").first.is_visible()
    look("text")
    page.locator("summary").click()
    page.locator("input[name='reason']").nth(1).check()
    page.locator("textarea[name='comment']").fill("More pictures")
    look("no")
    page.locator("details button[type='submit']").click()
    assert page.locator(".said").is_visible()
    look("thanks")
    page.locator("header nav a").nth(1 if language == "en" else 0).click()
    other = written.chinese_title if language == "en" else written.title
    assert page.locator("h1").inner_text() == other
    assert seen.faults == []
