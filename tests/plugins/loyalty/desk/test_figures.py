"""The figures of the overview: months of the company's zone, what is outstanding, and where the bars stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crmkit_loyalty.desk.drawing import HEIGHT, WIDTH, bars
from crmkit_loyalty.desk.figures import Flow, flows, members_of, open_redemptions, outstanding, tier_counts
from crmkit_loyalty.programs.finding import program_named, types_of
from hypothesis import given, strategies as st

from tests.plugins.loyalty.shop import START, Shop

SHANGHAI = "Asia/Shanghai"


def months(shop: Shop) -> list[Flow]:
    """Return the months of the shop's points."""
    with shop.crm.session(shop.actor) as session:
        kind = types_of(session, program_named(session).id)[0]
        return flows(session, kind, session.today(), SHANGHAI)


def test_what_came_and_went_stands_in_the_month_of_the_zone(both: Shop) -> None:
    both.give(100)
    spent = both.spend(40)
    both.run("loyalty.points.give_back", {"points": 10}, target=spent.id)
    both.clock.set(datetime(2027, 3, 31, 16, tzinfo=UTC))  # the first of April in Shanghai
    both.give(-20)
    both.give(7)
    march, april = months(both)[-2:]
    assert march == Flow(month="2027-03", issued=100, spent=30, expired=0, back=0)
    assert april == Flow(month="2027-04", issued=7, spent=0, expired=0, back=20)
    assert len(months(both)) == 12


def test_what_expired_is_told_apart_and_a_transfer_is_nothing(shop: Shop) -> None:
    shop.give(100)
    shop.account("Li Na")
    shop.run("loyalty.points.transfer", {"to_account_id": shop.account("Li Na"), "points": 30}, shop.account())
    shop.clock.set(datetime(2029, 3, 5, tzinfo=UTC))
    shop.tick()
    assert months(shop)[-1] == Flow(month="2029-03", issued=0, spent=0, expired=100, back=0)


def test_what_members_have_adds_up(both: Shop) -> None:
    both.give(100)
    both.give(50, "Li Na")
    both.run("loyalty.hold.create", {"customer_id": both.customer(), "points": 30})
    with both.crm.session(both.actor) as session:
        program = program_named(session)
        kinds = types_of(session, program.id)
        (found,) = outstanding(session, kinds, START + timedelta(days=90))
        assert (found.available, found.held, found.whole, found.soon) == (120, 30, 150, 0)
        (later,) = outstanding(session, kinds, START + timedelta(days=800))
        assert later.soon == 120
        assert members_of(session, program) == 2


def test_members_are_counted_by_tier_and_leave_it(shop: Shop) -> None:
    shop.run("loyalty.tier.create", {"name": "basic", "level": 0})
    for name in ("Wang Lin", "Li Na"):
        shop.customer(name)
    shop.work()
    with shop.crm.session(shop.actor) as session:
        program = program_named(session)
        assert [(tier.name, count) for tier, count in tier_counts(session, program)] == [("basic", 2)]
        assert open_redemptions(session, program) == 0


@given(st.lists(st.lists(st.integers(-(10**9), 10**12), min_size=4, max_size=4), max_size=12))
def test_bars_stand_within_the_drawing(rows: list[list[int]]) -> None:
    drawn = bars([(str(at), values) for at, values in enumerate(rows)])
    assert len(drawn.bars) == sum(value > 0 for values in rows for value in values)
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
    assert 2 <= len(drawn.ticks) <= 6
