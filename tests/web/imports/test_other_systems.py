"""Messy exports of other systems go through the wizard: each in the client, and in a browser one of each language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.exchange.others import FOREIGN, Foreign
from tests.web.accessible import faults_of
from tests.web.conftest import Web
from tests.web.imports.steps import draft, mapping, rehearse, run

ONE_EACH = (
    "salesforce-contacts", "hubspot-contacts", "zoho-contacts", "fxiaoke-customers", "odoo", "pipedrive-people",
    "google-new", "outlook", "chatwoot",
)  # fmt: skip


def test_an_export_of_each_system_goes_through_the_wizard(sqlite_web: Web) -> None:
    """It is recognised, rehearsed row by row, imported, and what was rejected can be fetched."""
    client = sqlite_web.client("ada")
    for name in ONE_EACH:
        export: Foreign = FOREIGN[name]
        path = draft(client, export.content, export.name)
        page = client.get(path).text
        assert "This looks like an export of" in page, name
        checked = rehearse(client, path)
        assert f"Import now: add {export.created}, change 0" in checked, name
        assert client.get(f"{path}/check/rows").content.startswith(b"\xef\xbb\xbfline,result,name"), name
        result = run(client, path)
        page = client.get(result).text
        assert (f"{export.rejected} rejected row" in page) is bool(export.rejected), name


def test_what_was_corrected_is_proposed_and_can_be_forgotten(sqlite_web: Web) -> None:
    """A correction in the wizard is there at the next file, by itself and by its name, until it is forgotten."""
    client = sqlite_web.client("ada")
    content = b"Name,Email,Zust\nAnn,ann@first.example.org,Bonn\n"
    path = draft(client, content, "first.csv")
    form = {**mapping(client.get(path).text), "map-2": "city", "next": "options"}
    client.post(path, form)
    client.post(f"{path}/options", {"on_duplicate": "skip", "keep_as": "Our list", "tags": "fair; new"})
    run(client, path)
    path = draft(client, content.replace(b"first", b"second"), "second.csv")
    page = client.get(path).text
    assert "city" == mapping(page)["map-2"]
    assert "as in the import of &#34;first.csv&#34;" in page
    assert "Our list" in page
    listed = client.get("/imports/mappings").text
    (address,) = set(re.findall(r'href="(/imports/mappings/[0-9a-f-]{36})"', listed))
    assert "Zust" in client.get(address).text
    assert 422 == client.post(address, {"name": " "}).status_code
    assert 303 == client.post(address, {"name": "Theirs"}).status_code
    assert "Theirs" in client.get("/imports/mappings").text
    assert 303 == client.post(f"{address}/forget").status_code
    assert 404 == client.get(address).status_code
    path = draft(client, content.replace(b"first", b"third"), "third.csv")
    assert "" == mapping(client.get(path).text)["map-2"]


def test_changes_are_shown_before_they_are_made(sqlite_web: Web) -> None:
    """The rehearsal shows a field before and after, and a row that repeats another one by its line."""
    client = sqlite_web.client("ada")
    path = draft(client, b"Name,Email,City\nAnn,ann@diff.example.org,Bonn\n", "one.csv")
    rehearse(client, path)
    run(client, path)
    content = b"Name,Email,City\nAnn,ann@diff.example.org,Mainz\nBo,bo@diff.example.org,X\nBob,bo@diff.example.org,Y\n"
    page = rehearse(client, draft(client, content, "two.csv"), on_duplicate="update")
    assert "<del>Bonn</del>" in page
    assert "<ins>Mainz</ins>" in page
    assert "Repeats line 3: the same e-mail address." in page


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [("en", "salesforce-report", "Salesforce"), ("zh_Hans", "fxiaoke-customers", "纷享销客")],
    ids=["en", "zh"],
)
def test_a_person_brings_an_export_along_on_a_phone(
    visit: Any, sqlite_web: Web, tmp_path: Path, language: str, name: str, said: str
) -> None:
    """From the file to the result on a narrow screen, by keyboard, each page readable for everybody."""
    export = FOREIGN[name]
    file = tmp_path / export.name
    file.write_bytes(export.content)
    here = visit("ada", language=language)
    page = here.page
    page.set_viewport_size({"width": 390, "height": 844})
    found: list[str] = []
    here.go("/imports/new")
    page.set_input_files("#f-file", file)
    page.locator("main form button.btn-primary").press("Enter")
    page.wait_for_url("**/imports/draft/*")
    expect(page.locator("#recognised")).to_contain_text(said)
    found += faults_of(page)
    page.locator("button[value=options]").press("Enter")
    page.wait_for_url("**/options")
    found += faults_of(page)
    page.locator("main form button.btn-primary").press("Enter")
    page.wait_for_url("**/check")
    expect(page.locator(".figure-value").nth(1)).to_have_text(str(export.created))
    expect(page.locator("table.outcomes tbody tr")).not_to_have_count(0)
    found += faults_of(page)
    page.locator("button[data-once]").press("Enter")
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    here.go(page.url.removeprefix(here.url) + "/revert")
    page.locator("input[name=sure]").check()
    page.locator("button.btn-danger").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    expect(page.locator(".said-success")).to_be_visible()
    assert [] == found
