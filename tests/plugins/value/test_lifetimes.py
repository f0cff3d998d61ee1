"""Models are fitted to what was recorded, adopted, and say of each customer what is expected, as of any day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_analytics.api import ModelRun, NoBetter, PurchaseDay, TooLittleData, fit_now, purchases
from crmkit_value.api import NoModelCounts, clv_of, lifetimes_at, p_alive, score_now
from crmkit_value.lifetimes.pasts import pasts_of
from crmkit_value.probability import bg_nbd

from crmkit import CRM, Moment, Refused, catalogue_of, frame, moment_of, values_of
from tests.plugins.analytics.shop import SYSTEM, Shop
from tests.plugins.value.shop import TODAY, adopt, noon, stocked


def bought(who: int, day: int, net: int = 100, *, refund: bool = False) -> PurchaseDay:
    """Return a day of buying."""
    amount, back = (0, net) if refund else (net, 0)
    return PurchaseDay(UUID(int=who), date(2026, 1, 1) + timedelta(days=day), int(not refund), amount, back, 0)


def test_pasts_count_further_days_and_subtract_refunds() -> None:
    """A first purchase, two further days, one refund: two repeats, the refund in their mean, weeks from the first."""
    found = pasts_of(
        [bought(1, 0), bought(1, 7, 300), bought(1, 10, 60, refund=True), bought(1, 14, 500), bought(2, 3)]
    )
    known = found.at(date(2026, 1, 29))
    assert list(known.x) == [2, 0]
    assert list(known.t_x) == [2, 0]
    assert list(known.T) == [4, pytest.approx(25 / 7)]
    assert list(known.mean) == [370, 0]
    assert list(known.net) == [840, 100]


def test_pasts_are_cut_off_at_a_day() -> None:
    """At an earlier day later purchases are not there, nor customers who came later."""
    found = pasts_of([bought(1, 0), bought(1, 7), bought(2, 9)])
    early = found.at(date(2026, 1, 6))
    assert (list(early.places), list(early.x)) == ([0], [0])


def test_pasts_since_a_day_leave_out_who_came_before() -> None:
    """A customer whose first purchase is older says nothing reliable of the start."""
    found = pasts_of([bought(1, 0), bought(1, 20), bought(2, 9)], since=date(2026, 1, 5))
    assert len(found.ids) == 1


def test_fit_says_parameters_hold_out_and_intervals(lite: CRM) -> None:
    """What is fitted from the data base is what the function finds for the same histories, with a check beside it."""
    stocked(lite)
    run = fit_now(lite, SYSTEM, "value.bg_nbd", {"draws": 25}, data_until=TODAY)
    with lite.session(SYSTEM) as session:
        found = bg_nbd.fit(pasts_of(purchases(session)).at(TODAY).histories())
    assert run.state == "done"
    assert tuple(run.parameters.values()) == pytest.approx(found.parameters)
    assert run.figures["log_likelihood"] == pytest.approx(found.log_likelihood)
    assert run.judged_by == "deviance"
    assert run.figures["deviance"] < run.baseline["deviance"]
    assert {"mae", "rmse"} <= set(run.figures) & set(run.baseline)
    assert run.figures["holdout_until"] == TODAY.isoformat()
    assert set(run.figures["intervals"]) == {"r", "alpha", "a", "b"}
    assert sum(each["customers"] for each in run.figures["deciles"]) == run.figures["holdout_customers"]


def test_hold_out_can_lie_after_the_data(lite: CRM) -> None:
    """Fitted up to one day and held against what was recorded of the days after it."""
    stocked(lite)
    until = TODAY - timedelta(days=120)
    run = fit_now(lite, SYSTEM, "value.bg_nbd", {"draws": 0, "holdout_until": TODAY}, data_until=until)
    assert run.figures["holdout_from"] == (until + timedelta(days=1)).isoformat()
    assert run.figures["happened"] > 0


def test_too_few_customers_are_said_to_be_too_few(lite: CRM) -> None:
    """Nothing is fitted to a handful."""
    stocked(lite, number=8)
    with pytest.raises(TooLittleData):
        fit_now(lite, SYSTEM, "value.bg_nbd", {}, data_until=TODAY)


def test_scores_are_stored_as_facts(crm: CRM) -> None:
    """Scored in batches; the facts say what the models do, with bounds around it, and money in major units."""
    _shop, ids = stocked(crm)
    adopt(crm)
    adopt(crm, "value.gamma_gamma")
    scoring = score_now(crm, SYSTEM, size=17)
    with crm.session(SYSTEM) as session:
        stored, computed = clv_of(session, ids), lifetimes_at(session, ids)
        names = ["value.p_alive", "value.clv", "value.clv_low", "value.clv_high", "value.next_purchase"]
        rows = {row[0]: row[1:] for row in frame(session, names).rows()}
    assert scoring.customers == len(ids) == len(stored)
    assert stored == computed
    for id_ in ids:
        alive, clv, low, high, soon = rows[id_]
        assert alive == stored[id_].p_alive
        assert int(clv * 100) == stored[id_].clv_minor
        assert low <= clv <= high
        assert (soon is None) == (alive < 0.5)


def test_scores_keep_their_history(lite: CRM) -> None:
    """As of an earlier day the facts are those that were scored for it, and none before they were recorded."""
    shop, ids = stocked(lite)
    adopt(lite, until=TODAY - timedelta(days=90))
    shop.at(TODAY - timedelta(days=90))
    score_now(lite, SYSTEM)
    shop.at(TODAY)
    score_now(lite, SYSTEM)
    with lite.session(SYSTEM) as session:
        catalogue = catalogue_of(session)
        ref = catalogue.ref("value.p_alive")

        def said(moment: Moment) -> dict[Any, Any]:
            return {id_: values[ref] for id_, values in values_of(session, [ref], ids, moment).items()}

        now = said(moment_of(session))
        then = said(moment_of(session, TODAY - timedelta(days=30)))
        never = said(moment_of(session, TODAY - timedelta(days=200)))
    assert set(never.values()) == {None}
    assert then != now
    assert None not in then.values()


def test_p_alive_of_a_past_day_uses_what_was_bought_by_then(lite: CRM) -> None:
    """A customer who has not bought since is likelier to be here a year ago than now."""
    _shop, ids = stocked(lite)
    adopt(lite)
    with lite.session(SYSTEM) as session:
        before, now = p_alive(session, ids, TODAY - timedelta(days=300)), p_alive(session, ids)
        fitted_before = p_alive(session, ids, TODAY - timedelta(days=300), fitted_before=True)
    assert sum(before.values()) / len(before) > sum(now.values()) / len(now)
    assert fitted_before == {}


def test_nothing_is_scored_without_a_model(lite: CRM) -> None:
    """Without an adopted model of buying nobody has a lifetime value, and who asks for one is told."""
    stocked(lite, number=3)
    with pytest.raises(NoModelCounts):
        score_now(lite, SYSTEM)


def test_scores_are_computed_by_the_framework_alone(lite: CRM) -> None:
    """A person asks for scores, which a job then computes over everything."""
    shop = Shop(crm=lite)
    with pytest.raises(Refused):
        lite.run(shop.actor("ana", "analyst"), "value.score.begin", {})


def test_adopting_has_customers_scored(lite: CRM) -> None:
    """A model that is adopted is used at once: a job scores everybody."""
    _shop, ids = stocked(lite)
    adopt(lite)
    lite.worker().run_until_idle()
    with lite.session(SYSTEM) as session:
        assert len(clv_of(session, ids)) == len(ids)


def test_killed_scoring_goes_on_and_counts_nobody_twice(lite: CRM) -> None:
    """A batch that is done again replaces its rows; scores count when all are there."""
    _shop, ids = stocked(lite)
    adopt(lite)
    scoring = lite.run(SYSTEM, "value.score.begin", {})
    values = {"scoring_id": scoring.id, "size": 20}
    lite.run(SYSTEM, "value.score.batch", values)
    with lite.session(SYSTEM) as session:
        assert clv_of(session, ids) == {}
    after = lite.run(SYSTEM, "value.score.batch", values)
    while after is not None:
        after = lite.run(SYSTEM, "value.score.batch", {**values, "after": after})
    ended = lite.run(SYSTEM, "value.score.end", {"scoring_id": scoring.id})
    assert ended.customers == len(ids)
    with lite.session(SYSTEM) as session:
        assert len(clv_of(session, ids)) == len(ids)


def test_model_no_better_than_going_on_is_refused(lite: CRM) -> None:
    """Who buys in winter alone looks gone in summer: going on as before says more of the next winter than the model,
    which is refused, and cannot be adopted."""
    shop, chance = Shop(crm=lite, today=TODAY), random.Random(3)
    made = lite.run_many(SYSTEM, "customer.create", [{"name": f"Skier {place}"} for place in range(40)])
    winters = ((date(2025, 1, 1), date(2025, 4, 1)), (date(2025, 11, 1), date(2026, 2, 1)))
    rows = []
    for each in made:
        for first, last in winters:
            day = first + timedelta(days=chance.randint(0, 9))
            while day < last:
                rows.append((each.result, day))
                day += timedelta(days=chance.randint(4, 14))
    bought = [
        {"kind": "purchase", "customer_id": who, "occurred_at": noon(day), "amount": "10", "currency": "CNY"}
        for who, day in rows
    ]
    lite.run_many(SYSTEM, "interaction.record", bought)
    shop.at(TODAY)
    asked = {"draws": 0, "holdout_until": date(2026, 2, 1)}
    run: ModelRun = fit_now(lite, SYSTEM, "value.bg_nbd", asked, data_until=date(2025, 10, 31))
    assert run.figures["deviance"] > run.baseline["deviance"]
    assert run.state == "refused"
    with pytest.raises(NoBetter):
        lite.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
