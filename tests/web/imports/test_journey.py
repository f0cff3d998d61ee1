"""A person at a browser imports a file with faults, mends the rejected rows and imports them, in either language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.accessible import faults_of
from tests.web.conftest import Web
from tests.web.imports.steps import rows

WORDS = {
    "en": {"certain": "certain", "chosen": "your choice"},
    "zh_Hans": {"certain": "确定", "chosen": "您的选择"},
}


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_file_with_faults_is_mended_and_imported(visit: Any, sqlite_web: Web, tmp_path: Path, language: str) -> None:
    """From the empty page to the last mended row, with the mouse, and each page readable for everybody."""
    faulty = tmp_path / "people.csv"
    faulty.write_bytes(rows(8, bad=2).replace(b"City", b"Favourite tea"))
    here = visit("ada", language=language)
    page = here.page
    found: list[str] = []

    def look() -> None:
        found.extend(faults_of(page))

    here.go("/imports")
    look()
    page.locator("main a.btn-primary").first.click()
    page.set_input_files("#f-file", faulty)
    look()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/imports/draft/*")
    expect(page.locator("#map-0")).to_have_value("name")
    expect(page.locator("tr:has(#map-0) .tag")).to_have_text(WORDS[language]["certain"])
    page.select_option("#map-3", "custom.Favourite tea")
    expect(page.locator("tr:has(#map-3) .tag")).to_have_text(WORDS[language]["chosen"])
    expect(page.locator("#preview thead")).to_contain_text("Favourite tea")
    expect(page.locator("#preview")).to_contain_text("上海")
    look()
    page.locator("button[value=options]").click()
    page.wait_for_url("**/options")
    look()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/check")
    expect(page.locator(".figure-value")).to_have_text(["8", "6", "0", "0", "2"])
    look()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    expect(page.locator(".figure-value")).to_have_text(["8", "6", "0", "0", "2"])
    look()
    with page.expect_download() as download:
        page.locator("a[download]").click()
    mended = tmp_path / "mended.csv"
    mended.write_bytes(Path(download.value.path()).read_bytes().replace(b"not a day", b"1991-04-05"))
    here.go("/imports/new")
    page.set_input_files("#f-file", mended)
    page.locator("main form button.btn-primary").click()
    page.locator("button[value=options]").click()
    page.wait_for_url("**/options")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/check")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    expect(page.locator(".figure-value").nth(4)).to_have_text("0")
    here.go(page.url.removeprefix(here.url) + "/revert")
    look()
    here.go("/imports")
    expect(page.locator("tbody tr")).to_have_count(2)
    look()
    assert [] == found
