"""The page, the report and the command of friction."""

from __future__ import annotations

from crmkit_experience.friction.reports import friction_rows

from crmkit import moment_of
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.experience.friction.story import live
from tests.plugins.experience.promises.base import Base
from tests.plugins.experience.promises.test_pages import web as _web
from tests.web.conftest import Web

crmkit, pristine, web = _crmkit, _pristine, _web


def test_the_report_has_a_row_for_each_step(both: Base) -> None:
    live(both, 30, 15, 3)
    both.run("experience.friction.count")
    with both.crm.session(both.actor("mia")) as session:
        rows = friction_rows(session, None, moment_of(session)).rows
    assert {each["key"] for each in rows} >= {"contacts:chat/chat", "contacts:call/phone"}
    assert (rows[0]["drop_hit"], rows[0]["drop_known"]) == (15, 30)


def test_the_page_shows_steps_and_customers(web: Web) -> None:
    page = web.client("mia").get("/modules/experience/friction")
    assert "Nothing was counted yet" in page.text
    base = Base.of(web.crm, None)  # type: ignore[arg-type]
    from tests.plugins.experience.friction import story

    with web.crm.session(base.actor()) as session:
        moved = session.gate.clock.business_now() - story.START
    chatting, calling = story.customers(base, 40), story.customers(base, 40)
    items = [story.contact(each, "chat", 60) for each in chatting]
    items += [story.contact(each, "call", 60) for each in calling]
    items += [{**story.contact(each, "purchase", 50), "amount": "1", "currency": "CNY"} for each in calling]
    story.record(base, [each | {"occurred_at": each["occurred_at"] + moved} for each in items])
    base.run("experience.friction.count")
    for language, word in (("en", "more than elsewhere"), ("zh_Hans", "")):
        text = web.client("mia", language=language).get("/modules/experience/friction").text
        assert "contacts:chat/chat" in text or "contacts%3Achat%2Fchat" in text, text
        text = web.client("mia", language=language).get("/modules/experience/friction?step=contacts:chat/chat").text
        assert word in text
    assert "Customer 1" in web.client("ada").get("/modules/experience/friction?step=contacts:chat/chat").text
    assert web.client("sam").get("/modules/experience/friction").status_code in (403, 404)


def test_the_command_counts_and_lists(crmkit: Crmkit) -> None:
    crmkit.has("experience")
    assert crmkit.json("experience", "friction", "--count")["items"] == []
    assert "Nothing was counted" in crmkit.ok("experience", "friction").out
