"""The figures of the loop add up, whatever happened."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from crmkit_feedback.items.measuring import STAGES, Cohort, Item, cohort_of, figures, funnel
from crmkit_feedback.items.words import OPEN, STATES
from hypothesis import given, settings, strategies as st

from crmkit.engines.reports.running import run
from tests.plugins.feedback.items.office import MONDAY, SYSTEM, Office

HOURS = st.integers(0, 500).map(lambda hours: MONDAY + timedelta(hours=hours))
SOME = st.none() | HOURS


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Return feedback in the loop, in any state that it may be in."""
    state = draw(st.sampled_from(sorted(STATES)))
    over = state not in OPEN
    return Item(
        id=uuid4(),
        customer_id=uuid4(),
        band=draw(st.sampled_from(["bad", "bad", "middling", None])),
        metric="nps",
        state=state,
        received_at=MONDAY,
        due_at=draw(HOURS),
        contacted_at=draw(SOME),
        resolved_at=draw(SOME) if over else None,
        verified_at=draw(SOME) if over else None,
        reopened=draw(st.integers(0, 2)),
    )


@settings(deadline=None)
@given(st.lists(items(), max_size=30), st.integers(0, 50), st.integers(0, 50), st.data())
def test_the_funnel_adds_up(loops: list[Item], good: int, unscored: int, data: st.DataObject) -> None:
    """Of every stage, who reached it, who waits and who went another way are those of the stage before."""
    bands: dict[str | None, int] = {"good": good, None: unscored}
    for each in loops:
        bands[each.band] = bands.get(each.band, 0) + 1
    later: dict[UUID, str] = {
        each.id: data.draw(st.sampled_from(["bad", "good"])) for each in loops if data.draw(st.booleans())
    }
    stages = funnel(Cohort(bands=bands, items=loops, later=later))
    assert [each.name for each in stages] == list(STAGES)
    assert stages[0].count == sum(bands.values())
    for before, stage in pairwise(stages):
        assert stage.before == before.count
        assert stage.before == stage.count + stage.waiting + stage.otherwise
        assert min(stage.count, stage.waiting, stage.otherwise) >= 0


def test_the_loop_is_counted_through(both: Office) -> None:
    """One is won back, one is bad again, one waits, one was good at once."""
    won, lost, waits = (both.customer(name) for name in ("Won", "Lost", "Waits"))
    first, second, _third = both.said(2, won), both.said(3, lost), both.said(1, waits)
    both.said(9)
    both.clock.advance(hours=5)
    for item in (first, second):
        both.act("contact", item, by="sam")
        both.act("resolve", item, {"resolution": "Done", "ask": False}, by="sam")
        both.act("verify", item, by="sam")
    both.clock.advance(days=30)
    both.said(9, won)
    both.said(2, lost)
    with both.crm.session(SYSTEM) as session:
        cohort = cohort_of(session, MONDAY, MONDAY + timedelta(days=1))
        found = {each.name: each.count for each in funnel(cohort)}
        told = figures(session, cohort, both.clock.instant)
    assert found == {
        "received": 4,
        "bad": 3,
        "opened": 3,
        "contacted": 2,
        "resolved": 2,
        "verified": 2,
        "recovered": 1,
    }
    assert told["hours"].value == 5
    assert (told["recovered"].value, told["recovered"].n) == (0.5, 2)
    assert told["closed"].value == 2 / 3
    assert (told["in_time"].value, told["in_time"].n) == (2 / 3, 3)


def test_reports_run(office: Office) -> None:
    """Each report gives rows, told apart by whatever it may be."""
    office.said(2)
    office.said(9, source="review", item="Pump")
    period = "2035-01-01..2035-12-31"

    def rows(name: str, **values: Any) -> Any:
        with office.crm.session(office.people["mia"]) as session:
            return run(session, name, {"period": period, **values}).rows

    for by in ("source", "channel", "item", "touchpoint", "owner", "team"):
        assert rows("feedback.by", by=by)
    assert rows("feedback.loop")
    assert rows("feedback.loop_figures", source="survey")
