"""The page, the report and the commands of actions."""

from __future__ import annotations

import pytest
from crmkit_experience.actions.reports import ActionsParameters, action_rows

from crmkit import moment_of
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.experience.actions.test_actions import plan, town
from tests.plugins.experience.promises.base import Base
from tests.plugins.experience.promises.test_pages import HOSTILE, web as _web
from tests.web.conftest import Web

crmkit, pristine, web = _crmkit, _pristine, _web


def test_the_report_says_what_it_does_not_show(base: Base) -> None:
    town(base, "Bonn", 1, 4)
    plan(base, audience='customer.city == "Bonn"')
    base.run("experience.action.measure_due")
    with base.crm.session(base.actor("mia")) as session:
        table = action_rows(session, ActionsParameters(verdict="better"), moment_of(session))
        assert [row["effect"] for row in table.rows] == [3.0]
        assert "does not show" in table.notes[0].text
        assert action_rows(session, ActionsParameters(verdict="worse"), moment_of(session)).rows == ()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_page_lists_what_was_done_and_texts_are_inert(web: Web, language: str) -> None:
    values = {"name": "hints", "title": f"Hints {HOSTILE}", "hypothesis": "Fewer leave", "step": "contacts:chat/chat"}
    web.crm.run(web.crm.system("a test"), "experience.action.plan", values)
    page = web.client("mia", language=language).get("/modules/experience/actions").text
    assert HOSTILE not in page
    assert "Fewer leave" in page
    assert "/operations/experience.action.start?" in page
    assert "Fewer leave" not in web.client("mia").get("/modules/experience/actions?verdict=better").text
    assert "Fewer leave" in web.client("ann").get("/modules/experience/actions?q=HINTS").text
    assert "/operations/experience.action.start?" not in web.client("ann").get("/modules/experience/actions").text
    assert web.client("sam").get("/modules/experience/actions").status_code in (403, 404)


def test_the_commands_list_and_say_what_came_of_it(crmkit: Crmkit) -> None:
    crmkit.has("experience")
    assert crmkit.json("experience", "actions", "list")["items"] == []
    assert crmkit("experience", "actions", "effect", "nothing").code != 0
    for name in ("Ada", "Bob", "Cem"):
        crmkit.ok("customer", "add", f"name={name}")
    crmkit.ok(
        "run", "experience.action.plan", "name=hints", "title=Hints", "hypothesis=Fewer", "measure=interaction.count",
        "days=1",
    )  # fmt: skip
    early = crmkit("experience", "actions", "effect", "hints")
    assert early.code != 0
    assert "EXP702" in early.err
    (listed,) = crmkit.json("experience", "actions", "list", "--state", "planned")["items"]
    crmkit.ok("run", "experience.action.start", "on=2026-01-01", "--target", listed["id"])
    assert listed["name"] == "hints"
    found = crmkit.json("experience", "actions", "effect", "hints")
    assert (found["method"], found["effect"], found["verdict"]) == ("before_after", 0.0, "unclear")
    assert "does not show" in found["caution"]
