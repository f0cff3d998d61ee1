"""A history of points that is written at once: what comes of it is what single commands would have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit_loyalty.ledger.models import Transaction
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from tests.plugins.loyalty.shop import START, Shop

DAY = timedelta(days=1)
LONG_AGO = START - 600 * DAY


def told(outcome: Any) -> str:
    """Return why a movement was not taken."""
    (problem,) = outcome.problems
    return str(problem.render())


def past(shop: Shop, *happened: tuple[str, int, datetime], name: str = "Wang Lin", kind: str = "") -> list[Any]:
    """Take movements of a customer over at once, each with its key, points and instant; return what came of each."""
    customer = shop.customer(name)
    items = [
        {"customer_id": customer, "key": key, "points": points, "at": at, "point_type": kind}
        for key, points, at in happened
    ]
    outcomes = shop.crm.run_many(shop.actor, "loyalty.history.load", items)
    return [each.result if each.ok else told(each) for each in outcomes]


def count(shop: Shop, model: Any) -> int:
    """Return how many rows of a model there are."""
    with shop.crm.session(shop.actor) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_what_was_earned_and_spent_is_there_with_its_lots(both: Shop) -> None:
    made = past(both, ("a", 100, LONG_AGO), ("b", 50, LONG_AGO + DAY), ("c", -120, LONG_AGO + 2 * DAY))
    assert all(isinstance(each, UUID) for each in made)
    assert [(lot.points, lot.left) for lot in both.lots()] == [(100, 0), (50, 30)]
    assert both.balance() == 30
    assert both.agrees()


def test_the_same_key_counts_once_within_a_batch_and_later(both: Shop) -> None:
    first = past(both, ("a", 100, LONG_AGO), ("a", 100, LONG_AGO))
    again = past(both, ("a", 100, LONG_AGO), ("b", 1, LONG_AGO + DAY))
    assert first[0] == first[1] == again[0]
    assert both.balance() == 101
    assert count(both, Transaction) == 2


def test_what_is_not_there_is_not_spent_and_nothing_is_written_of_it(both: Shop) -> None:
    made = past(both, ("a", 100, LONG_AGO), ("b", -101, LONG_AGO + DAY), ("c", -40, LONG_AGO + 2 * DAY))
    assert "101 are wanted, and 100 can be spent" in made[1]
    assert both.balance() == 60
    assert count(both, Transaction) == 2
    assert both.agrees()


def test_lots_that_were_there_before_are_spent_from(both: Shop) -> None:
    past(both, ("a", 100, LONG_AGO))
    past(both, ("b", -30, LONG_AGO + DAY), ("c", 10, LONG_AGO + 2 * DAY))
    assert [lot.left for lot in both.lots()] == [70, 10]
    assert both.agrees()


def test_points_whose_time_was_over_were_not_spent(shop: Shop) -> None:
    before = LONG_AGO - 400 * DAY
    made = past(shop, ("a", 100, before), ("b", -10, before + 740 * DAY))
    assert "10 are wanted, and 0 can be spent" in made[1]


def test_what_waits_is_not_spent(shop: Shop) -> None:
    shop.run("loyalty.point_type.create", {"program": "club", "name": "slow", "title": "Slow", "pending_days": 30})
    made = past(shop, ("a", 5, START - 40 * DAY), ("b", 7, START - 10 * DAY), ("c", -6, START - DAY), kind="slow")
    assert "6 are wanted, and 5 can be spent" in made[2]
    assert (shop.standing(kind=1).available, shop.standing(kind=1).pending) == (5, 7)
    assert shop.agrees()


def test_a_debt_is_paid_by_what_comes(shop: Shop) -> None:
    bought = shop_that_earns(shop)
    shop.spend(100)
    shop.refund(bought, amount=100)
    assert shop.balance() == -100
    past(shop, ("a", 130, START - DAY))
    assert shop.balance() == 30
    assert shop.agrees()


def shop_that_earns(shop: Shop) -> Any:
    """Have a point be given for each yuan, and record a purchase for 100."""
    shop.rules({"name": "base", "points": "amount"})
    return shop.record("purchase", amount=100)


def test_what_is_wrong_costs_itself_alone(shop: Shop) -> None:
    """Movements of nobody, of no points, of the future and of unknown points are named; the others are taken."""
    stranger = shop.run("customer.create", {"kind": "person", "name": "Li Na"}).id
    good = {"customer_id": shop.customer(), "key": "good", "points": 5, "at": LONG_AGO}
    wrong = [
        {"customer_id": stranger},
        {"points": 0},
        {"at": START + 400 * DAY},
        {"point_type": "stars"},
        {"program": "x"},
        {"key": " "},
    ]
    items = [{**good, "key": f"k{place}", **each} for place, each in enumerate(wrong)]
    outcomes = shop.crm.run_many(shop.actor, "loyalty.history.load", [*items, good])
    assert [each.ok for each in outcomes] == [False] * len(wrong) + [True]
    assert len({told(each) for each in outcomes[:-1]}) == len(wrong)
    assert shop.balance() == 5


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-60, 60).filter(bool), min_size=1, max_size=12), cut=st.integers(0, 12))
def test_batches_leave_what_single_commands_leave(shop: Shop, amounts: Sequence[int], cut: int) -> None:
    """Wherever a history is cut into batches, lots and balances are those of one command after the other."""
    number = len(shop.customers)
    one, other = f"One {number}", f"Other {number}"
    happened = [(f"{number} {place}", points, LONG_AGO + place * DAY) for place, points in enumerate(amounts)]
    for part in (happened[:cut], happened[cut:]):
        if part:
            past(shop, *part, name=one)
    for key, points, at in happened:
        past(shop, (f"single {key}", points, at), name=other)
    left = [[(lot.points, lot.left) for lot in shop.lots(name)] for name in (one, other)]
    assert left[0] == left[1]
    assert shop.balance(one) == shop.balance(other) == sum(rest for _points, rest in left[0])
    assert shop.agrees()
