"""Pages of plugins' own: in the frame of all pages, in their own words, and failing alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import Page
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest
from tests.web.conftest import Web
from tests.web.records.making import warranty
from tests.web.records.plugins import Prepared, copied

_ = texts("crmkit_fragile")

HOUR = {
    "good.html": (
        '{% extends "layout.html" %}{% block content %}<h1>{{ _("Hours") }}</h1>{{ word }} {{ asked }}{% endblock %}'
    ),
    "bad.html": '{% extends "layout.html" %}{% block content %}<h1>Half a page</h1>{{ missing.name }}{% endblock %}',
    "wrong.html": '{% extends "layout.html" %}{% block content %}{% if %}{% endblock %}',
}


def good(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return what the page shows."""
    return {"word": f"{session.actor.name} {language}", "asked": query.get("q", "")}


def fails() -> Mapping[str, Any]:
    """Fail."""
    raise ZeroDivisionError("secret of the plugin")


def refuses() -> Mapping[str, Any]:
    """Say why not."""
    raise Conflict(_("The office is closed."))


def _page(name: str, path: str, template: str, context: Any, **more: Any) -> Page:
    return Page(
        name=f"fragile.{name}", title=name.title(), path=path, template=f"fragile/{template}", context=context, **more
    )


@pytest.fixture
def fragile(plugins_prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A customer base with a plugin most of whose pages fail."""
    import sys

    package = tmp_path / "crmkit_fragile"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text('"""A plugin."""\n')
    for name, content in HOUR.items():
        (package / "templates" / name).write_text(content)
    module = ModuleType("crmkit_fragile.plugin")

    def crmkit_pages() -> list[Page]:
        return [
            _page("good", "", "good.html", good),
            _page("fails", "/fails", "good.html", fails),
            _page("refuses", "/refuses", "good.html", refuses),
            _page("bad", "/bad", "bad.html", dict),
            _page("wrong", "/wrong", "wrong.html", dict),
            _page("absent", "/absent", "absent.html", dict, menu=False),
            _page("admins", "/admins", "good.html", good, permission="role.admin"),
            _page("counted", "/counted", "good.html", good, badge=lambda session: 3 if session.actor.name else 0),
            _page("bell", "/bell", "good.html", good, badge=lambda session: 120, top=True),
            _page("sums", "/sums", "good.html", good, badge=lambda session: 1 // 0),
        ]

    crmkit_pages.__module__ = module.__name__
    module.__dict__["crmkit_pages"] = hookimpl(crmkit_pages)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "crmkit_fragile.plugin", module)
    manifest = PluginManifest(name="fragile", title=_("Fragile"), api="1.0", module="crmkit_fragile.plugin")
    with copied(plugins_prepared, tmp_path, manifest) as made:
        yield made
    sys.modules.pop("crmkit_fragile", None)


def test_a_page_of_a_plugin_is_in_the_frame(fragile: Web) -> None:
    """It gets the session of whoever looks, the address and the language; the menu has it."""
    text = fragile.client("sam").get("/modules/fragile?q=now").text
    for shown in ("<h1>Hours</h1>", "Sam Seller en now", 'href="/modules/fragile"', 'id="menu"'):
        assert shown in text


@pytest.mark.parametrize("path", ["fails", "bad", "wrong", "absent"])
def test_a_page_that_fails_does_so_in_its_frame(fragile: Web, path: str) -> None:
    """The name of the plugin and the number of the request; the menu around it goes on. Why is told to whoever looks
    after plugins."""
    response = fragile.client("sam").get(f"/modules/fragile/{path}")
    assert (500, True, True) == (response.status_code, "Fragile" in response.text, 'id="menu"' in response.text)
    assert ("Half a page" in response.text, "secret of the plugin" in response.text) == (False, False)
    if path == "fails":
        assert "ZeroDivisionError: secret of the plugin" in fragile.client("ada").get(f"/modules/fragile/{path}").text
    assert 200 == fragile.client("sam").get("/records/sales.opportunity").status_code


def test_what_waits_is_counted_beside_its_entry(fragile: Web) -> None:
    """In the menu and in the bar at the top, where an entry is not in the menu; what cannot be counted costs nothing
    else."""
    text = fragile.client("sam").get("/modules/fragile").text
    bar, menu = text.split('<nav class="sidebar"')
    assert re.search(r'href="/modules/fragile/bell".*<span class="count">99\+</span>', bar)
    assert re.search(r'href="/modules/fragile/counted".*<span class="count">3</span>', menu)
    assert 'href="/modules/fragile/bell"' not in menu
    assert 'href="/modules/fragile/sums"' in menu


def test_what_a_plugin_says_is_told(fragile: Web) -> None:
    """An error of crmkit's own is for people, and shown to them."""
    assert "The office is closed." in fragile.client("sam").get("/modules/fragile/refuses").text


def test_a_page_for_others_is_no_page(fragile: Web) -> None:
    """Without its right there is no such page, and no entry of the menu."""
    client = fragile.client("sam")
    assert 404 == client.get("/modules/fragile/admins").status_code
    assert "/modules/fragile/admins" not in client.get("/modules/fragile").text
    assert 200 == fragile.client("ada").get("/modules/fragile/admins").status_code
    assert 404 == client.get("/modules/fragile/nothing").status_code
    assert 404 == client.get("/modules/nothing").status_code


def test_the_page_of_the_example_is_in_its_own_words(plugins_web: Web) -> None:
    """Texts of a plugin's template are looked up in its catalogue, those of the frame in ours."""
    warranty(plugins_web, months=1)
    text = plugins_web.client("ada", language="zh_Hans").get("/modules/warranty").text
    assert (True, True, True) == ("SN-1" in text, "序列号" in text, "主菜单" in text)
