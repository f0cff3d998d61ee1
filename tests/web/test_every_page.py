"""Every page of the menu, as its readers see it: in both languages, on a desk, a tablet and a phone.

What all pages have in common is held here once: no script error, nothing loaded from elsewhere, no page wider than its
screen, nothing that a screen reader would stumble over. With ``CRMKIT_SCREENS`` naming a folder, the pictures are kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.conftest import Web

WIDTHS = (1280, 768, 375)
LANGUAGES = ("en", "zh_Hans")
GRAVE = ("serious", "critical")


def paths_of(web: Web, login: str) -> list[str]:
    """Return the pages that the menu of somebody leads to, and one customer's."""
    text = web.client(login).get("/").text
    menu = text.partition('id="menu"')[2].partition("</nav>")[0]
    return [*re.findall(r'href="([^"]+)"', menu), f"/customers/{web.customers['Wang Lin']}"]


def keep(page: Any, name: str) -> None:
    """Keep a picture of a page, where a folder for them is named."""
    folder = os.environ.get("CRMKIT_SCREENS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def name_of(path: str) -> str:
    """Return a file's name for a path."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]+", "one", path).strip("/").replace("/", "-") or "today"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_its_screen(visit: Any, sqlite_web: Web, language: str) -> None:
    """No page is wider than the screen, on a desk, a tablet or a phone; none fails in a browser."""
    wide: list[str] = []
    here = visit("ada", language=language)
    for path in paths_of(sqlite_web, "ada"):
        here.go(path)
        for width in WIDTHS:
            here.page.set_viewport_size({"width": width, "height": 900 if width > 500 else 812})
            if here.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                wide.append(f"{path} at {width}")
            keep(here.page, f"{language}-{width}-{name_of(path)}")
    assert [] == wide


@pytest.mark.parametrize("dark", [False, True])
def test_every_page_can_be_used_by_everybody(visit: Any, sqlite_web: Web, dark: bool) -> None:
    """An audit of accessibility finds nothing serious on any page, light or dark."""
    here = visit("ada", dark=dark)
    axe = Axe()
    found: list[str] = []
    for path in paths_of(sqlite_web, "ada"):
        here.go(path)
        for each in axe.run(here.page).response["violations"]:
            if each["impact"] in GRAVE:
                found.extend(f"{path}: {each['id']}: {node['html'][:160]}" for node in each["nodes"][:3])
    assert [] == found


@pytest.mark.parametrize("login", ["mia", "sam", "max", "sue", "ann"])
def test_every_entry_of_a_menu_leads_somewhere(sqlite_web: Web, login: str) -> None:
    """Whatever somebody's menu offers opens, in both languages."""
    broken: list[str] = []
    for language in LANGUAGES:
        client = sqlite_web.client(login, language=language)
        for path in paths_of(sqlite_web, login)[:-1]:
            status = client.get(path).status_code
            if status != 200:
                broken.append(f"{language} {path}: {status}")
    assert [] == broken


def test_no_page_is_half_english_in_chinese(sqlite_web: Web) -> None:
    """The frame, headings, buttons and labels of every page are in Chinese where Chinese was asked for."""
    client = sqlite_web.client("ada", language="zh_Hans")
    pattern = re.compile(r"<(h1|h2|h3|button|label|legend|th|summary|caption|dt)\b[^>]*>(.*?)</\1>", re.S)
    english: list[str] = []
    for path in paths_of(sqlite_web, "ada"):
        # The cells of a table hold data, such as the reasons in the log: these stay as they were written.
        page = re.sub(r"<td\b.*?</td>", " ", client.get(path).text, flags=re.S)
        for found in pattern.finditer(page):
            text = re.sub(r"<(code|kbd|svg|option)\b.*?</\1>|<[^>]+>|&\w+;", " ", found[2], flags=re.S).strip()
            if re.search(r"[A-Za-z]{3,} [a-z]{2,}", text) and not re.search(r"[\u4e00-\u9fff]", text):
                english.append(f"{path}: {text[:60]}")
    assert [] == sorted(set(english))
