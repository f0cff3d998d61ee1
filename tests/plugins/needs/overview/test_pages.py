"""The page of the overview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from crmkit_needs.overview.drawing import bars, square

from tests.conftest import Templates
from tests.plugins.needs.overview.conftest import Town
from tests.web.conftest import Web, behind_doors

HOSTILE = "<script>alert('x')</script>"
PATH = "/modules/needs/overview"


def fill(web: Web) -> None:
    """Needs whose every text is hostile, some of them decided, some promised."""
    town = Town(web.crm)
    town.run("needs.area.create", name="packing", title=HOSTILE)
    yesterday = (web.crm.gate.clock.business_now() - timedelta(days=2)).date()
    one = town.need(HOSTILE, area="packing", promised_on=yesterday)
    two, three = town.need("Second"), town.need("Third")
    ada = town.run("customer.create", name=HOSTILE, owner_id=web.users["mia"])
    for each in (one, two, three):
        town.run("needs.evidence.add", each, customer_id=ada.id, promised_on=yesterday)
    town.run("needs.kano.answer", one, customer_id=ada.id, functional=1, dysfunctional=5)
    town.move(two, "accepted", "in_progress", "delivered")
    town.move(three, "declined", decline="too_costly")


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with hostile needs."""
    with behind_doors(templates, "sqlite", tmp_path, "needs", fill=fill) as web:
        yield web


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sam"])
@pytest.mark.parametrize(
    "query", ["", "?by=customer.kind", "?by=label.nothing", "?by=%3Cscript%3Ealert('x')%3C/script%3E"]
)
def test_the_overview_is_shown_and_no_text_is_taken_for_markup(
    desk: Web, login: str, language: str, query: str
) -> None:
    answer = desk.client(login, language=language).get(PATH + query)
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    assert "%(" not in answer.text


def test_the_overview_is_in_the_menu_and_names_what_is_overdue(desk: Web) -> None:
    text = desk.client("mia").get(PATH).text
    assert f'href="{PATH}"' in text
    assert "Overdue promises" in text
    assert text.count("late</span>") >= 2
    assert "Too costly" in text
    assert "Better against worse" in text
    assert "One-dimensional" in text
    assert "none of them is enabled" in text


def test_an_empty_base_has_an_overview(templates: Templates, tmp_path: Path) -> None:
    with behind_doors(templates, "sqlite", tmp_path, "needs") as web:
        assert web.client("mia").get(PATH).status_code == 200


def test_bars_stand_on_each_other_or_beside_each_other() -> None:
    rows = [{"name": "a", "x": 2, "y": 3}, {"name": "b", "x": 0, "y": 1}]
    stacked = bars(rows, "name", ["x", "y"], stacked=True)
    first, second, third = stacked.bars
    assert (first.x, second.y + second.height) == (second.x, pytest.approx(first.y, abs=0.2))
    assert third.series == 2
    assert stacked.ticks[0][1] == 0
    beside = bars(rows, "name", ["x", "y"])
    assert beside.bars[0].x < beside.bars[1].x
    assert all(bar.y + bar.height == pytest.approx(beside.floor, abs=0.2) for bar in beside.bars)
    assert bars([], "name", ["x"]).bars == ()


def test_points_outside_the_square_stand_at_its_edge() -> None:
    drawn = square([(0.5, 0.5, "in"), (2.0, -1.0, "out")])
    inside, outside = drawn.dots
    assert drawn.low < inside.x < drawn.high
    assert (outside.x, outside.y) == (drawn.high, drawn.side - drawn.low)
