"""The page of pipelines and the commands of this room."""

from __future__ import annotations

import pytest

from tests.web.conftest import Web
from tests.web.records.making import opportunity

PAGE = "/modules/sales/pipelines"


@pytest.mark.parametrize(("language", "said"), [("en", "Asks for"), ("zh_Hans", "要求")])
def test_the_stages_are_shown_with_what_they_ask_for(plugins_web: Web, language: str, said: str) -> None:
    """To whoever lays them down, with how many opportunities are in each, in either language."""
    opportunity(plugins_web, stage="proposal")
    text = plugins_web.client("mia", language=language).get(PAGE).text
    assert [each in text for each in (said, "Qualification", "Negotiation", "80 %")] == [True] * 4
    assert plugins_web.client("sam").get(PAGE).status_code == 404


def test_a_draft_is_made_and_published_on_the_page(plugins_web: Web) -> None:
    """By its buttons; the draft stands beside the version in use until it takes its place."""
    client = plugins_web.client("mia")
    before = client.get(PAGE).text
    target = before.partition("sales.pipeline.draft?target=")[2].partition("&")[0]
    client.post(f"/operations/sales.pipeline.draft?target={target}&next={PAGE}")
    assert "Version 2" in client.get(PAGE).text
    client.post(f"/operations/sales.pipeline.publish?target={target}&next={PAGE}")
    after = client.get(PAGE).text
    assert ("Version 2" in after, "Version 1" in after, "Make a draft" in after) == (True, False, True)
