"""Contracts: cohorts as they were recorded or from facts, the shifted beta geometric model, and its value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from crmkit_analytics.api import NoBetter, TooLittleData, fit_now
from crmkit_value.contracts.kinds import constant_retention, counts_of, judge, whole_months
from crmkit_value.probability import shifted_beta

from crmkit import CRM, InvalidInput
from crmkit.testing import Clients
from tests.plugins.analytics.shop import SYSTEM, Shop
from tests.plugins.value.shop import TODAY

REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
"""Fader and Hardie (2007), the cohort of regular customers."""


def recorded(crm: CRM, counts: tuple[int, ...] = REGULAR) -> None:
    """Record a cohort."""
    values = {"name": "regular", "started_on": date(2018, 1, 1), "counts": counts}
    crm.run(SYSTEM, "value.cohort.record", values)
    Shop(crm=crm).at(TODAY)


def test_cohort_is_fitted_and_held_against_later_periods(crm: CRM) -> None:
    """The published parameters; of the last two periods it says more than one rate for all does."""
    recorded(crm)
    run = fit_now(crm, SYSTEM, "value.shifted_beta", {"draws": 25}, data_until=TODAY)
    assert [round(run.parameters[name], 3) for name in ("alpha", "beta")] == [0.704, 1.182]
    assert (run.state, run.judged_by, run.rows) == ("done", "log_loss", 1000)
    assert run.figures["log_loss"] < run.baseline["log_loss"]
    assert run.figures["expected"] == pytest.approx(run.figures["happened"], rel=0.02)
    assert run.figures["intervals"]["alpha"]["low"] < 0.704 < run.figures["intervals"]["alpha"]["high"]


def test_customers_who_leave_alike_are_told_by_one_rate(lite: CRM) -> None:
    """Where every period four fifths stay the model is no better, and is refused."""
    recorded(lite, (3125, 2500, 2000, 1600, 1280, 1024))
    run = fit_now(lite, SYSTEM, "value.shifted_beta", {"draws": 0}, data_until=TODAY)
    assert run.state == "refused"
    with pytest.raises(NoBetter):
        lite.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)


def test_contracts_come_from_facts(lite: CRM) -> None:
    """First and last day as custom fields: the same cohort by customers, the same parameters."""
    for name in ("began", "ended"):
        values = {"name": name, "type": "date"}
        lite.run(SYSTEM, "custom_field.create", values)
    Shop(crm=lite).at(TODAY)
    small = [round(each / 10) for each in REGULAR]
    rows = []
    for period, (before, after) in enumerate(pairwise(small), 1):
        rows += [{"began": "2019-01-01", "ended": f"{2018 + period}-12-31"}] * (before - after)
    rows += [{"began": "2019-01-01"}] * small[-1]
    items = [{"name": f"Customer {place}", "custom": each} for place, each in enumerate(rows)]
    lite.run_many(SYSTEM, "customer.create", items)
    asked = {"start": "custom.began", "end": "custom.ended", "draws": 0}
    run = fit_now(lite, SYSTEM, "value.shifted_beta", asked, data_until=TODAY)
    assert run.parameters["alpha"] == pytest.approx(shifted_beta.fit(small).parameters[0], rel=1e-6)
    with pytest.raises(InvalidInput):
        fit_now(lite, SYSTEM, "value.shifted_beta", {"start": "custom.began"}, data_until=TODAY)


def test_periods_are_whole_months_up_to_the_last_day() -> None:
    """Who ends within a period did not renew at its end; who began after the day is in no cohort."""
    assert [whole_months(date(2026, 1, 31), day) for day in (date(2026, 2, 28), date(2026, 3, 31))] == [0, 2]
    found = counts_of(
        [
            (date(2025, 1, 1), None),
            (date(2025, 1, 1), date(2025, 12, 31)),
            (date(2024, 6, 1), date(2030, 1, 1)),
            (date(2027, 1, 1), None),
        ],
        date(2026, 7, 1),
        12,
    )
    assert found == [[2, 1], [1, 1, 1]]


def test_loss_is_the_one_of_the_chances_that_were_given() -> None:
    """Of ten eight renew in the period that is held out: the loss at a chance of a half is that of a coin."""
    found = judge((1.0, 3.0), 0.5, [[20, 10, 8]], 1)
    assert found.decisions == 10
    assert found.baseline_loss == pytest.approx(0.6931, abs=1e-4)
    assert found.expected == pytest.approx(10 * 4 / 5)
    assert constant_retention(shifted_beta.tenures([[20, 10, 8]])) == pytest.approx(18 / 30)


def test_value_is_the_formula_where_customers_do_not_differ() -> None:
    """With alpha and beta so large that all have one rate both conventions are those of the textbook."""
    margin, rate = Decimal(100), Decimal("0.1")
    for convention in ("end", "now"):
        found = float(shifted_beta.value_of((2e6, 8e6), 3, 0.1, convention)) * 100
        same = float(shifted_beta.contract_value(margin, Decimal("0.8"), rate, convention))
        assert found == pytest.approx(same, rel=1e-4)


def test_too_few_and_rising_counts_are_refused(lite: CRM) -> None:
    """Twenty customers are too few; counts do not rise."""
    recorded(lite, (20, 15, 12, 10))
    with pytest.raises(TooLittleData):
        fit_now(lite, SYSTEM, "value.shifted_beta", {}, data_until=TODAY)
    with pytest.raises(InvalidInput):
        recorded(lite, (20, 15, 16))


def test_page_shows_both_conventions(lite: CRM) -> None:
    """Before a model is adopted it says what to do, afterwards what follows."""
    clients = Clients(crm=lite)
    client = clients(Shop(crm=lite).actor("the_analyst", "analyst"))
    assert "No model of contracts is adopted yet" in client.get("/modules/value/contracts").text
    recorded(lite)
    run = fit_now(lite, SYSTEM, "value.shifted_beta", {"draws": 0}, data_until=TODAY)
    lite.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    page = client.get("/modules/value/contracts?margin=200").text
    assert "Renew the first time" in page
    assert "regular" in page
    value = float(shifted_beta.value_of(tuple(run.parameters.values()), 0, 0.1, "now")) * 200
    assert f"{value:.2f}" in page
    clients.close()
