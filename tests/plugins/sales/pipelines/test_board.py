"""The board of opportunities: a pipeline's stages as columns, sums in one currency, and two who drag one card."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crmkit import Team
from tests.web.conftest import Web
from tests.web.records.making import opportunity, stage_of

BOARD = "/records/sales.opportunity/board/sales.pipeline"


def run(web: Web, name: str, values: Any = None, target: Any = None) -> Any:
    """Run an operation as the system."""
    return web.crm.run(web.crm.system("a test"), name, values or {}, target=target)


def test_each_pipeline_has_a_board_of_its_own(plugins_web: Web) -> None:
    """The usual one is shown first; its cards are those of its opportunities alone."""
    made = run(plugins_web, "sales.pipeline.create", {"name": "renewals", "title": "Renewals"})
    draft = {"pipeline": "renewals", "name": "call", "title": "First call", "position": 5, "probability": 10}
    run(plugins_web, "sales.stage.create", draft)
    run(plugins_web, "sales.pipeline.publish", target=made)
    opportunity(plugins_web, title="Green tea")
    opportunity(plugins_web, title="Yearly contract", pipeline="renewals", stage="call")
    client = plugins_web.client("sam")
    usual, other = client.get(BOARD).text, client.get(f"{BOARD}?choice=renewals").text
    assert ("Green tea" in usual, "Yearly contract" in usual, "First call" in usual) == (True, False, False)
    assert ("Green tea" in other, "Yearly contract" in other, "First call" in other) == (False, True, True)


def test_columns_are_summed_in_the_base_currency(plugins_web: Web) -> None:
    """At the rates of today; what there is no rate for is named, and never added."""
    base = plugins_web.crm.system("a test")
    with plugins_web.crm.session(base) as session:
        currency = session.crm.config.get(session).base_currency
    rate = {"currency": "USD", "base": currency, "valid_from": "2020-01-01", "rate": "2"}
    run(plugins_web, "currency_rate.set", rate)
    for amount, of in ((10_000, currency), (10_000, "USD"), (700, "JPY")):
        opportunity(plugins_web, amount_minor=amount, currency=of)
    text = plugins_web.client("sam").get(BOARD).text
    total = text.partition('aria-label="Qualification"')[2].partition("</section>")[0].partition('board-total">')[2]
    assert ("300.00" in total, "¥700" in total, "not converted" in total) == (True, True, True)


def test_a_refusal_stands_on_the_card(plugins_web: Web) -> None:
    """With each criterion that is not met; the card stays where it was."""
    with plugins_web.crm.session(plugins_web.crm.system("a test")) as session:
        from crmkit_sales.pipelines.choosing import pipeline_named

        pipeline = pipeline_named(session, None).id
    run(plugins_web, "sales.pipeline.draft", target=pipeline)
    demo = {"pipeline": "standard", "name": "demo", "title": "Demo", "position": 5, "probability": 30}
    entry = [{"kind": "field", "field": "expected_close"}, {"kind": "activity", "interaction": "visit"}]
    run(plugins_web, "sales.stage.create", {**demo, "entry": entry})
    run(plugins_web, "sales.pipeline.publish", target=pipeline)
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    client.get(BOARD)
    answer = client.post(f"{BOARD}/move", {"id": str(record.id), "to": "demo"}, headers={"X-Board": "1"}).json()
    assert (answer["level"], answer["card"]) == ("danger", str(record.id))
    assert ("Expected to close on is missing." in answer["said"], "Visit" in answer["said"]) == (True, True)
    shown = client.get(f"/records/sales.opportunity/{record.id}").text
    assert "Missing for the next stage: Demo" in shown
    assert "Expected to close on is missing." in shown
    chinese = plugins_web.client("sam", language="zh_Hans").get(f"/records/sales.opportunity/{record.id}").text
    assert "Expected to close on is missing." not in chinese


def test_two_who_drag_one_card_lose_nothing(visit: Any, plugins_web: Web) -> None:
    """The second is told that somebody was quicker, and sees the card where it is; dragged from there it moves."""
    with plugins_web.crm.session(plugins_web.crm.system("a test")) as session:
        north = session.scalars(select(Team.id).where(Team.name == "North")).one()
    run(plugins_web, "customer.assign", {"team_id": north}, target=plugins_web.customers["Wang Lin"])
    record = opportunity(plugins_web, title="Green tea")
    first, second = visit("sam"), visit("mia")
    for each in (first, second):
        each.go(BOARD)
    by_title = {"source_position": {"x": 20, "y": 20}}
    card = f'[data-card="{record.id}"]'
    first.page.locator(card).drag_to(first.page.locator('[data-column="proposal"]'), **by_title)
    first.page.locator(".toast-note", has_text="Moved to Proposal.").wait_for()
    second.page.locator(card).drag_to(second.page.locator('[data-column="negotiation"]'), **by_title)
    second.page.locator("#board-message.problem").wait_for()
    second.page.locator(f'[data-column="proposal"] {card} .board-refused').wait_for()
    assert stage_of(plugins_web, record) == "proposal"
    second.page.locator(card).drag_to(second.page.locator('[data-column="negotiation"]'), **by_title)
    second.page.locator(".toast-note", has_text="Moved to Negotiation.").wait_for()
    assert stage_of(plugins_web, record) == "negotiation"
