"""Learning from the database: definitions, cut-offs, the guard, runs that are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_analytics.api import fit_now
from crmkit_churn.defining.outcomes import gone_at, outcomes, quantile
from crmkit_churn.defining.values import Definition
from crmkit_churn.errors import LeakingFeature
from crmkit_churn.scoring.running import look, model_in_use, score_all

from crmkit import CRM, moment_of
from tests.plugins.churn.company import SYSTEM, TODAY, House


def days(first: date, *gaps: int) -> list[date]:
    """Return a day and those that follow it by some gaps."""
    found = [first]
    for gap in gaps:
        found.append(found[-1] + timedelta(days=gap))
    return found


def test_a_customer_has_left_once_silent_for_longer_than_their_own_gaps(crm: CRM) -> None:
    """Who buys every week has left after a month; who buys every two months has not."""
    house = House(crm=crm)
    weekly, seldom = house.who("Weekly"), house.who("Seldom")
    house.buys(weekly, *days(date(2026, 3, 1), 7, 7, 7, 7))
    house.buys(seldom, *days(date(2025, 10, 1), 60, 60, 60, 60))
    with crm.session(SYSTEM) as session:
        found = gone_at(session, Definition(kind="gap"), moment_of(session))
    assert list(found) == [weekly]
    assert found[weekly].since == date(2026, 3, 29) + timedelta(days=31)


def test_own_quantile_is_by_nearest_rank() -> None:
    """The smallest gap that at least so many do not exceed."""
    assert [quantile([7, 8, 9, 60], share) for share in (0.5, 0.75, 0.95)] == [8, 9, 60]


def test_a_contract_has_ended_after_its_days_of_grace(lite: CRM) -> None:
    """The day of the end and the days of grace say since when somebody is gone; a cancellation does at once."""
    house = House(crm=lite)
    lite.run(SYSTEM, "custom_field.create", {"resource": "customer", "name": "ends", "title": "Ends", "type": "date"})
    ended = house.who("Ended", custom={"ends": "2026-05-01"})
    house.who("In grace", custom={"ends": "2026-06-25"})
    house.who("Runs on", custom={"ends": "2026-12-01"})
    definition = Definition(kind="contractual", outcome="custom.ends", grace_days=14)
    with lite.session(SYSTEM) as session:
        found = gone_at(session, definition, moment_of(session))
    assert {who: each.since for who, each in found.items()} == {ended: date(2026, 5, 15)}


def test_who_buys_half_as_much_has_left_in_part(lite: CRM) -> None:
    """What was bought in the last window is held against the window before it."""
    house = House(crm=lite)
    less, same = house.who("Less"), house.who("Same")
    house.buys(less, *days(TODAY - timedelta(days=170), 10, 10, 10, 10), TODAY - timedelta(days=20))
    house.buys(same, TODAY - timedelta(days=150), TODAY - timedelta(days=20))
    definition = Definition(kind="partial", outcome="purchase.amount", drop_percent=50, observation_days=90)
    with lite.session(SYSTEM) as session:
        assert list(gone_at(session, definition, moment_of(session))) == [less]


def test_outcomes_look_ahead_from_the_cut_off_alone(lite: CRM) -> None:
    """Who was there at the cut-off and is silent at the end has left; who had left before is not asked."""
    house = House(crm=lite)
    before, within, stays = (house.who(name) for name in ("Before", "Within", "Stays"))
    house.buys(before, *days(date(2025, 12, 1), 7, 7, 7, 7))
    house.buys(within, *days(date(2026, 3, 1), 7, 7, 7, 7, 7))
    house.buys(stays, *days(date(2026, 3, 1), *[7] * 17))
    with lite.session(SYSTEM) as session:
        found = outcomes(session, Definition(kind="gap"), moment_of(session, date(2026, 4, 10)), 60)
    assert {who: each.left for who, each in found.items()} == {within: True, stays: False}
    assert 0 < found[within].days < 60


def test_a_feature_recorded_after_the_cut_off_is_refused_and_named(lite: CRM) -> None:
    """History that was imported later was not known then, unless its delay is stated."""
    house = House(crm=lite)
    for number in range(40):
        who = house.who(f"Customer {number}")
        house.buys(who, *days(date(2025, 10, 1) + timedelta(days=number), *[9] * 24))
    house.define(delays={}, features=["purchase.count"])
    with pytest.raises(LeakingFeature, match=r"purchase\.count was recorded only after"):
        fit_now(lite, SYSTEM, "churn.risk", {"definition": "silent"})


@pytest.mark.parametrize(
    ("feature", "why"), [("contact.email_count", "no history"), ("churn.probability", "churn itself")]
)
def test_features_that_know_too_much_are_refused(lite: CRM, feature: str, why: str) -> None:
    """Facts as at present, and what churn has said before, are no features."""
    house = House(crm=lite)
    house.who("Somebody")
    house.define(features=[feature])
    with pytest.raises(LeakingFeature, match=why):
        fit_now(lite, SYSTEM, "churn.risk", {"definition": "silent"})


def test_a_model_is_learnt_adopted_and_scores_everybody(crm: CRM) -> None:
    """From an imported history a model is learnt that beats recency, counts once adopted, and says of each why."""
    house = House(crm=crm)
    house.history()
    house.define()
    run = fit_now(crm, SYSTEM, "churn.risk", {"definition": "silent", "method": "logistic"})
    assert run.figures["split"]["way"] == "time"
    assert run.figures["split"]["train_cuts"] == ["2026-03-03", "2026-01-02", "2025-11-03"]
    assert run.baseline["base"] == "recency"
    assert run.state == "done"
    crm.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    with crm.session(SYSTEM) as session:
        assert model_in_use(session) is not None
    left, _back = look(crm, SYSTEM)
    found = score_all(crm, SYSTEM)
    assert found is not None
    assert found["scored"] + left <= len(house.customers)
    assert found["scored"] == found["written"] > 50
    again = score_all(crm, SYSTEM)
    assert again is not None
    assert again["written"] == 0
