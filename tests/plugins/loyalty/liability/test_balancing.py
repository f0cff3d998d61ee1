"""What came and went balances to the point, for whatever happened, on any day; what does not is seen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_loyalty.liability.balancing import RollForward, roll_forward
from crmkit_loyalty.liability.reports import LiabilityParameters, liability_rows
from crmkit_loyalty.programs.finding import program_named, types_of
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from crmkit import Actor
from crmkit.errors import Refused
from tests.plugins.loyalty.shop import START, Shop

FIRST = START.date()


def moved(shop: Shop, first: date = FIRST, last: date | None = None) -> RollForward:
    """Return what came and went of the first kind of points."""
    with shop.crm.session(shop.actor) as session:
        kinds = types_of(session, program_named(session).id)
        return roll_forward(session, kinds, first, last or session.today())[0]


def test_a_month_line_by_line(both: Shop) -> None:
    """Opening 300; 100 for a purchase come, 40 are spent and 10 of them given back, the refund takes 100 back."""
    both.rules({"name": "one", "points": "amount"})
    both.give(300)
    both.clock.advance(days=2)
    purchase = both.buy(amount=100)
    spent = both.spend(40)
    both.run("loyalty.points.give_back", {"points": 10, "reason": "a test"}, target=spent.id)
    both.refund(purchase, amount=100)
    found = moved(both, FIRST + timedelta(days=1))
    assert (300, 270) == (found.opening, found.closing)
    assert {"earn": 100, "spend": -40, "claw_back": -100, "give_back": 10} == dict(found.moved)
    assert [0, 0, 0] == found.differences


def test_a_day_that_is_past_is_as_it_was(both: Shop) -> None:
    both.give(300)
    both.clock.advance(days=10)
    both.spend(120)
    found = moved(both, last=FIRST + timedelta(days=5))
    assert (0, 300) == (found.opening, found.closing)
    assert (0, None, None) == (found.against_programme, found.against_balances, found.against_lots)


def test_points_that_are_owed_are_in_the_sum(shop: Shop) -> None:
    shop.rules({"name": "one", "points": "amount"})
    purchase = shop.buy(amount=100)
    shop.spend(80)
    shop.refund(purchase, amount=100)
    found = moved(shop)
    assert (-80, 80) == (found.closing, found.owed)
    assert [0, 0, 0] == found.differences


def test_reserved_points_are_still_on_accounts(shop: Shop) -> None:
    shop.give(100)
    shop.run("loyalty.hold.create", {"customer_id": shop.customer(), "points": 30, "ref": "order:1"})
    found = moved(shop)
    assert {"pending": 0, "available": 70, "held": 30} == dict(found.sides)
    assert [0, 0, 0] == found.differences


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE loyalty_balance SET available = available + 7", 1),
        ('UPDATE loyalty_lot SET "left" = "left" - 3', 2),
        ("DELETE FROM loyalty_posting WHERE side = 'issued'", 0),
    ],
)
def test_what_was_tampered_with_does_not_balance(both: Shop, statement: str, place: int) -> None:
    both.give(100)
    assert [0, 0, 0] == moved(both).differences
    with both.crm.engines.system_write.begin() as connection:
        connection.execute(text(statement))
    found = moved(both).differences
    assert found[place] != 0
    assert 2 == found.count(0)


def test_a_transfer_changes_nothing_in_the_whole(shop: Shop) -> None:
    shop.give(100)
    shop.customer("Li Na")
    given = {"to_account_id": shop.account("Li Na"), "points": 60}
    shop.run("loyalty.points.transfer", given, target=shop.account())
    found = moved(shop)
    assert 100 == found.closing
    assert [0, 0, 0] == found.differences


STEP = st.sampled_from(["give", "buy", "spend", "refund", "hold", "tick", "day", "month"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=12), cut=st.integers(0, 400))
def test_it_balances_whatever_happens_and_wherever_it_is_cut(shop: Shop, steps: list[str], cut: int) -> None:
    """The shop lives on from example to example: what is found has to hold for ever longer histories."""
    shop.rules({"name": "one", "points": "amount"})
    purchases: list[object] = []
    for step in steps:
        try:
            if step == "give":
                shop.give(50)
            elif step == "buy":
                purchases.append(shop.buy(amount=40))
            elif step == "spend":
                shop.spend(30)
            elif step == "refund" and purchases:
                shop.refund(purchases.pop(), amount=40)
            elif step == "hold":
                shop.run("loyalty.hold.create", {"customer_id": shop.customer(), "points": 5, "ref": "order:1"})
            elif step in ("day", "month"):
                shop.clock.advance(days=1 if step == "day" else 200)
            shop.tick()
        except Refused:
            pass
        except Exception as error:
            if getattr(error, "code", "") != "LOY201":
                raise
    whole = moved(shop)
    middle = FIRST + timedelta(days=cut)
    if middle < whole.last:
        before, after = moved(shop, last=middle), moved(shop, middle + timedelta(days=1))
        assert before.closing == after.opening
        assert 0 == before.against_programme
        assert whole.closing == after.closing
    assert [0, 0, 0] == whole.differences


def test_the_report_has_the_lines_and_says_how_prudent_it_is(shop: Shop) -> None:
    shop.give(100)
    with shop.crm.session(Actor.system("a test")) as session:
        table = liability_rows(session, LiabilityParameters(), None)
    lines = {row["key"]: (row["points"], row["cost"]) for row in table.rows}
    assert (100, None) == lines["points.closing"]
    assert (0, None) == lines["points.balances"]
    assert (100, 100) == lines["points.cost"], "a point costs a fen"
    assert lines["points.expected"] == lines["points.cost"]
    assert any("Too little" in note.text for note in table.notes)
