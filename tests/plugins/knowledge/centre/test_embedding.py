"""The help centre in pages and apps of the business: its texts and searches as JSON, and who may show it."""

from __future__ import annotations

from pathlib import Path

import pytest
from crmkit_knowledge.settings import settings_of
from starlette.testclient import TestClient

from crmkit import Settings
from crmkit.app import CRM
from crmkit.errors import ConfigurationError
from tests.conftest import Templates
from tests.plugins.knowledge.base import Base, fill
from tests.plugins.knowledge.centre.test_site import browser, status

SHOP = "https://www.shop.example"


def test_a_text_is_told_as_json(base: Base) -> None:
    """With what it shows, its language and its address; what is a draft or only for colleagues is not there."""
    base.published("Send it back", "Use the **label**, not `<script>`.", summary="In three steps.")
    base.write("Not yet", "A draft.")
    base.published("Colleagues", "Only us.", audience="internal")
    told = browser(base).get("/s/help/a/send-it-back.json").json()
    assert told["html"] == "<p>Use the <strong>label</strong>, not <code>&lt;script&gt;</code>.</p>\n"
    assert (told["title"], told["summary"], told["language"]) == ("Send it back", "In three steps.", "en")
    assert told["address"].endswith("/s/help/a/send-it-back")
    assert [status(base, f"a/{slug}.json") for slug in ("not-yet", "colleagues", "nothing")] == [404, 404, 404]


def test_a_search_is_told_as_json(base: Base) -> None:
    """With the words that were looked for by their places in the snippet."""
    base.published("Send it back", "Use the label.")
    base.published("Colleagues", "Their label.", audience="internal")
    told = browser(base).get("/s/help/search.json?q=label").json()
    assert told["query"] == "label"
    (found,) = told["results"]
    assert found["title"] == "Send it back"
    assert [found["snippet"][start:end] for start, end in found["marks"]] == ["label"]


def test_whose_pages_may_show_it(templates: Templates, tmp_path: Path) -> None:
    """Those that the settings name, and nobody else's."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, options={"knowledge": {"embed_origins": [SHOP]}})) as crm:
        client = TestClient(crm.asgi(), base_url="http://localhost")
        assert client.get("/s/help").headers["content-security-policy"].endswith(f"frame-ancestors {SHOP}")
        told = client.get("/s/help/search.json", headers={"Origin": SHOP})
        assert told.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("said", ["https://www.shop.example", ["shop.example"], ["https://shop.example/help"], [7]])
def test_what_is_no_origin_is_refused(said: object) -> None:
    """When the settings are read."""
    with pytest.raises(ConfigurationError):
        settings_of(Settings(database="sqlite://", options={"knowledge": {"embed_origins": said}}))
