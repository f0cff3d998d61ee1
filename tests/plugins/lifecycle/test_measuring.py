"""Measures of ways: conversion, times, ageing, leaks, cohorts, acquisition; and what a change would move."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_lifecycle.acquiring.reports import AcquisitionParameters, acquisition_rows
from crmkit_lifecycle.designing.previewing import preview
from crmkit_lifecycle.measuring.chain import estimate
from crmkit_lifecycle.measuring.counting import ageing, cohorts, leaks, matrix, stage_figures
from crmkit_lifecycle.measuring.reading import visits_of, ways_of
from crmkit_lifecycle.measuring.reports import REPORTS, OfModel, ToGoal

from crmkit import InvalidInput, NotFound, Period, moment_of
from tests.plugins.lifecycle.house import SYSTEM, TRIAL, House


@pytest.fixture
def past(lite: House) -> House:
    """Ten came as leads; after 10 days six of them are on trial, after 20 more three are won and two are gone; one lead
    is gone at once; one is on trial and three are leads still, for 60 days."""
    stages = [{**each, "mark": {"trial": "mql", "won": "customer"}.get(str(each["name"]), "none")} for each in TRIAL]
    lite.model(*stages)
    people = [lite.customer(f"C{n}", "asked", source="fair" if n < 5 else "web") for n in range(10)]
    lite.refresh()
    lite.clock.advance(days=10)
    for each in people[:6]:
        lite.tag(each, "trial")
    lite.refresh()
    lite.clock.advance(days=20)
    for each in people[:3]:
        lite.buy(each, 0)
    for each in (*people[3:5], people[9]):
        lite.tag(each, "gone")
    lite.refresh()
    lite.clock.advance(days=60)
    return lite


def test_stages_are_counted_and_timed(past: House) -> None:
    """How many came, are there, went on and were lost; the median counts who is still there as not over."""
    with past.crm.session(SYSTEM) as session:
        found = {each.stage.name: each for each in stage_figures(ways_of(session, "sale"))}
        cells = matrix(ways_of(session, "sale"))
        keys = {each.stage.name: each.stage.key for each in found.values()}
    lead, trial = found["lead"], found["trial"]
    assert (lead.entered, lead.there, lead.forward, lead.lost) == (10, 3, 6, 1)
    assert (trial.entered, trial.there, trial.forward, trial.lost) == (6, 1, 3, 2)
    assert (lead.median_days, trial.median_days) == (10.0, 20.0)
    cell = cells[keys["trial"], keys["won"]]
    assert (cell.count, cell.of, cell.share) == (3, 5, 0.6)
    assert cell.low < 0.6 < cell.high
    assert (trial.usual_days, trial.ageing) == (20.0, 1)


def test_leaks_and_who_waits_too_long(past: House) -> None:
    """The worst leak first, with what part of everything lost it is; and who is there longer than nine in ten were."""
    with past.crm.session(SYSTEM) as session:
        ways = ways_of(session, "sale")
        found = [(each.stage.name, each.lost, each.of, round(each.part, 3)) for each in leaks(ways)]
        waiting = [(each.stage.name, round(each.days)) for each in ageing(ways)]
    assert found == [("trial", 2, 5, 0.667), ("lead", 1, 7, 0.333)]
    assert waiting == [("trial", 80), ("lead", 90), ("lead", 90), ("lead", 90)] or waiting[-1] == ("trial", 80)


def test_cohorts_by_month_of_entry(past: House) -> None:
    """Of the ten of March none is won within the month, three within one month more."""
    with past.crm.session(SYSTEM) as session:
        (found,) = cohorts(ways_of(session, "sale"), months=3)
    assert (found.month, found.size, found.lost) == (date(2035, 3, 1), 10, 3)
    assert found.reached[:3] == [0.0, 0.3, 0.3]
    assert found.reached[3] == 0.3


def test_the_past_is_as_it_was(past: House) -> None:
    """As of a day before, nobody is won yet: figures can be had again as they were."""
    with past.crm.session(SYSTEM) as session:
        moment = moment_of(session, as_of=(past.clock.instant - timedelta(days=65)).date())
        found = {each.stage.name: each.entered for each in stage_figures(ways_of(session, "sale", moment=moment))}
    assert found == {"lead": 10, "trial": 6, "won": 0, "gone": 0}


def test_the_chain_of_real_ways(past: House) -> None:
    """From trial three in five are won; from lead six in seven come that far."""
    with past.crm.session(SYSTEM) as session:
        visits, states, ends = visits_of(ways_of(session, "sale"))
        found = estimate(visits, states, ends, resamples=50)
    assert found.from_state["trial"].chances["won"].value == pytest.approx(0.6)
    assert found.from_state["lead"].chances["won"].value == pytest.approx(6 / 7 * 0.6)
    with past.crm.session(SYSTEM) as session:
        visits, states, ends = visits_of(ways_of(session, "sale"), goal="trial")
    assert estimate(visits, states, ends, resamples=0).from_state["lead"].chances["trial"].value == pytest.approx(6 / 7)


def test_a_changed_criterion_is_tried_before_it_is_published(past: House) -> None:
    """How many would move if leads came on trial without a tag; nothing is written."""
    with past.crm.session(SYSTEM) as session:
        found = preview(session, "sale", stage="trial", enter="true")
        assert (found.customers, found.moved) == (10, 3)
        assert [(each.now, each.holds, each.would, each.count) for each in found.shifts] == [
            ("lead", "lead", "trial", 3)
        ]
        with pytest.raises(NotFound, match="no draft"):
            preview(session, "sale")
        with pytest.raises(InvalidInput):
            preview(session, "sale", stage="nowhere", enter="true")
        after = {each.stage.name: each.entered for each in stage_figures(ways_of(session, "sale"))}
    assert after["trial"] == 6


def test_a_draft_is_tried_whole(past: House) -> None:
    """A draft that takes only some in ends the passages of the others."""
    model = past.one("LifecycleModel", name="sale")
    draft = past.run("lifecycle.model.draft", target=model)
    past.run("lifecycle.version.update", {"leave": '"trial" in customer.tags'}, target=draft.id)
    with past.crm.session(past.people["mia"]) as session:
        found = preview(session, "sale")
    assert [(each.now, each.would, each.count) for each in found.shifts] == [("trial", None, 1)]


def test_every_report_runs(past: House) -> None:
    """All reports have rows with their columns for a reader with the usual rights."""
    with past.crm.session(past.people["ann"]) as session:
        for report in REPORTS:
            parameters = ToGoal(model="sale") if report.parameters is ToGoal else OfModel(model="sale")
            table = report.rows(session, parameters, moment_of(session))
            assert len(table.rows) > 0, report.name
            assert {each.name for each in report.columns} >= set(table.rows[0]), report.name


def test_acquisition_by_source_with_cost(past: House) -> None:
    """Three of the five of the fair became customers, who cost 600 together; of the web none did."""
    past.run(
        "lifecycle.cost.record",
        {
            "source": "fair",
            "first": "2035-03-01",
            "last": "2035-03-31",
            "amount_minor": 60_000,
            "currency": "CNY",
        },
        by="mia",
    )
    with past.crm.session(SYSTEM) as session:
        period = Period(first=date(2035, 3, 1), last=date(2035, 3, 31))
        table = acquisition_rows(session, AcquisitionParameters(period=period, model="sale"), moment_of(session))
    found = {row["source"]: row for row in table.rows}
    assert [found["fair"][name] for name in ("begun", "mql", "customer", "cost", "per_customer", "days")] == [
        5,
        5,
        3,
        60_000,
        20_000,
        30.0,
    ]
    assert [found["web"][name] for name in ("begun", "mql", "customer", "cost")] == [5, 1, 0, None]


def test_passages_of_the_past_come_from_facts_of_the_past(lite: House) -> None:
    """Who bought in several months went through the stages in these months; criteria without a history are refused."""
    lin = lite.customer("Lin")
    lite.buy(lin, 170, 100, 40)
    stages = (
        {"name": "first", "title": "First", "kind": "entry", "enter": "purchase.count > 0", "label": "new"},
        {"name": "again", "title": "Again", "enter": "purchase.count > 1"},
        {"name": "loyal", "title": "Loyal", "kind": "good", "enter": "purchase.count > 2"},
    )
    lite.run("lifecycle.model.create", {"name": "old", "title": "Old"})
    for stage in stages:
        lite.run("lifecycle.stage.create", {**stage, "model": "old"})
    model = lite.one("LifecycleModel", name="old")
    lite.run("lifecycle.model.update", {"automatic": False}, target=model)
    lite.run("lifecycle.model.publish", {}, target=model)
    lite.work()
    lite.run("lifecycle.passage.replay", {"model": "old", "first": "2034-08-31"})
    lite.work()
    months = [(each.stage_name, each.entered_at.strftime("%Y-%m")) for each in lite.intervals(lin, "old")]
    assert months == [("first", "2034-09"), ("again", "2034-11"), ("loyal", "2035-01")]
    lite.model()
    with pytest.raises(InvalidInput, match=r"customer\.tags"):
        lite.run("lifecycle.passage.replay", {"model": "sale", "first": "2034-08-31"})
