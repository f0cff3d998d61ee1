"""Model runs: asked for, carried out by a job or at once, refused, adopted, retired, rolled back, given up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_analytics.api import ModelRun, NoBetter, NotAdoptable, UnknownModel, adopted, artifact_of, fit_now
from sqlalchemy import select

from crmkit import CRM, Actor, Customer, InvalidInput
from crmkit.core.store.clock import Clock
from crmkit.hooks.contributions import Subscription
from tests.plugins.analytics.runs.kinds import install

SYSTEM = Actor.system("fitting")


@pytest.fixture
def known(lite: CRM) -> CRM:
    """A CRM with a customer and a model."""
    install(lite)
    lite.run(SYSTEM, "customer.create", {"name": "Ada"})
    return lite


def asked(crm: CRM, **values: Any) -> UUID:
    """Ask for a run and return its id."""
    run: ModelRun = crm.run(SYSTEM, "analytics.model_run.request", {"model": "sample.count", **values})
    return run.id


def found(crm: CRM, run_id: UUID) -> ModelRun:
    """Return a run as it stands."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(ModelRun).where(ModelRun.id == run_id)).one()


def test_a_job_fits_what_was_asked_for(crm: CRM) -> None:
    """With figures, base line, rows, code and what it scores with, on both databases."""
    install(crm)
    crm.run(SYSTEM, "customer.create", {"name": "Ada"})
    run_id = asked(crm, data_from="2026-01-01", data_until="2026-06-30", seed=7)
    assert found(crm, run_id).state == "queued"
    crm.worker().run_until_idle()
    run = found(crm, run_id)
    assert (run.state, run.figures, run.baseline, run.rows, run.progress) == (
        "done",
        {"mae": 1.0},
        {"mae": 2.0},
        1,
        100,
    )
    assert (run.parameters, run.data_from, run.data_until) == ({"seed": 7}, date(2026, 1, 1), date(2026, 6, 30))
    assert run.code_version.startswith("0.1.0 ")
    with crm.session(SYSTEM) as session:
        assert artifact_of(session, run) == [1, 2, 3]


def test_fitting_at_once_tells_how_far_it_is(known: CRM) -> None:
    """Whoever waits is told each time, and gets the run."""
    told: list[tuple[float, str]] = []
    run = fit_now(known, SYSTEM, "sample.count", {}, tell=lambda share, word: told.append((share, word)))
    assert (run.state, told) == ("done", [(0.5, "Half of it")])


def test_no_better_than_the_base_line_is_refused(known: CRM) -> None:
    """It cannot be adopted; the error has both figures."""
    run = fit_now(known, SYSTEM, "sample.count", {"error": 2.0})
    assert run.state == "refused"
    with pytest.raises(NoBetter, match=r"mae 2, of the base line 2"):
        known.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)


def test_one_run_counts_at_a_time(known: CRM) -> None:
    """Adopting retires the former one, rolling back brings it back, retiring leaves none."""
    first, second = (fit_now(known, SYSTEM, "sample.count", {}) for _each in "ab")
    for run in (first, second):
        known.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    assert (found(known, first.id).state, found(known, second.id).state) == ("retired", "adopted")
    known.run(SYSTEM, "analytics.model_run.roll_back", {"model": "sample.count"})
    with known.session(SYSTEM) as session:
        counting = adopted(session, "sample.count")
        assert counting is not None
        assert counting.id == first.id
    known.run(SYSTEM, "analytics.model_run.retire", {}, target=first.id)
    with known.session(SYSTEM) as session:
        assert adopted(session, "sample.count") is None


def test_what_goes_wrong_stands_with_the_run(known: CRM) -> None:
    """An error of ours with its text, any other by its kind alone: its text may be a customer's."""
    ours, theirs = (asked(known, parameters={"trouble": each}) for each in ("data", "code"))
    known.worker().run_until_idle()
    assert found(known, ours).reason == "ANA104 There are too few customers."
    assert found(known, theirs).state == "failed"
    assert "ZeroDivisionError" in (found(known, theirs).reason or "")
    assert "customer wrote" not in (found(known, theirs).reason or "")


def test_bad_requests_are_refused(known: CRM) -> None:
    """An unknown model, parameters that there are not, days the wrong way round."""
    with pytest.raises(UnknownModel, match="sample"):
        asked(known, model="sample.other")
    with pytest.raises(InvalidInput):
        asked(known, parameters={"size": 3})
    with pytest.raises(InvalidInput, match="after the last day"):
        asked(known, data_from="2026-07-01", data_until="2026-06-30")


def test_a_run_whose_worker_was_killed_is_begun_anew(known: CRM) -> None:
    """And given up after three times."""
    run_id = asked(known)
    begun = [known.run(SYSTEM, "analytics.model_run.begin", {}, target=run_id) for _each in range(4)]
    assert begun == [True, True, True, False]
    assert found(known, run_id).state == "failed"


def test_silence_is_taken_for_a_killed_worker(known: CRM) -> None:
    """By the next tick after it; what it says later is refused, and a run that is quick is left alone."""
    run_id = asked(known)
    known.run(SYSTEM, "analytics.model_run.begin", {}, target=run_id)
    assert known.run(SYSTEM, "analytics.model_run.sweep", {}) == 0
    later = known.gate.clock.now() + timedelta(minutes=31)
    known.clock = known.gate.clock = Clock(system=lambda: later)
    assert known.run(SYSTEM, "analytics.model_run.sweep", {}) == 1
    assert found(known, run_id).state == "failed"
    with pytest.raises(NotAdoptable):
        known.run(SYSTEM, "analytics.model_run.tell", {"percent": 50}, target=run_id)


def test_adopting_is_an_event(known: CRM) -> None:
    """So that whoever scores does so anew."""
    heard: list[Any] = []
    said = Subscription(
        name="sample.heard", event="analytics.model.adopted", handler=lambda session, event: heard.append(event)
    )
    known.registry.add("sample", "subscription", [said])
    run = fit_now(known, SYSTEM, "sample.count", {})
    known.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    known.worker().run_until_idle()
    assert [each.run_id for each in heard] == [run.id]


def test_fitting_reads_everything_whoever_asks(known: CRM) -> None:
    """An analyst who sees few customers gets a model of all."""
    user = known.run(SYSTEM, "user.create", {"login": "nora", "name": "Nora"})
    known.run(SYSTEM, "user.assign_role", {"role": "manager"}, target=user.id)
    nora = Actor.user(user.id)
    with known.session(nora) as session:
        assert session.scalars(select(Customer)).all() == []
    assert fit_now(known, nora, "sample.count", {}).rows == 1
