"""Lots as they were at the end of a day: summed by month, with what became of them, to the point of the books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from crmkit_loyalty.liability.balancing import roll_forward
from crmkit_loyalty.liability.estimating import Liability, liability_of
from crmkit_loyalty.liability.following import Lots, lots_of
from crmkit_loyalty.programs.finding import program_named, types_of
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.errors import CrmkitError
from tests.plugins.loyalty.shop import START, Shop

FIRST = START.date()


def followed(shop: Shop, day: date | None = None) -> list[Lots]:
    """Return the lots of the first kind of points, the oldest first."""
    with shop.crm.session(shop.actor) as session:
        kind = types_of(session, program_named(session).id)[0]
        found = lots_of(session, kind.id, day or session.today())
    return sorted(found, key=lambda each: (each.month, each.account))


def cost(shop: Shop, day: date | None = None) -> Liability:
    """Return what points of the first kind cost."""
    with shop.crm.session(shop.actor) as session:
        kind = types_of(session, program_named(session).id)[0]
        return liability_of(session, kind, day or session.today())


def on_lots(shop: Shop, day: date | None = None) -> int:
    """Return how many points are on accounts, and what is owed not taken off: what lots have to come to."""
    with shop.crm.session(shop.actor) as session:
        kinds = types_of(session, program_named(session).id)
        found = roll_forward(session, kinds, FIRST, day or session.today())[0]
        return found.closing + found.owed


def test_a_lot_by_hand(both: Shop) -> None:
    """March: 300 are given, 60 spent, 10 of them given back. May (age 2): 40 are spent. 300 - 60 + 10 - 40 = 210."""
    both.give(300)
    spent = both.spend(60)
    both.run("loyalty.points.give_back", {"points": 10, "reason": "a test"}, target=spent.id)
    both.clock.advance(days=70)
    both.spend(40)
    (lots,) = followed(both)
    assert (300, 210, 90, 0, 0) == (lots.points, lots.left, lots.redeemed, lots.expired, lots.reversed)
    assert [(0, 50, 0), (2, 40, 0)] == lots.went
    assert (2, "2027-Q1", Decimal("0.01")) == (lots.age, lots.quarter, lots.unit_cost)
    (before,) = followed(both, FIRST)
    assert (250, 0, [(0, 50, 0)]) == (before.left, before.age, before.went)
    assert (1, 1) == tuple(each.age for day in (31, 32) for each in followed(both, FIRST + timedelta(days=day - 1)))


def test_before_anything_was_earned_there_is_nothing(both: Shop) -> None:
    assert [] == followed(both)
    both.give(300)
    assert [] == followed(both, FIRST - timedelta(days=1))
    assert [] == followed(both, date(2001, 1, 1))
    assert (0, 0) == (cost(both, date(2001, 1, 1)).points, cost(both, date(2001, 1, 1)).cost_minor)


def test_months_are_those_of_the_company(both: Shop) -> None:
    """The clock stands at 10 in Shanghai; 14 hours later it is the second there, and still the first elsewhere."""
    both.clock.advance(days=30, hours=15)
    both.give(100)
    (lots,) = followed(both)
    assert 2027 * 12 + 3 == lots.month, "the first of April in Shanghai is the last of March in UTC"
    assert "2027-Q2" == lots.quarter


def test_a_debt_that_is_paid_is_not_outstanding(both: Shop) -> None:
    """100 are earned, spent, and taken back: 100 are owed. Of the next 150 earned, 100 pay: 50 cost something."""
    both.rules({"name": "one", "points": "amount"})
    purchase = both.buy(amount=100)
    both.spend(100)
    both.refund(purchase, amount=100)
    assert (0, 0) == (cost(both).points, on_lots(both))
    both.buy(amount=150)
    (lots,) = followed(both)
    assert (250, 50, 100, 100) == (lots.points, lots.left, lots.redeemed, lots.reversed)
    assert (50, 50) == (cost(both).points, cost(both).cost_minor), "a point costs a fen"


def test_reserved_points_are_outstanding(both: Shop) -> None:
    both.give(100)
    both.run("loyalty.hold.create", {"customer_id": both.customer(), "points": 30, "ref": "order:1"})
    assert (100, 100) == (cost(both).points, cost(both).cost_minor)


def test_points_that_expired_are_gone_at_their_age(both: Shop) -> None:
    """They are good for 24 months: what is earned in March 2027 is gone in March 2029."""
    both.give(100)
    both.clock.advance(days=760)
    both.tick()
    (lots,) = followed(both)
    assert (0, 100, [(24, 0, 100)]) == (lots.left, lots.expired, lots.went)


def test_points_that_were_passed_on_count_once_and_keep_their_age(both: Shop) -> None:
    both.give(100)
    both.customer("Li Na")
    both.clock.advance(days=70)
    given_ = {"to_account_id": both.account("Li Na"), "points": 60}
    both.run("loyalty.points.transfer", given_, target=both.account())
    found = followed(both)
    assert [40, 60] == sorted(each.points for each in found)
    assert {2} == {each.age for each in found}
    assert 100 == cost(both).points


def test_each_lot_costs_what_its_points_cost(both: Shop) -> None:
    """100 at a fen and 100 at two fen: 300 fen, for 200 points."""
    both.give(100)
    with both.crm.session(both.actor) as session:
        kind = types_of(session, program_named(session).id)[0].id
    both.run("loyalty.point_type.update", {"unit_cost": "0.02"}, target=kind)
    both.give(100)
    found = cost(both)
    assert (200, 300) == (found.points, found.cost_minor)
    assert (300, 300, 300) == (found.expected.value, found.expected.low, found.expected.high)
    assert not found.estimated


def test_known_breakage_is_taken_off(shop: Shop) -> None:
    """30 members get 100 each and spend 25 at once; after 24 months the rest is gone: a quarter is ever redeemed. Of
    what is given then, 30 times 100 at a fen, 750 fen are expected to be redeemed, of 3,000."""
    for number in range(30):
        shop.give(100, f"Member {number}")
        shop.spend(25, f"Member {number}")
    for days in (735, 70):
        shop.clock.advance(days=days)
        shop.tick()
    for number in range(30):
        shop.give(100, f"Member {number}")
    found = cost(shop)
    assert found.estimated
    assert (3000, 3000) == (found.points, found.cost_minor)
    assert 750 == round(found.expected.value)
    assert found.expected.low <= found.expected.value <= found.expected.high
    assert 0.75 == round(1 - found.share.value, 9)
    assert ["2027-Q1", "2029-Q2"] == [each.quarter for each in found.cohorts]
    assert 0.75 == round(found.cohorts[0].breakage.value, 9)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(1, 90)),
        st.tuples(st.just("spend"), st.integers(1, 90)),
        st.tuples(st.just("refund"), st.integers(1, 90)),
        st.tuples(st.just("give_back"), st.integers(1, 50)),
        st.tuples(st.just("hold"), st.integers(1, 50)),
        st.tuples(st.just("transfer"), st.integers(1, 50)),
        st.tuples(st.just("days"), st.integers(1, 400)),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, policy=st.sampled_from(["negative", "other_lots", "write_off"]), cut=st.integers(0, 900))
def test_what_costs_is_what_is_on_the_books(shop: Shop, steps: list[tuple[str, int]], policy: str, cut: int) -> None:
    """Whatever happens, on the last day and on any before: lots come to what the roll-forward closes with."""
    if not shop.customers:
        shop.rules({"name": "one", "points": "amount", "pending_days": 3})
        shop.customer()
        shop.customer("Li Na")
    with shop.crm.session(shop.actor) as session:
        program = program_named(session).id
    shop.run("loyalty.program.update", {"clawback": policy}, target=program)
    bought, spent = [], []
    for name, number in steps:
        try:
            if name == "buy":
                bought.append(shop.buy(amount=number))
            elif name == "spend":
                spent.append(shop.spend(number))
            elif name == "refund" and bought:
                shop.refund(bought.pop(), amount=number)
            elif name == "give_back" and spent:
                shop.run("loyalty.points.give_back", {"points": number}, target=spent[-1].id)
            elif name == "hold":
                shop.run("loyalty.hold.create", {"customer_id": shop.customer(), "points": number})
            elif name == "transfer":
                given_ = {"to_account_id": shop.account("Li Na"), "points": number}
                shop.run("loyalty.points.transfer", given_, target=shop.account())
            elif name == "days":
                shop.clock.advance(days=number)
                shop.tick()
        except CrmkitError:
            pass
    for day in (None, FIRST + timedelta(days=cut)):
        found = cost(shop, day)
        assert on_lots(shop, day) == found.points == sum(each.left for each in found.cohorts)
        assert found.cost_minor == found.points, "a point costs a fen"
        for each in found.cohorts:
            assert each.earned == each.redeemed + each.expired + each.taken_back + each.left
