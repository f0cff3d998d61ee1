"""The pages and commands of lifecycle, as people use them, with what people write being hostile, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
NASTY = "<script>alert(1)</script>{{ 77777*3 }}"
HOME = "/modules/lifecycle"
PATHS = ("", "/chain", "/models", "/preview?stage=repeat&enter=purchase.days+%3E%3D+3", "/care", "/keeping")


def fill(web: Web) -> list[Any]:
    """A market stall with forty customers of the last year, a list, a review and a plan; returns their ids."""
    crm = web.crm
    now = crm.gate.clock.business_now()
    people = [crm.run(SYSTEM, "customer.create", {"name": f"{NASTY} {n}"}).id for n in range(40)]
    for place, each in enumerate(people):
        for turn in range(1 + place % 6):
            when = now - timedelta(days=300 - 20 * turn - 5 * (place % 7) if place % 4 else 35 - 6 * turn)
            bought = {"kind": "purchase", "customer_id": each, "amount": "50", "currency": "CNY"}
            crm.run(SYSTEM, "interaction.record", {**bought, "occurred_at": when})
    crm.run(SYSTEM, "lifecycle.passage.refresh")
    items = [{"title": NASTY}, {"title": "Second", "done_when": "purchase.count > 1"}]
    crm.run(SYSTEM, "lifecycle.template.create", {"name": "start", "title": NASTY, "items": items})
    crm.run(SYSTEM, "lifecycle.checklist.start", {"customer_id": people[0], "template": "start"})
    day = (now + timedelta(days=20)).date()
    review = {"customer_id": people[0], "kind": "qbr", "due_on": day, "title": NASTY}
    crm.run(SYSTEM, "lifecycle.review.plan", review)
    plan = {"name": "back", "title": NASTY, "eligible": 'lifecycle.activity == "lost"', "control_percent": "40"}
    crm.run(SYSTEM, "lifecycle.winback.create", plan)
    crm.run(SYSTEM, "lifecycle.winback.carry_out")
    values = {"customer_id": people[1], "stage": "prospect", "reason": NASTY}
    crm.run(SYSTEM, "lifecycle.passage.move", values)
    return people


@pytest.fixture
def market(templates: Templates, tmp_path: Path) -> Iterator[tuple[Web, Any]]:
    """A base with the stall, and its customers."""
    with behind_doors(templates, "sqlite", tmp_path, "work", "lifecycle", fill=fill) as web:
        yield web, web.told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_shown_and_nothing_in_them_is_run(market: tuple[Web, Any], language: str) -> None:
    """Every page is there in both languages, and what people have written stays text."""
    web, people = market
    client = web.client("ada", language=language)
    paths = (*PATHS, f"/passages?customer={people[1]}", f"/care?customer={people[0]}", "/chain?goal=repeat")
    for path in paths:
        response = client.get(HOME + path)
        assert response.status_code == 200, (path, response.text[:2000])
        assert "<script>alert(1)" not in response.text
        assert "233331" not in response.text
        assert "CK9" not in response.text, path


def test_what_is_ahead_is_drawn_with_what_if(market: tuple[Web, Any]) -> None:
    """The chain has a drawing with an axis, chances with intervals, and answers what another share would do."""
    web, _people = market
    text = web.client("ada").get(f"{HOME}/chain?state=first&to=repeat&share=90").text
    assert "ck-chart" in text
    assert "In place of" in text


def test_who_has_no_right_has_no_page(market: tuple[Web, Any]) -> None:
    """Pages are for who may see how far customers have come."""
    web, _people = market
    web.users["nobody"] = web.crm.run(SYSTEM, "user.create", {"login": "nobody", "name": "Nobody"}).id  # type: ignore[index]
    assert web.client("nobody").get(HOME).status_code in (403, 404)
