"""The forecast of a real history: categories by owner, quotas, adjustments, snapshots, the movement, rates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from crmkit_sales.forecasting.attaining import quotas_within, speed, standings
from crmkit_sales.forecasting.board import adjustments, board_of
from crmkit_sales.forecasting.models import ForecastAdjustment, ForecastFigure, ForecastSnapshot
from crmkit_sales.forecasting.movement import LINES
from crmkit_sales.forecasting.moving import moved
from crmkit_sales.forecasting.reading import Chosen, deals_at, rates_of
from crmkit_sales.forecasting.snapshots import take_weekly
from crmkit_sales.pipelines.models import Opportunity
from sqlalchemy import select

from crmkit import Period
from crmkit.app import CRM
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.sales.forecasting.conftest import Q3, SYSTEM, Story, as_user, day

QUARTER = Period(first=date(2026, 7, 1), last=date(2026, 9, 30))
Told = tuple[CRM, Story]


def lines(crm: CRM, since: str, until: str | None, **values: Any) -> dict[str, int]:
    """Return the lines of a movement of the quarter that are not nothing."""
    with crm.session(SYSTEM) as session:
        found = moved(
            session,
            date.fromisoformat(since),
            None if until is None else date.fromisoformat(until),
            **{"period": QUARTER, **values},
        )
        assert found.movement.reconciles
        return {line: found.movement.said(line) for line in LINES if found.movement.said(line)}


def test_the_quarter_by_category(told: Told) -> None:
    """What is won, 260,000 in commit, 100,000 + 60,000 + USD 10,000 in best case, 90,000 in the pipeline; yen named."""
    crm, story = told
    with crm.session(SYSTEM) as session:
        found = board_of(session, QUARTER)
    whole = found.whole.figures
    assert whole.closed == 400_000
    assert whole.commit == 400_000 + 260_000
    assert whole.best_case == whole.commit + 100_000 + 60_000 + 72_000
    assert whole.pipeline == whole.best_case + 90_000
    assert whole.weighted == 400_000 + 208_000 + 40_000 + 30_000 + 36_000 + 18_000
    assert [(each.currency, each.count, each.amount_minor) for each in found.unconverted] == [("JPY", 1, 5000)]
    by_owner = {each.owner_id: each.figures.pipeline for each in found.owners}
    assert by_owner == {story.users["sam"]: 760_000, story.users["sue"]: 222_000}


def test_a_forecast_as_it_stood(told: Told) -> None:
    """As of a day, by what was true then: nothing won yet, and dollars at the rate of that day."""
    crm, _story = told
    with crm.session(SYSTEM) as session:
        found = board_of(session, QUARTER, as_of=date(2026, 7, 10)).whole.figures
        assert board_of(session, QUARTER, as_of=date(2026, 6, 30)).whole.figures.pipeline == 0
    assert (found.closed, found.commit) == (0, 200_000 + 400_000)
    assert found.pipeline == 600_000 + 100_000 + 300_000 + 70_000 + 70_000


def test_movement_of_the_quarter(told: Told) -> None:
    """Each line by hand between 10 July and 20 August, in amounts; the rate alone made the dollars more."""
    crm, _story = told
    assert lines(crm, "2026-07-10", None) == {
        "opening": 1_140_000,
        "new": 90_000,
        "increased": 60_000,
        "moved_in": 60_000,
        "moved_out": 300_000,
        "won": 400_000,
        "lost": 70_000,
        "rates": 2_000,
        "closing": 582_000,
    }


def test_movements_of_parts_make_that_of_the_whole(told: Told) -> None:
    """What the first closes with the second opens with, weighted and not, on every basis."""
    crm, _story = told
    for basis in ("deal", "close", "budget"):
        for measure in ("amount", "weighted"):
            first = lines(crm, "2026-07-10", "2026-08-01", basis=basis, measure=measure)
            second = lines(crm, "2026-08-01", None, basis=basis, measure=measure)
            assert first["closing"] == second["opening"]


def test_a_deal_that_goes_to_somebody_else_is_moved(told: Told) -> None:
    """Out of one person's pipeline and into the other's; for both it reconciles."""
    crm, story = told
    day(crm, "2026-08-19")
    crm.run(SYSTEM, "sales.opportunity.update", {"owner_id": story.users["sue"]}, target=story.deals["stays"])
    day(crm, "2026-08-20")
    sam = lines(crm, "2026-08-18", None, chosen=Chosen(owner_id=story.users["sam"]))
    sue = lines(crm, "2026-08-18", None, chosen=Chosen(owner_id=story.users["sue"]))
    assert (sam["moved_out"], sue["moved_in"]) == (100_000, 100_000)
    with crm.session(as_user(story, "sam")) as session:
        whose = {each.id: each.owner_id for each in deals_at(session)}
    assert whose[story.deals["stays"]] == story.users["sue"]


def test_three_bases(told: Told) -> None:
    """USD 100.00: 700 at the rate of the day it was opened, 720 by today's, 650 by the budget."""
    crm, story = told
    crm.run(
        SYSTEM,
        "sales.budget_rate.set",
        {"currency": "USD", "first": "2026-01-01", "last": "2026-12-31", "rate": "6.5"},
    )
    found = {}
    with crm.session(SYSTEM) as session:
        for basis in ("deal", "close", "budget"):
            deals = deals_at(session, basis=basis)
            found[basis] = next(each.value for each in deals if each.id == story.deals["dollars"])
    assert found == {"deal": 70_000, "close": 72_000, "budget": 65_000}


def test_people_see_the_forecast_of_what_they_see(told: Told) -> None:
    """A seller's forecast is made of the seller's own deals."""
    crm, story = told
    with crm.session(as_user(story, "sue")) as session:
        found = board_of(session, QUARTER)
    assert [each.owner_id for each in found.owners] == [story.users["sue"]]
    assert found.whole.figures.closed == 0


def quota(crm: CRM, **values: Any) -> Any:
    """Set a quota for the quarter."""
    return crm.run(
        SYSTEM, "sales.quota.create", {"first": "2026-07-01", "last": "2026-09-30", "amount_minor": 1000, **values}
    )


def test_quotas_are_held_against_what_is_closed(lite: Told) -> None:
    """Attainment and coverage of a person's, of the company's as their sum, and of their own."""
    crm, story = lite
    quota(crm, owner_id=story.users["sam"], amount_minor=1_000_000)
    quota(crm, owner_id=story.users["sue"], amount_minor=100_000, currency="USD")
    quota(crm, owner_id=story.users["sue"], amount_minor=5, first="2026-08-01", last="2026-08-31")
    with crm.session(SYSTEM) as session:
        found = board_of(session, QUARTER)
        sam = next(each for each in found.owners if each.owner_id == story.users["sam"])
        assert (sam.quota_minor, sam.attainment, sam.coverage) == (1_000_000, 0.4, 0.6)
        assert found.whole.quota_minor == 1_700_000
    quota(crm, amount_minor=2_000_000)
    with crm.session(SYSTEM) as session:
        assert board_of(session, QUARTER).whole.quota_minor == 2_000_000


def test_quotas_of_territories_and_categories(lite: Told) -> None:
    """A territory's holds what its customers bring, a category's the share of its products in the lines."""
    crm, story = lite
    crm.run(SYSTEM, "customer.update", {"city": "Hangzhou"}, target=story.customer)
    south = {"name": "south", "title": "South", "condition": 'customer.city == "Hangzhou"'}
    crm.run(SYSTEM, "work.territory.create", south)
    crm.run(SYSTEM, "product_category.create", {"name": "tea", "title": "Tea"})
    tea = crm.run(SYSTEM, "product.create", {"sku": "t", "title": "Tea", "category": "tea"})
    sold = [
        {"product_id": str(tea.id), "quantity": "1", "unit_price_minor": 25_000},
        {"text": "Cups", "quantity": "1", "unit_price_minor": 75_000},
    ]
    crm.run(SYSTEM, "sales.opportunity.set_lines", {"currency": "CNY", "lines": sold}, target=story.deals["stays"])
    quota(crm, territory="south")
    quota(crm, category="tea")
    with crm.session(SYSTEM) as session:
        rates = rates_of(session)
        found = standings(session, quotas_within(session, QUARTER), deals_at(session), rates)
    south_, tea_ = sorted(found, key=lambda each: each.quota.territory is None)
    assert (south_.closed, south_.open_minor) == (400_000, 100_000 + 260_000)
    assert (tea_.closed, tea_.open_minor) == (0, 25_000)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"last": "2026-06-30"}, InvalidInput),
        ({"territory": "a", "category": "b"}, InvalidInput),
        ({"territory": "nowhere"}, NotFound),
        ({"category": "nothing"}, NotFound),
        ({"currency": "XXQ"}, InvalidInput),
        ({"owner_id": "00000000-0000-7000-8000-000000000000"}, NotFound),
        ({}, Conflict),
    ],
)
def test_what_is_no_quota_is_refused(lite: Told, values: dict[str, Any], error: type[Exception]) -> None:
    """Days in the wrong order, of two things at once, of what there is not, the same twice."""
    crm, _story = lite
    quota(crm)
    with pytest.raises(error):
        quota(crm, **values)


def test_budget_rates_do_not_lie_across_each_other(lite: Told) -> None:
    """The same period is replaced; another one that touches it is refused, and so is a rate of nothing."""
    crm, _story = lite
    rate = {"currency": "USD", "first": "2026-01-01", "last": "2026-12-31", "rate": "6.5"}
    first = crm.run(SYSTEM, "sales.budget_rate.set", rate)
    assert crm.run(SYSTEM, "sales.budget_rate.set", {**rate, "rate": "6.6"}).id == first.id
    with pytest.raises(Conflict):
        crm.run(SYSTEM, "sales.budget_rate.set", {**rate, "first": "2026-12-31", "last": "2027-01-31"})
    with pytest.raises(InvalidInput):
        crm.run(SYSTEM, "sales.budget_rate.set", {**rate, "rate": "0"})


def test_a_manager_adjusts_and_the_original_stays(told: Told) -> None:
    """What was said last counts, what the deals came to is kept with who said it and why; it can be taken back."""
    crm, story = told
    mia = as_user(story, "mia")
    values = {"owner_id": story.users["sam"], "measure": "commit", "reason": "One is not so sure", "period": Q3}
    crm.run(mia, "sales.forecast.adjust", {**values, "amount_minor": 500_000})
    crm.run(mia, "sales.forecast.adjust", {**values, "amount_minor": 550_000})
    with crm.session(mia) as session:
        board = board_of(session, QUARTER)
        sam = next(each for each in board.owners if each.owner_id == story.users["sam"])
        assert (sam.said("commit"), sam.figures.commit) == (550_000, 660_000)
        assert (board.whole.said("commit"), board.whole.figures.commit) == (550_000, 660_000)
        kept = session.scalars(select(ForecastAdjustment).order_by(ForecastAdjustment.made_at)).all()
        assert [(each.author, each.original_minor, each.amount_minor, each.reason) for each in kept] == [
            ("Mia", 660_000, 500_000, "One is not so sure"),
            ("Mia", 660_000, 550_000, "One is not so sure"),
        ]
    crm.run(mia, "sales.forecast.adjust", {**values, "amount_minor": None})
    with crm.session(mia) as session:
        assert adjustments(session, QUARTER, "close") == {(story.users["sam"], None): {}}
    with pytest.raises(Refused):
        crm.run(as_user(story, "sam"), "sales.forecast.adjust", {**values, "amount_minor": 1})
    with pytest.raises(InvalidInput):
        crm.run(mia, "sales.forecast.adjust", {**values, "amount_minor": 1, "currency": "USD"})


def test_a_snapshot_keeps_the_figures(told: Told) -> None:
    """Of all deals whoever asks, with adjustments and what has no rate; what happens later does not touch it."""
    crm, story = told
    mia = as_user(story, "mia")
    values = {"owner_id": story.users["sam"], "measure": "commit", "reason": "Sure", "period": Q3}
    crm.run(mia, "sales.forecast.adjust", {**values, "amount_minor": 700_000})
    crm.run(mia, "sales.forecast.snapshot", {"period": Q3})
    crm.worker().run_until_idle()
    crm.run(SYSTEM, "sales.opportunity.win", target=story.deals["grows"])
    with crm.session(SYSTEM) as session:
        snapshot = session.scalars(select(ForecastSnapshot)).one()
        figures = {each.owner_id: each for each in session.scalars(select(ForecastFigure))}
    sam, sue = figures[story.users["sam"]], figures[story.users["sue"]]
    assert (sam.closed, sam.commit, sam.pipeline, sam.adjusted) == (400_000, 660_000, 760_000, {"commit": 700_000})
    assert (sue.closed, sue.pipeline, sue.open_count) == (0, 222_000, 3)
    assert snapshot.unconverted == [{"currency": "JPY", "count": 1, "amount_minor": 5000}]


def test_every_week_four_periods_are_kept(lite: Told) -> None:
    """This month and quarter, and the next ones."""
    crm, _story = lite
    with crm.transaction(SYSTEM) as session:
        take_weekly(session, session.gate.clock.now())
    with crm.session(SYSTEM) as session:
        found = sorted(
            (each.first.isoformat(), each.last.isoformat()) for each in session.scalars(select(ForecastSnapshot))
        )
    assert found == [
        ("2026-07-01", "2026-09-30"),
        ("2026-08-01", "2026-08-31"),
        ("2026-09-01", "2026-09-30"),
        ("2026-10-01", "2026-12-31"),
    ]


def test_speed(lite: Told) -> None:
    """One won in 40 days, one lost: a rate of a half; 5 × 0.5 × 400,000 ÷ 40 days = 25,000 a day and deal that is
    open."""
    crm, _story = lite
    with crm.session(SYSTEM) as session:
        deals = deals_at(session)
    found = speed(deals, date(2026, 1, 1), date(2026, 8, 20))
    opened = sum(each.is_open for each in deals)
    assert (found.won, found.lost, found.rate, found.average, found.cycle_days) == (1, 1, 0.5, 400_000, 40)
    assert found.velocity == opened * 0.5 * 400_000 / 40


def test_what_was_removed_leaves_the_pipeline(lite: Told) -> None:
    """It counts until it was removed, and is a line of its own from then on."""
    crm, story = lite
    day(crm, "2026-08-21")
    crm.run(SYSTEM, "sales.opportunity.remove", target=story.deals["new"])
    assert lines(crm, "2026-08-20", None)["removed"] == 90_000
    with crm.session(SYSTEM) as session:
        assert session.get(Opportunity, story.deals["new"]) is None
