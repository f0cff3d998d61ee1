"""Whether those who were told changed: the comparison, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.overview.comparing import LEAST, Person, compared, side_of
from crmkit_needs.overview.effect import effects
from hypothesis import given, settings, strategies as st

from crmkit.app import CRM
from tests.conftest import ENGINES, Templates
from tests.plugins.needs.overview.conftest import FIRST, SYSTEM, Town


def person(told: bool, before: float, change: float, month: str = "2026-01") -> Person:
    """Return a customer who changed."""
    return Person(told=told, month=month, before=before, after=before + change)


def test_the_difference_is_that_within_groups_that_are_alike() -> None:
    """Who stood low rises anyhow: without the thirds that would look like an effect of telling."""
    people = [person(True, 0, 20 + part) for part in range(18)] + [person(False, 0, 10 + part) for part in range(6)]
    people += [person(True, 100, -10 + part) for part in range(4)]
    people += [person(False, 100, -20 + part) for part in range(16)]
    found = compared(people)
    assert found is not None
    naive = (
        side_of([each for each in people if each.told]).change
        - side_of(  # type: ignore[operator]
            [each for each in people if not each.told]
        ).change
    )
    assert found.low < 10 < found.high
    assert abs(found.value - 10) < abs(naive - 10)


def test_the_coefficient_is_that_of_least_squares() -> None:
    """One group, three and three: slope and standard error as any textbook has them."""
    changes = [1.0, 2.0, 6.0, 0.0, 1.0, 2.0]
    people = [person(place < 3, 5, change) for place, change in enumerate(changes)]
    found = compared(people * 5)
    assert found is not None
    assert found.value == pytest.approx(2.0)
    # Residual sum of squares 5 · (14 + 2) = 80, 30 - 2 degrees, weight 15 · 15 / 30.
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx((80 / 28 / 7.5) ** 0.5, rel=1e-6)


changes = st.lists(st.tuples(st.booleans(), st.integers(0, 100), st.integers(-50, 50)), min_size=0, max_size=60)


@settings(max_examples=100, deadline=None)
@given(rows=changes, shift=st.integers(-30, 30))
def test_what_happens_to_everybody_is_no_effect(rows: list[tuple[bool, int, int]], shift: int) -> None:
    plain = compared([person(told, before, change) for told, before, change in rows])
    moved = compared([person(told, before, change + shift) for told, before, change in rows])
    assert (plain is None) == (moved is None)
    if plain is not None and moved is not None:
        assert moved.value == pytest.approx(plain.value, abs=1e-6)
        assert moved.low <= moved.value <= moved.high


@settings(max_examples=100, deadline=None)
@given(rows=changes)
def test_sides_that_are_swapped_turn_the_sign(rows: list[tuple[bool, int, int]]) -> None:
    one = compared([person(told, before, change) for told, before, change in rows])
    other = compared([person(not told, before, change) for told, before, change in rows])
    if one is not None and other is not None:
        assert other.value == pytest.approx(-one.value, abs=1e-6)
        assert other.low == pytest.approx(-one.high, abs=1e-6)


def test_few_customers_are_not_compared() -> None:
    few = [person(True, 0, 1)] * (LEAST - 1) + [person(False, 0, 0)] * 50
    assert compared(few) is None
    assert side_of(few[: LEAST - 1]).low is None
    assert side_of([]).n == 0


# --- with a database ------------------------------------------------------------------------------------------------


def enabled(crm: CRM) -> None:
    """Enable needs, and what tells and asks."""
    crm.enable("messaging")
    crm.enable("feedback")
    crm.enable("needs")


@pytest.fixture(params=ENGINES)
def city(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Town]:
    """A CRM that sends messages and asks customers, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url) as crm:
        made = Town(crm)
        made.day(0)
        yield made


def answered(city: Town, customer: Any, day: int, score: int) -> None:
    """Keep a score that a customer gave."""
    at = datetime.combine(FIRST, time(9), UTC) + timedelta(days=day)
    city.run(
        "feedback.response.import", survey="care", metric="csat", score=score, answered_at=at, customer_id=customer.id
    )


def delivered(city: Town, asked: int = 12, others: int = 12) -> tuple[list[Any], list[Any]]:
    """Have customers ask, some of whom are told on day 10 that something was delivered."""
    glass, logo = (
        city.need(
            "Glass",
        ),
        city.need("Logo"),
    )
    told = [city.run("customer.create", name=f"T{number}", email=f"t{number}@x.example") for number in range(asked)]
    rest = [city.run("customer.create", name=f"O{number}", email=f"o{number}@x.example") for number in range(others)]
    for group, need in ((told, glass), (rest, logo)):
        for each in group:
            city.run("needs.evidence.add", need, customer_id=each.id)
            answered(city, each, 1, 3)
    city.day(10)
    city.move(glass, "accepted", "in_progress")
    city.move(glass, "delivered", text="It is there.")
    city.crm.worker().run_until_idle()
    return told, rest


def test_those_who_were_told_are_held_against_those_who_were_not(city: Town) -> None:
    told, rest = delivered(city)
    for number, each in enumerate(told):
        answered(city, each, 30, 5 if number % 4 else 4)
    for number, each in enumerate(rest):
        answered(city, each, 30, 3 if number % 4 else 4)
    city.day(50)
    with city.crm.session(SYSTEM) as session:
        early = effects(session, 90)
        assert (early.told, early.too_fresh) == (0, 12)
        found = effects(session, 30)
    assert (found.told, found.others, found.too_fresh) == (12, 12, 0)
    (each,) = [each for each in found.found if each.name == "satisfaction"]
    assert (each.told.n, each.told.before, each.others.n) == (12, 50, 12)
    assert each.told.after == pytest.approx((9 * 100 + 3 * 75) / 12)
    assert each.difference is not None
    assert each.difference.value == pytest.approx(37.5)
    assert each.difference.low > 0
    rows = city.rows("needs.effect", days=30)
    assert rows["satisfaction:difference"]["change"] == 37.5
    assert rows["satisfaction:told"]["before"] == 50


def test_an_answer_from_before_says_nothing_of_afterwards(city: Town) -> None:
    told, _rest = delivered(city, asked=3, others=2)
    answered(city, told[0], 30, 5)
    city.day(60)
    with city.crm.session(SYSTEM) as session:
        (each,) = [each for each in effects(session, 30).found if each.name == "satisfaction"]
    assert (each.told.n, each.others.n, each.difference) == (1, 0, None)


def test_without_other_plugins_there_are_no_figures_and_that_is_said(village: Town) -> None:
    village.customer("Ada", village.need("Glass"))
    found = village.report("needs.effect")
    assert found.rows == ()
    assert "none of them is enabled" in found.notes[0].text


def everything(crm: CRM) -> None:
    """Enable needs and all whose facts are read."""
    for name in ("messaging", "feedback", "churn", "needs"):
        crm.enable(name)


def test_money_is_in_units_of_the_base_currency(templates: Templates, tmp_path: Path) -> None:
    url, _nothing = templates.copy_filled("sqlite", tmp_path, everything)
    with CRM.open(url) as crm:
        city = Town(crm)
        city.day(0)
        city.run("business.configure", base_currency="CNY")
        told, _rest = delivered(city, asked=2, others=2)
        city.day(20)
        bought = {"kind": "purchase", "amount": "12.50", "currency": "CNY", "customer_id": told[0].id}
        city.run("interaction.record", **bought)
        city.day(60)
        rows = city.rows("needs.effect", days=30)
    assert {key.partition(":")[0] for key in rows} == {"satisfaction", "leaving", "revenue", "lifetime"}
    revenue = rows["revenue:told"]
    assert (revenue["n"], revenue["unit"], revenue["change"]) == (2, "CNY", 6.25)
