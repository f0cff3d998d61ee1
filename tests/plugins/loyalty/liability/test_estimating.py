"""What points cost in the end, by hand; and what was booked stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_loyalty.liability.errors import AlreadyClosed
from crmkit_loyalty.liability.estimating import Liability, liability_of
from crmkit_loyalty.liability.models import LiabilityClosing
from crmkit_loyalty.liability.reports import BreakageParameters, age_rows, breakage_rows
from crmkit_loyalty.programs.finding import program_named, types_of
from sqlalchemy import select

from crmkit.errors import InvalidInput
from tests.plugins.loyalty.shop import START, Shop

ACCOUNTS = 30


def owed(shop: Shop, days: int = 0) -> Liability:
    """Return what the points cost so many days ago."""
    with shop.crm.session(shop.actor) as session:
        kind = types_of(session, program_named(session).id)[0]
        return liability_of(session, kind, session.today() - timedelta(days=days))


@pytest.fixture
def old(both: Shop) -> Shop:
    """Thirty accounts got 100 points four and a half months ago, and 100 today. Of the old ones each redeemed 40 in the
    second month of their age; nothing else has happened."""
    for number in range(ACCOUNTS):
        both.give(100, f"Member {number}")
    both.clock.advance(days=40)
    for number in range(ACCOUNTS):
        both.spend(40, f"Member {number}")
    both.clock.advance(days=97)
    for number in range(ACCOUNTS):
        both.give(100, f"Member {number}")
    return both


def test_each_lot_is_valued_at_its_age(old: Shop) -> None:
    """The hazard of the second month is 40 of 100 and all others nought: of a young point 40% are redeemed, and, as all
    that ever left was redeemed, the tail of old ones is: 60 x 1 + 100 x (0.4 + 0.6 x 1) points of a fen each."""
    found = owed(old)
    assert (ACCOUNTS * 160, ACCOUNTS * 160) == (found.points, found.cost_minor)
    assert found.estimated
    assert [0.0, 0.4, 0.4, 0.4] == [pytest.approx(each.redeemed) for each in found.ages]
    assert [3000, 3000, 1800, 1800] == [each.at_risk for each in found.ages]
    assert pytest.approx(1.0) == found.share.value


def test_what_expires_is_not_owed(old: Shop) -> None:
    """Two years on all is over: the old lots lost 60, the young ones 100, which the table knows: 40% of 200 were
    redeemed of the one half, none of the other. A lot of today is worth (40 + 0) of 200."""
    old.clock.advance(days=800)
    old.tick()
    old.clock.advance(days=40)
    old.give(100, "Member 0")
    found = owed(old)
    assert 100 == found.points
    assert pytest.approx(0.2) == found.share.value
    assert pytest.approx(20) == found.expected.value
    cohort = found.cohorts[0]
    assert ("2027-Q1", 3000, 1200, 1800, 0) == (
        cohort.quarter, cohort.earned, cohort.redeemed, cohort.expired, cohort.left,
    )  # fmt: skip
    assert pytest.approx(0.6) == cohort.breakage.value


def test_a_day_that_is_past_knows_nothing_of_what_came_after(old: Shop) -> None:
    then = owed(old, days=100)
    assert ACCOUNTS * 100 == then.points, "what was spent on the fortieth day was there on the thirty-seventh"
    assert not then.estimated, "no lot had been followed for three months"
    assert then.expected.value == then.cost_minor


def test_points_that_were_passed_on_count_once(old: Shop) -> None:
    given = {"to_account_id": old.account("Member 1"), "points": 160}
    before = owed(old)
    old.run("loyalty.points.transfer", given, target=old.account("Member 0"))
    after = owed(old)
    assert before.points == after.points
    assert sum(each.earned for each in before.cohorts) == sum(each.earned for each in after.cohorts)


def test_the_reports_have_cohorts_and_ages(old: Shop) -> None:
    with old.crm.session(old.actor) as session:
        table = breakage_rows(session, BreakageParameters(), None)
        ages = age_rows(session, BreakageParameters(), None)
    assert ["2027-Q1", "2027-Q3"] == [row["quarter"] for row in table.rows]
    assert [1, 2, 3, 4] == [row["month"] for row in ages.rows]


def test_what_was_booked_stays(old: Shop) -> None:
    assert 1 == old.run("loyalty.liability.close")
    with old.crm.session(old.actor) as session:
        entry = session.scalars(select(LiabilityClosing)).one()
        yesterday = session.today() - timedelta(days=1)
    # Yesterday there were the old lots alone, of which 60 points each are left.
    assert (yesterday, ACCOUNTS * 60, ACCOUNTS * 60) == (entry.day, entry.points, entry.cost_minor)
    with pytest.raises(AlreadyClosed):
        old.run("loyalty.liability.close")
    with pytest.raises(AlreadyClosed):
        old.run("loyalty.liability.close", {"day": START.date()})


def test_a_day_that_is_not_over_is_not_closed(shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="not over"):
        shop.run("loyalty.liability.close", {"day": START.date()})
