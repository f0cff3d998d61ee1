"""The pages and commands of feedback, with what people write being hostile, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

__all__ = ["crmkit", "pristine"]

SYSTEM = Actor.system("a test")
NASTY = "<script>alert(1)</script>{{ 77777*3 }}"
VIEWS = ("mine", "nobody", "late", "open", "resolved", "new")


def fill(web: Web) -> tuple[Any, Any]:
    """Bad feedback of a customer and of nobody."""
    crm = web.crm
    customer = crm.run(SYSTEM, "customer.create", {"name": NASTY}).id
    given = {"verbatim": NASTY, "metric": "nps", "score": 2, "item": NASTY}
    item = crm.run(SYSTEM, "feedback.feedback.create", {**given, "customer_id": customer}).id
    crm.run(SYSTEM, "feedback.feedback.create", given)
    crm.run(SYSTEM, "feedback.feedback.note", {"note": NASTY}, target=item)
    return item, customer


@pytest.fixture
def web(templates: Templates, tmp_path: Path) -> Iterator[tuple[Web, Any, Any]]:
    """A base with bad feedback, and the ids of the feedback and of the customer."""
    with behind_doors(templates, "sqlite", tmp_path, "work", "feedback", fill=fill) as found:
        yield found, *found.told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_shown_and_nothing_in_them_is_run(web: tuple[Web, Any, Any], language: str) -> None:
    """Every page is there in both languages, and what people have written stays text."""
    served, item, customer = web
    client = served.client("ada", language=language)
    paths = [f"/modules/feedback/inbox?view={view}" for view in VIEWS]
    paths += [f"/modules/feedback/item?id={item}", "/modules/feedback/inbox?view=open&source=note"]
    paths += ["/records/feedback.feedback", f"/records/feedback.feedback/{item}", "/records/feedback.loop_policy"]
    paths += [f"/customers/{customer}", f"/operations/feedback.feedback.resolve?target={item}"]
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, (path, response.text[:2000])
        assert "<script>alert(1)" not in response.text
        assert "233331" not in response.text
        assert "CK9" not in response.text, path


def test_each_state_has_its_page(web: tuple[Web, Any, Any]) -> None:
    """The page is shown for every state on the way, with the next step."""
    served, item, _customer = web
    client = served.client("ada")
    crm = served.crm
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("contact", {}, "feedback.feedback.resolve"),
        ("resolve", {"resolution": "Done"}, "feedback.feedback.verify"),
        ("verify", {}, "feedback.feedback.close"),
        ("close", {}, "feedback.feedback.reopen"),
        ("reopen", {"note": "again"}, "feedback.feedback.contact"),
    ]
    for name, values, following in steps:
        crm.run(SYSTEM, f"feedback.feedback.{name}", values, target=item)
        page = client.get(f"/modules/feedback/item?id={item}")
        assert page.status_code == 200
        assert f"/operations/{following}" in page.text, name


def test_what_is_not_there_is_not_found(web: tuple[Web, Any, Any]) -> None:
    """No page for an id that is none."""
    client = web[0].client("ada")
    assert client.get("/modules/feedback/item?id=nothing").status_code == 404


def test_feedback_goes_its_way_on_the_command_line(crmkit: Crmkit) -> None:
    """Taken, listed, moved."""
    crmkit.has("work", "feedback")
    crmkit.ok("customer", "add", "name=Ada", "email=ada@x.example")
    made = crmkit.json("feedback", "take", "It leaks", "--customer", "ada@x.example", "--metric", "nps", "--score", "2")
    assert (made["number"], made["band"]) == (1001, "bad")
    listed = crmkit.json("feedback", "list", "--open")["items"]
    assert [each["number"] for each in listed] == [1001]
    assert crmkit.json("feedback", "list", "--late")["items"] == []
    assert crmkit.json("feedback", "move", "1001", "resolved", "--note", "New seal")["state"] == "resolved"
    refused = crmkit("feedback", "move", "1001", "new", "--json")
    assert refused.json["error"]["code"] == "FBK401"


def test_reviews_come_from_a_file(crmkit: Crmkit, tmp_path: Any) -> None:
    """A file of reviews with headings in Chinese is taken over, once."""
    crmkit.has("work", "feedback")
    path = tmp_path / "reviews.csv"
    path.write_text("评价编号,商品,评分,评价内容,日期\n1,泵,1,漏水,2020-01-01\n2,泵,5,很好,2020-01-02\n", "utf-8")
    for _time in range(2):
        crmkit.ok("import", str(path), "--as", "feedback.feedback", "--source", "shop", "--yes", "--again")
    listed = crmkit.json("feedback", "list")["items"]
    assert sorted((each["score"], each["band"], each["text"]) for each in listed) == [
        (1, "bad", "漏水"),
        (5, "good", "很好"),
    ]


def test_themes_are_set_and_taken_away_on_the_page(web: tuple[Web, Any, Any]) -> None:
    """By a form each, and shown at once."""
    served, item, _customer = web
    client = served.client("ada")
    here = f"/modules/feedback/item?id={item}"
    page = client.get(here).text
    assert 'value="packaging"' in page
    for act, shown in (("set_theme", True), ("unset_theme", False)):
        served.crm.run(SYSTEM, f"feedback.feedback.{act}", {"theme": "packaging"}, target=item)
        page = client.get(here).text
        assert ('<input type="hidden" name="theme" value="packaging">' in page) == shown
