"""The reports of insights: whether promises are kept, and what is known by kind and source; and the events."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from crmkit_knowledge.insights.reports import OUTCOMES, outcome_of
from hypothesis import given, strategies as st

from crmkit.engines.reports.running import run
from crmkit.engines.statistics.intervals import wilson
from crmkit.testing.workbench import emitted
from tests.plugins.knowledge.base import START, Base
from tests.plugins.knowledge.insights.known import DAY, act, customer, due, noted, promised

PERIOD = "2027-01-01..2027-12-31"


def rows(base: Base, name: str, **values: Any) -> dict[str, dict[str, Any]]:
    """Return the values of a report by the keys of rows and the names of columns."""
    with base.crm.session(base.actor()) as session:
        found = run(session, name, {"period": PERIOD, **values})
    names = [each.name for each in found.columns]
    every = [*found.rows, *([found.totals] if found.totals else [])]
    return {row.key: dict(zip(names, row.cells, strict=True)) for row in every}


def test_promises_are_counted_for_their_days(both: Base) -> None:
    lin = customer(both, owner="mia")
    kept, late, broken, _missed, _ahead, back = (promised(both, lin, days, by="mia") for days in (3, 3, 3, 3, 40, 3))
    both.clock.advance(days=1)
    act(both, "keep", kept)
    act(both, "withdraw", back)
    both.clock.advance(days=10)
    act(both, "keep", late)
    act(both, "break", broken)
    found = rows(both, "knowledge.promises")
    march = found["2027-03"]
    assert [march[name].value for name in OUTCOMES] == [1, 1, 1, 1, 0, 1, 0]
    assert (5, 1) == (march["promised"].value, found["2027-04"]["ahead"].value)
    sure = wilson(1, 4)
    assert (march["rate"].value, march["rate"].interval) == (sure.value, sure)
    assert rows(both, "knowledge.promises", by="owner")[str(both.users["mia"])]["promised"].value == 6
    (topic,) = (row for row in rows(both, "knowledge.promises", by="topic").values() if row["group"].value)
    assert ("Follow-up", 6) == (topic["group"].value, topic["promised"].value)


@given(
    st.sampled_from(["current", "kept", "broken", "withdrawn", "superseded", "expired"]),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_every_promise_has_one_outcome(state: str, due_in: int, ended_in: int, now_in: int) -> None:
    first = date(2027, 3, 1)
    ended = START + timedelta(days=ended_in)
    found = outcome_of(state, first + due_in * DAY, ended, first + now_in * DAY, "UTC")
    assert found in OUTCOMES
    if state == "kept":
        assert (found == "kept") == (ended_in <= due_in)


def test_insights_are_counted_by_kind_and_source(both: Base) -> None:
    lin = customer(both)
    noted(both, lin)
    noted(both, lin, text="Glass", source="observed")
    held = noted(both, lin, "contact_time", expires_on=date(2027, 3, 5))
    both.clock.advance(days=1)
    act(both, "confirm", held, expires_on=date(2027, 3, 5), confidence="likely")
    both.clock.advance(days=5)
    found = rows(both, "knowledge.insights")
    said = {name: cell.value for name, cell in found["preference:said"].items()}
    assert (2, 0, 1, 1) == (said["learnt"], said["holds"], said["replaced"], said["expired"])
    assert said["confidence"] == pytest.approx(0.85)
    assert found["preference:observed"]["holds"].value == 1


def test_events_say_what_happened(base: Base) -> None:
    lin = customer(base)
    first, promise = noted(base, lin), promised(base, lin, 0)
    second = noted(base, lin, text="Glass", expires_on=date(2027, 3, 3))
    act(base, "confirm", second, expires_on=date(2027, 3, 3))
    base.clock.set(datetime.fromisoformat("2027-03-09T12:00:00+00:00"))
    due(base)
    act(base, "keep", promise)
    act(base, "break", promised(base, lin, 1))
    act(base, "withdraw", second)
    found = [each for each in emitted(base.crm) if each["name"].startswith("knowledge.insight.")]
    assert [each["name"].rpartition(".")[2] for each in found] == [
        "noted", "noted", "superseded", "noted", "confirmed", "expired", "due", "kept", "noted", "broken", "withdrawn",
    ]  # fmt: skip
    assert (str(first), str(second)) == (str(found[2]["insight_id"]), str(found[2]["by_id"]))
    assert found[7]["in_time"] is False
    assert all(str(each["customer_id"]) == str(lin) for each in found)
