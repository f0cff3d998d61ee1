"""A plugin's public site: pages for anybody, their files, moves and forms, and what they never do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crmkit import CRM, Actor, Settings
from crmkit.manifest import PluginManifest
from tests.conftest import Templates

PLUGIN = """
from crmkit import Customer, InvalidInput, Problem, PublicSite, PageFile, SiteMove, SitePage, hookimpl, texts
from sqlalchemy import select

_ = texts("crmkit_hours")


def answer(session, visit):
    if visit.path == "feed":
        return PageFile(content=visit.base.encode(), media_type="application/atom+xml", filename=None)
    if visit.path in ("old", "now"):
        return SiteMove(path="one day", for_ever=visit.path == "old")
    if visit.path == "one day":
        return SitePage(title="One day", template="hours/hours.html", language="zh_Hans", indexed=False,
                        context={"seen": "", "key": ""})
    if visit.path == "broken":
        raise RuntimeError("the clock has stopped")
    if visit.path:
        return None
    seen = ",".join(each.name for each in session.scalars(select(Customer)))
    return SitePage(title=_("Save"), template="hours/hours.html", canonical="", others={"en": ""},
                    context={"seen": seen, "key": visit.key})


def submit(session, visit, values):
    if values.get("text") in (None, ("",)):
        raise InvalidInput([Problem("CK500", _("Save"), field="text")])
    return SiteMove(path="#thanks")


@hookimpl
def crmkit_public_sites():
    return [PublicSite(name="hours.site", path="hours", title="Hours", answer=answer, submit=submit, throttle=5,
                       embedders=lambda settings: ("https://www.shop.example", "https://x.example; script-src *")),
            PublicSite(name="hours.silent", path="silent", title="Silent", answer=answer)]
"""
TEMPLATE = """{% extends "public/site.html" %}
{% block content %}<h1>{{ _("Save") }}</h1><i>{{ seen }}</i><b>{{ key }}</b>{% endblock %}
"""


@pytest.fixture
def crm(tmp_path: Path, templates: Templates, monkeypatch: pytest.MonkeyPatch) -> Iterator[CRM]:
    """A CRM with the sites of a plugin, and a customer."""
    package = tmp_path / "site" / "crmkit_hours"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text('"""Hours."""\n')
    (package / "plugin.py").write_text(PLUGIN)
    (package / "templates" / "hours.html").write_text(TEMPLATE)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in [name for name in sys.modules if name.startswith("crmkit_hours")]:
        monkeypatch.delitem(sys.modules, name)
    hours = PluginManifest(name="hours", title="Hours", version="1.0", api="1.0", module="crmkit_hours.plugin")
    settings = Settings(database=templates.copy("sqlite", tmp_path), public_url="https://shop.example")
    with CRM.open(settings, plugins=[hours]) as crm:
        crm.enable("hours")
        crm.run(Actor.system("test"), "customer.create", {"name": "Ada"})
        yield crm


@pytest.fixture
def client(crm: CRM) -> TestClient:
    """Somebody with a browser."""
    return TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False)


def test_anybody_opens_a_page(client: TestClient) -> None:
    """In the language of the browser or the one that is chosen, with the address that search engines keep; no customer
    is seen, and no cookie is set."""
    page = client.get("/s/hours", headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    assert "<h1>保存</h1><i></i>" in page.text
    assert '<link rel="canonical" href="https://shop.example/s/hours">' in page.text
    assert '<link rel="alternate" hreflang="en" href="https://shop.example/s/hours">' in page.text
    assert "noindex" not in page.text
    assert "set-cookie" not in page.headers
    assert "<h1>Save</h1>" in client.get("/s/hours/?lang=en", headers={"Accept-Language": "zh-CN"}).text


def test_a_page_has_its_own_language(client: TestClient) -> None:
    """Whatever the browser asks for; and search engines leave it out where it says so."""
    page = client.get("/s/hours/one%20day", headers={"Accept-Language": "en"})
    assert "<h1>保存</h1>" in page.text
    assert page.headers["content-language"] == "zh-Hans"
    assert '<meta name="robots" content="noindex">' in page.text


def test_what_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    """By its mark; nobody keeps it without asking."""
    page = client.get("/s/hours")
    assert page.headers["cache-control"] == "no-cache"
    again = client.get("/s/hours", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_and_moves(client: TestClient) -> None:
    """A feed, an address that has moved for ever and one that is elsewhere today."""
    feed = client.get("/s/hours/feed")
    assert (feed.content, feed.headers["content-type"]) == (b"https://shop.example/s/hours", "application/atom+xml")
    moved = [client.get(f"/s/hours/{path}") for path in ("old", "now")]
    assert [each.status_code for each in moved] == [308, 307]
    assert {each.headers["location"] for each in moved} == {"/s/hours/one%20day"}


def test_what_is_not_there(client: TestClient) -> None:
    """A page of a site, a site, and what fails without a word of why."""
    for path in ("/s/hours/nothing", "/s/nobody", "/s/nobody/a"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
        assert "There is no such page" in answer.text
    broken = client.get("/s/hours/broken")
    assert broken.status_code == 500
    assert "clock" not in broken.text


def test_a_form_is_sent(client: TestClient) -> None:
    """What is wrong is said; forms of other websites and too many of them are refused, and sites without forms take
    none."""
    sent = client.post("/s/hours", data={"text": "x"}, headers={"Origin": "http://localhost"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/s/hours#thanks")
    assert client.post("/s/hours", data={"text": ""}).status_code == 422
    assert client.post("/s/hours", data={"text": "x"}, headers={"Origin": "https://evil.example"}).status_code == 404
    assert client.post("/s/silent", data={"text": "x"}).status_code == 404
    assert client.post("/s/hours", content=b"x" * 70_000).status_code == 413
    codes = [client.post("/s/hours", data={"text": "x"}).status_code for _time in range(6)]
    assert codes[-1] == 429


def test_a_browser_is_counted_once_a_day(client: TestClient) -> None:
    """By a key that is another one for another browser."""
    keys = [client.get("/s/hours", headers={"User-Agent": agent}).text.split("<b>")[1][:32] for agent in "aab"]
    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) == 32


def test_pages_of_others_show_a_site_where_it_says_so(client: TestClient) -> None:
    """In a frame, with its files read by their scripts; what is no origin does not get into a header, and a site that
    says nothing is shown in no frame."""
    page = client.get("/s/hours")
    assert page.headers["content-security-policy"].endswith("frame-ancestors https://www.shop.example")
    refused = client.post("/s/hours", data={"text": ""})
    assert refused.headers["content-security-policy"].endswith("frame-ancestors https://www.shop.example")
    ours = client.get("/s/hours/feed", headers={"Origin": "https://www.shop.example"})
    assert ours.headers["access-control-allow-origin"] == "https://www.shop.example"
    assert ours.headers["vary"] == "Accept-Language, Origin"
    theirs = client.get("/s/hours/feed", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers
    silent = client.get("/s/silent", headers={"Origin": "https://www.shop.example"})
    assert silent.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert "access-control-allow-origin" not in silent.headers
