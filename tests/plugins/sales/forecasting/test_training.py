"""Learning from the history of a base: training by a job, adopting, what then counts, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from crmkit_sales.forecasting.calibration import evaluation_of
from crmkit_sales.forecasting.errors import TooLittleHistory
from crmkit_sales.forecasting.explaining import explained
from crmkit_sales.forecasting.histories import closed_ids, pasts_of, slips
from crmkit_sales.forecasting.models import WinModel
from crmkit_sales.forecasting.past import examples_of
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.pipeline_models import Pipeline
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.errors import Conflict, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.plugins.sales.forecasting.conftest import SYSTEM, Story, as_user, day

BEGIN = date(2026, 1, 1)


def fill(crm: CRM) -> Story:
    """Sell for seven months: nearly all who were recommended buy, nearly none of the others, whatever the stage."""
    day(crm, BEGIN.isoformat())
    crm.run(SYSTEM, "business.configure", {"name": "Tea", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.enable("sales")
    users = {"mia": crm.run(SYSTEM, "user.create", {"login": "mia", "name": "Mia"}).id}
    crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=users["mia"])
    customer = crm.run(SYSTEM, "customer.create", {"name": "Ada", "owner_id": users["mia"]}).id
    random = Random(5)
    deals: dict[str, UUID] = {}
    events: list[tuple[int, int, str]] = []
    for number in range(64):
        start = number * 3
        events += [(start, number, "create"), (start + 6, number, "move"), (start + 15 + number % 9, number, "close")]
    for number in (100, 101):
        events.append((205, number, "create"))
    for when, number, what in sorted(events):
        day(crm, (BEGIN + timedelta(days=when)).isoformat())
        word = str(number)
        known = number % 2 == 0
        if what == "create":
            values = {
                "customer_id": customer,
                "title": word,
                "amount_minor": 100_000,
                "currency": "CNY",
                "expected_close": (BEGIN + timedelta(days=when + 12)).isoformat(),
                "source": "referral" if known else "list",
            }
            deals[word] = crm.run(SYSTEM, "sales.opportunity.create", values).id
        elif what == "move":
            crm.run(SYSTEM, "sales.opportunity.move", {"stage": "proposal"}, target=deals[word])
        elif random.random() < (0.9 if known else 0.1):
            crm.run(SYSTEM, "sales.opportunity.win", {}, target=deals[word])
        else:
            crm.run(SYSTEM, "sales.opportunity.lose", {"reason": "no"}, target=deals[word])
    day(crm, "2026-07-30")
    return Story(users=users, deals=deals, customer=customer)


@pytest.fixture(params=ENGINES)
def sold(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[tuple[CRM, Story]]:
    """Seven months of selling, once for each engine."""
    url, story = templates.copy_filled(request.param, tmp_path, fill)
    with CRM.open(url) as crm:
        day(crm, "2026-07-30")
        yield crm, story


@pytest.fixture
def lite_sold(templates: Templates, tmp_path: Path) -> Iterator[tuple[CRM, Story]]:
    """The same on SQLite alone."""
    url, story = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(url) as crm:
        day(crm, "2026-07-30")
        yield crm, story


def trained(crm: CRM, method: str = "best") -> Any:
    """Train a model and return it."""
    crm.run(SYSTEM, "sales.win_model.train", {"method": method})
    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        return session.scalars(select(WinModel).order_by(WinModel.number.desc()).limit(1)).one()


def counts(crm: CRM, story: Story, word: str) -> tuple[int, float | None]:
    """Return what counts of an opportunity in forecasts, and what the model says."""
    with crm.session(SYSTEM) as session:
        found = session.get_one(Opportunity, story.deals[word])
        return found.effective_probability, found.win_probability


def test_a_model_is_learnt_judged_and_adopted(sold: tuple[CRM, Story]) -> None:
    """It beats what was typed on history that it had not seen; adopted, it counts, and the history of that is kept."""
    crm, story = sold
    model = trained(crm)
    assert (model.number, model.state, model.won + model.lost) == (1, "candidate", 64)
    assert model.brier < model.brier_typed
    evaluation = evaluation_of(model.evaluation)
    assert {each.name for each in evaluation.stages} == {"standard/qualification", "standard/proposal"}
    assert counts(crm, story, "100") == counts(crm, story, "101") == (2000, None)
    crm.run(SYSTEM, "sales.win_model.adopt", {}, target=model.id)
    crm.worker().run_until_idle()
    (known, by_model), (unknown, _by) = counts(crm, story, "100"), counts(crm, story, "101")
    assert by_model is not None
    assert known == round(by_model * 10_000)
    assert known > 6000 > 4000 > unknown
    with crm.session(SYSTEM) as session:
        states = select(OpportunityState.probability).where(OpportunityState.opportunity_id == story.deals["100"])
        assert session.scalars(states.order_by(OpportunityState.since, OpportunityState.id)).all() == [2000, known]
    crm.run(SYSTEM, "sales.win_model.release")
    crm.worker().run_until_idle()
    assert counts(crm, story, "100")[0] == 2000


def test_what_somebody_says_stands_above_the_model(lite_sold: tuple[CRM, Story]) -> None:
    """An own probability is not touched; the next model takes the place of the last one."""
    crm, story = lite_sold
    crm.run(SYSTEM, "sales.opportunity.update", {"probability": 33}, target=story.deals["101"])
    first, second = trained(crm, "bayes"), trained(crm, "logistic")
    assert [first.method, second.method, second.number] == ["bayes", "logistic", 2]
    with crm.session(SYSTEM) as session:
        pipeline = session.scalars(select(Pipeline.id)).one()
    for model in (first, second):
        crm.run(SYSTEM, "sales.win_model.adopt", {"pipeline_id": pipeline}, target=model.id)
    crm.worker().run_until_idle()
    assert counts(crm, story, "101")[0] == 3300
    with crm.session(SYSTEM) as session:
        assert session.scalars(select(WinModel.state).order_by(WinModel.number)).all() == ["retired", "adopted"]


def test_a_probability_is_explained(lite_sold: tuple[CRM, Story]) -> None:
    """By where it came from, first of all; to who sees the opportunity, and nobody else."""
    crm, story = lite_sold
    crm.run(SYSTEM, "sales.win_model.adopt", {}, target=trained(crm).id)
    crm.worker().run_until_idle()
    with crm.session(as_user(story, "mia")) as session:
        good, bad = (explained(session, story.deals[word]) for word in ("100", "101"))
        assert (good.shares[0].feature, good.shares[0].value) == ("source", "referral")
        assert good.shares[0].log_odds > 0 > bad.shares[0].log_odds
        assert good.probability == pytest.approx(counts(crm, story, "100")[1], abs=0.0001)
        closed = explained(session, story.deals["0"])
        assert (closed.probability, closed.shares) == (None, ())
    with crm.session(SYSTEM) as session, pytest.raises(NotFound):
        explained(session, story.customer)


def test_too_little_history_is_said(lite_sold: tuple[CRM, Story]) -> None:
    """With what there is and what it takes; nothing is queued."""
    crm, story = lite_sold
    for number in range(50):
        crm.run(SYSTEM, "sales.opportunity.remove", target=story.deals[str(number)])
    with pytest.raises(TooLittleHistory, match=r"won and \d+ lost opportunities are too few") as caught:
        crm.run(SYSTEM, "sales.win_model.train")
    assert caught.value.code == "SAL601"
    with pytest.raises(Conflict):
        crm.run(SYSTEM, "sales.win_model.release")


def test_who_may_learn(lite_sold: tuple[CRM, Story]) -> None:
    """A seller may not decide what counts."""
    crm, story = lite_sold
    with pytest.raises(Refused):
        crm.run(as_user(story, "mia"), "sales.win_model.train")


def test_pasts_and_slips_are_read_from_the_history(lite_sold: tuple[CRM, Story]) -> None:
    """Each closed one with its steps; each won closing so late as it was."""
    crm, _story = lite_sold
    with crm.session(SYSTEM) as session:
        pasts = list(pasts_of(session, closed_ids(session)))
        late = slips(session)
    assert len(pasts) == 64
    first = min(pasts, key=lambda past: past.opened_at)
    assert [(step.stage, step.kind) for step in first.steps[:2]] == [
        ("standard/qualification", "open"),
        ("standard/proposal", "open"),
    ]
    assert {each.typed for each in examples_of(first)} == {0.2, 0.5}
    assert set(late) <= set(range(3, 12))
    assert len(late) == sum(past.steps[-1].kind == "won" for past in pasts)
