"""The frame around the pages: who sees it, in which language, and what a page that there is not looks like."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.web.conftest import Web

ROOT = Path(__file__).resolve().parents[2]


def test_a_stranger_is_sent_to_sign_in(sqlite_web: Web) -> None:
    """Who has not signed in is asked to, and comes back to where the way led."""
    response = sqlite_web.client().get("/customers?q=tea")
    assert (303, "/sign-in?next=%2Fcustomers%3Fq%3Dtea") == (response.status_code, response.headers["location"])


def test_the_first_page_is_in_the_language_of_the_browser(sqlite_web: Web) -> None:
    """Where the user has chosen none, the browser's language counts."""
    assert "<h1>今天</h1>" in sqlite_web.client("sam", language="zh_Hans").get("/").text
    assert "<h1>Today</h1>" in sqlite_web.client("sam").get("/").text


def test_a_page_that_there_is_not_is_said_kindly(sqlite_web: Web) -> None:
    """An unknown address is a page with the way home, not a bare error."""
    response = sqlite_web.client("sam").get("/no-such-page")
    assert 404 == response.status_code
    assert "There is nothing here" in response.text


def test_a_page_that_costs_much_is_counted_apart(sqlite_web: Web) -> None:
    """The answer says how many calls of its kind are left."""
    client = sqlite_web.client("sam")
    assert '"search"' in client.part("/palette?q=wang").headers["ratelimit-policy"]
    assert '"search"' not in client.get("/").headers["ratelimit-policy"]


def test_every_icon_is_there() -> None:
    """Whatever names an icon names one that the package has: another one would be shown as a dot."""
    known = json.loads((ROOT / "crmkit/web/static/vendor/icons.json").read_text("utf-8"))
    named = re.compile(r'\bicon(?:=|\()"([a-z0-9-]+)"')
    files = [path for folder in ("crmkit", "plugins") for path in (ROOT / folder).rglob("*.[ph][yt]*")]
    missing = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        if path.suffix in (".py", ".html")
        for name in named.findall(path.read_text("utf-8"))
        if name not in known
    }
    assert missing == set()
