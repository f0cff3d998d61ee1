"""The reports of satisfaction, as they are run, and the command."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from crmkit import CRM
from crmkit.engines.reports.running import run
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.feedback.measuring.poll import SYSTEM, answer, customers, fruit, invite, respond, survey

__all__ = ["crmkit", "pristine"]
NAMES = (
    "feedback.satisfaction",
    "feedback.trend",
    "feedback.rates",
    "feedback.drivers",
    "feedback.recovery",
    "feedback.money",
    "feedback.gaming",
)


def fill(crm: CRM) -> None:
    """Add a survey that was answered over some months, with ratings, invitations and purchases."""
    crm.run(SYSTEM, "business.configure", {"base_currency": "CNY", "zone": "Asia/Shanghai"})
    of = survey(crm)
    people = customers(crm, 30)
    invite(crm, of, people, "completed")
    now = crm.gate.clock.business_now()
    for place, each in enumerate(people):
        for turn in (250, 10):
            at = now - timedelta(days=turn + place)
            score = (3 * place + turn) % 11
            made = respond(crm, of, [score], customer_id=each, at=at, created_at=at, attributes={"BU": "ab"[place % 2]})
            answer(crm, of, made, "speed", [1 + score // 3])
            answer(crm, of, made, "price", [1 + place % 5])
        bought = {"kind": "purchase", "customer_id": each, "amount": "20", "currency": "CNY"}
        crm.run(SYSTEM, "interaction.record", {**bought, "occurred_at": now - timedelta(days=5)})


@pytest.mark.parametrize("empty", [True, False])
def test_every_report_has_rows_or_says_why_not(crm: CRM, empty: bool) -> None:
    """Without answers each says so, with answers each has rows (or notes)."""
    if not empty:
        fill(crm)
    with crm.session(SYSTEM) as session:
        for name in NAMES:
            found = run(session, name, {})
            assert found.rows or found.notes, name
            if not empty and name != "feedback.gaming":
                assert found.rows, name


def test_satisfaction_by_attribute_says_what_differs(lite: CRM) -> None:
    """Groups that differ beyond chance are named."""
    of = survey(lite)
    now = lite.gate.clock.business_now()
    respond(lite, of, [10] * 40, at=now - timedelta(days=3), attributes={"shop": "north"})
    respond(lite, of, [0] * 20 + [10] * 20, at=now - timedelta(days=3), attributes={"shop": "south"})
    with lite.session(SYSTEM) as session:
        found = run(session, "feedback.satisfaction", {"by": "shop"})
    assert len(found.rows) == 2
    assert any("differ" in note.text for note in found.notes)


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with feedback and the sample's counts."""
    crmkit.has("feedback")
    assert crmkit.home is not None
    with CRM.open(crmkit.home) as crm:
        fruit(crm)
    return crmkit


def test_score_for_scripts(shop: Crmkit) -> None:
    """The figures by the names of the reference, of all and by a dimension."""
    found: Any = shop.json("feedback", "score", "fruit")
    assert (found["n"], found["nps"], found["adjusted_wald"]) == (1000, 0.1, [0.043897, 0.155505])
    groups = {each["group"]: each for each in shop.json("feedback", "score", "fruit", "--by", "bu")["items"]}
    assert groups["Apples"]["adjusted_wald"] == [0.036937, 0.255553]
    assert groups["Apples"]["standard_error"] == 0.056217


def test_score_for_people(shop: Crmkit) -> None:
    """A table; an unknown survey or dimension is refused with what was meant."""
    assert "Berries" in shop.ok("feedback", "score", "fruit", "--by", "BU").out
    wrong = shop("feedback", "score", "friut")
    assert wrong.code != 0
    assert "fruit" in wrong.err
    wrong = shop("feedback", "score", "fruit", "--by", "bus")
    assert wrong.code != 0
    assert "BU" in wrong.err


def test_answers_that_came_as_interactions_are_taken_in_first(shop: Crmkit) -> None:
    """Answers of a survey that there is not yet come as interactions, and have their score at once, by an attribute."""
    for place, score in enumerate((10, 9, 8, 3, 10, 10)):
        payload = json.dumps({"survey": "wired", "score": score, "Region": "EMEA"})
        came = ("kind=feedback.response", f"payload:={payload}", "source=old", f"external_id={place}")
        shop.ok("run", "interaction.record", *came)
    found = shop.json("feedback", "score", "wired", "--by", "region")
    assert (found["n"], found["promoters"], found["passives"], found["detractors"]) == (6, 4, 1, 1)
    assert [each["group"] for each in found["items"]] == ["EMEA"]
    assert shop.json("feedback", "score", "wired")["n"] == 6
