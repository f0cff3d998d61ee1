"""Members complete challenges, get points and badges once, and lose what was reversed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from crmkit_loyalty.challenges.errors import NotADraftChallenge
from crmkit_loyalty.challenges.models import Badge, Challenge, ChallengeCompletion, ChallengeProgress
from sqlalchemy import select

from crmkit import Actor, InvalidInput, Refused, catalogue_of, moment_of, values_of
from crmkit.errors import AlreadyExists
from tests.plugins.loyalty.shop import START, Shop


def challenge(shop: Shop, **options: Any) -> Challenge:
    """Add a challenge and publish it: three purchases a month bring 100 points and a badge, unless said otherwise."""
    values = {"name": "regular", "title": "Regular", "target": 3, "window": "month", "points": 100, "badge": "Regular"}
    made = shop.run("loyalty.challenge.create", {**values, **options})
    shop.run("loyalty.challenge.publish", target=made.id)
    shop.work()
    return made


def completions(shop: Shop) -> list[tuple[str, int, str]]:
    """Return what was completed: period, turn, state."""
    with shop.crm.session(shop.actor) as session:
        query = select(ChallengeCompletion).order_by(ChallengeCompletion.period, ChallengeCompletion.turn)
        return [(row.period, row.turn, row.state) for row in session.scalars(query)]


def badges(shop: Shop) -> list[tuple[str, str]]:
    """Return the badges that there are."""
    with shop.crm.session(shop.actor) as session:
        return [(row.title, row.state) for row in session.scalars(select(Badge))]


def on(day: int, hour: int = 4) -> datetime:
    """Return an hour (UTC) of a day of March 2027."""
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def test_a_challenge_is_completed_once_in_each_period(both: Shop) -> None:
    challenge(both)
    for _number in range(5):
        both.record("purchase", amount=10)
    assert (completions(both), both.balance()) == ([("2027-03", 1, "given")], 100)
    assert badges(both) == [("Regular", "given")]
    both.clock.set(datetime(2027, 4, 2, tzinfo=UTC))
    for _number in range(3):
        both.record("purchase", amount=10)
    assert (len(completions(both)), both.balance(), len(badges(both))) == (2, 200, 1)
    assert both.agrees()


def test_what_is_looked_at_again_gives_nothing_more(shop: Shop) -> None:
    challenge(shop)
    for _number in range(3):
        shop.record("purchase", amount=10)
    for _number in range(2):
        assert shop.run("loyalty.challenge.look", {"customer_ids": (shop.customer(),)}) == 0
    assert shop.balance() == 100


def test_a_reversal_takes_it_back_and_another_purchase_brings_it_again(both: Shop) -> None:
    challenge(both)
    last = [both.record("purchase", amount=10) for _number in range(3)][-1]
    both.reverse(last)
    assert (completions(both), both.balance()) == ([("2027-03", 1, "taken_back")], 0)
    assert badges(both) == [("Regular", "taken_back")]
    both.record("purchase", amount=10)
    assert completions(both) == [("2027-03", 1, "taken_back"), ("2027-03", 2, "given")]
    assert (both.balance(), badges(both)) == (100, [("Regular", "given")])
    assert both.agrees()


def test_a_badge_may_be_kept(shop: Shop) -> None:
    challenge(shop, badge_rule="keep", target=1)
    shop.reverse(shop.record("purchase", amount=10))
    assert (badges(shop), shop.balance()) == ([("Regular", "given")], 0)


def test_a_sum_is_of_money_less_refunds(shop: Shop) -> None:
    challenge(shop, kind="sum", target=100, window="whole")
    first = shop.record("purchase", amount=60)
    shop.record("purchase", amount=60)
    assert shop.balance() == 100
    refund = shop.refund(first, amount=30)
    assert shop.balance() == 0
    shop.reverse(refund)
    assert shop.balance() == 100


def test_the_condition_is_that_of_rules(shop: Shop) -> None:
    challenge(shop, target=1, condition="amount >= 50 and purchase.count >= 2", window="day")
    shop.record("purchase", amount=60)
    assert completions(shop) == []
    shop.clock.advance(hours=1)
    shop.record("purchase", amount=49)
    assert completions(shop) == []
    shop.clock.advance(hours=1)
    shop.record("purchase", amount=50)
    assert completions(shop) == [("2027-03-01", 1, "given")]


def test_days_are_those_of_the_company(shop: Shop) -> None:
    """A quarter past midnight in Shanghai is the day before in UTC."""
    challenge(shop, kind="streak", target=3, points=5)
    for instant in (on(1, 5), on(1, 17), on(2, 17)):
        shop.clock.set(instant)
        shop.record("purchase", amount=10, occurred_at=instant)
    assert (completions(shop), shop.balance()) == ([("#1", 1, "given")], 5)


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_the_order_of_arrival_makes_no_difference(shop: Shop, order: tuple[int, ...]) -> None:
    """Four days, one of them reversed, in whatever order they become known."""
    challenge(shop, kind="streak", target=2, points=10, since="2027-03-01")
    shop.customer()
    shop.clock.set(on(9))
    made = {}
    for number in order:
        made[number] = shop.record("purchase", amount=10, occurred_at=on(4 + number))
    assert shop.balance() == 20
    shop.reverse(made[1])
    assert (shop.balance(), shop.agrees()) == (10, True)
    with shop.crm.session(shop.actor) as session:
        assert [row.done for row in session.scalars(select(ChallengeProgress))] == [1]


def test_what_was_done_before_it_was_published_counts(shop: Shop) -> None:
    shop.record("purchase", amount=10)
    shop.clock.advance(days=3)
    challenge(shop, target=1, since="2027-03-01", window="whole")
    assert shop.balance() == 100
    challenge(shop, name="later", target=1, window="whole")
    assert shop.balance() == 100, "without a first day it begins with the day on which it is published"


def test_what_was_done_before_joining_does_not(shop: Shop) -> None:
    shop.customer()
    challenge(shop, target=1, since="2027-02-01", window="whole")
    shop.record("purchase", amount=10, occurred_at=START - timedelta(days=5))
    assert completions(shop) == []


def test_a_retired_one_ends_with_its_day(shop: Shop) -> None:
    made = challenge(shop, target=2, window="whole")
    first = shop.record("purchase", amount=10)
    shop.record("purchase", amount=10)
    shop.run("loyalty.challenge.retire", target=made.id)
    shop.clock.advance(days=2)
    shop.record("purchase", name="Li Na", amount=10)
    shop.record("purchase", name="Li Na", amount=10)
    assert (shop.balance(), shop.balance("Li Na")) == (100, 0)
    shop.reverse(first)
    assert shop.balance() == 0


def test_a_published_one_is_not_changed(shop: Shop) -> None:
    made = challenge(shop)
    with pytest.raises(NotADraftChallenge):
        shop.run("loyalty.challenge.update", {"points": 5}, target=made.id)
    with pytest.raises(NotADraftChallenge):
        shop.run("loyalty.challenge.publish", target=made.id)
    with pytest.raises(NotADraftChallenge):
        shop.run("loyalty.challenge.remove", target=made.id)
    with pytest.raises(AlreadyExists):
        challenge(shop)


def test_a_draft_is_changed_and_removed(shop: Shop) -> None:
    made = shop.run("loyalty.challenge.create", {"name": "draft", "target": 3})
    shop.run("loyalty.challenge.update", {"title": "New", "badge": " "}, target=made.id)
    with pytest.raises(InvalidInput):
        shop.run("loyalty.challenge.retire", target=made.id)
    shop.run("loyalty.challenge.remove", target=made.id)
    with shop.crm.session(shop.actor) as session:
        assert session.scalars(select(Challenge)).all() == []


@pytest.mark.parametrize(
    "values",
    [
        {"target": 0},
        {"target": "2.5"},
        {"kind": "streak", "target": 5000},
        {"condition": "amout > 3"},
        {"name": "No"},
        {"since": "2027-03-02", "until": "2027-03-01"},
    ],
)
def test_what_cannot_be_done_is_refused(shop: Shop, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        shop.run("loyalty.challenge.create", {"name": "x", "target": 3, **values})


def test_only_the_framework_looks(shop: Shop) -> None:
    for name, values in (("loyalty.challenge.look", {"customer_ids": ()}), ("loyalty.challenge.catch_up", {})):
        with pytest.raises(Refused):
            shop.crm.run(Actor.plugin("loyalty"), name, values)


def test_challenges_are_facts(both: Shop) -> None:
    challenge(both, target=1)
    both.record("purchase", amount=10)
    customer = both.customers["Wang Lin"]
    with both.crm.session(both.actor) as session:
        refs = [catalogue_of(session).ref(f"loyalty.{name}") for name in ("challenges_completed", "badges")]
        found = values_of(session, refs, [customer], moment_of(session))[customer]
        assert [found[ref] for ref in refs] == [1, 1]


def test_a_merge_completes_what_both_have_done(shop: Shop) -> None:
    made = shop.run("loyalty.challenge.create", {"program": "club", "name": "pair", "target": 2, "points": 5})
    shop.run("loyalty.challenge.publish", target=made.id)
    shop.record("purchase", amount=1)
    shop.record("purchase", amount=1, name="Li Na")
    shop.run("customer.merge", {"absorb": shop.customer("Li Na")}, target=shop.customer())
    shop.work()
    with shop.crm.session(shop.actor) as session:
        assert 1 == len(session.scalars(select(ChallengeCompletion)).all())
