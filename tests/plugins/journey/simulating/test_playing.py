"""A flow is played over what happened: as a passage would go, and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_journey.flows.documents import flow_of
from crmkit_journey.simulating.playing import Simulated, simulate

from crmkit.engines.statistics.hashing import held_out
from crmkit.errors import InvalidInput
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.journey.base import Base

crmkit, pristine = _crmkit, _pristine

FLOW: dict[str, Any] = {
    "entry": {"on": "event", "kinds": ["call"], "again": "always"},
    "goal": {"kinds": ["purchase"], "days": 10},
    "start": "often",
    "nodes": {
        "often": {"type": "branch", "cases": [{"when": "purchase.count > 0", "next": "ask"}], "otherwise": "pause"},
        "pause": {"type": "wait", "span": "3 days", "next": "ask"},
        "ask": {"type": "task", "task": "Ask", "next": "z"},
        "z": {"type": "exit"},
    },
}


def played(base: Base, days: int, **more: Any) -> Simulated:
    """Play the flow over so many days up to today."""
    with base.crm.session(base.actor()) as session:
        today = session.today()
        return simulate(session, "played", flow_of({**FLOW, **more}), today - timedelta(days=days - 1), today)


def happened(base: Base) -> None:
    """Ada buys, then calls; Bob calls and buys the day after; Cem calls twice; Dan only buys."""
    base.happen("Ada", "purchase")
    base.happen("Dan", "purchase")
    base.clock.advance(days=1)
    for who in ("Ada", "Bob", "Cem"):
        base.happen(who)
    base.clock.advance(days=1)
    base.happen("Bob", "purchase")
    base.clock.advance(days=5)
    base.happen("Cem")
    base.clock.advance(hours=1)


def test_a_flow_is_played_over_what_happened(both: Base) -> None:
    """Ada is asked at once, Bob reaches the goal while waiting, Cem is asked after three days and waits again."""
    happened(both)
    found = played(both, 8)
    assert (found.customers, found.began, found.held_out) == (3, 4, 0)
    assert found.nodes == {"often": 4, "pause": 3, "ask": 2, "z": 2}
    assert found.acts == {"task": 2}
    assert (found.goals, found.under_way) == (1, 1)
    assert found.ended == {"done": 2, "goal": 1}
    assert sum(found.by_day.values()) == 2
    assert both.passages() == []


def test_the_same_customers_are_held_out_as_would_be(base: Base) -> None:
    """A passage that is held out lasts until the goal's days are over: Cem's second call begins none there."""
    happened(base)
    found = played(base, 8, hold_out=0.5)
    alone = {who: held_out("journey:played", 0.5, base.customers[who]) for who in ("Ada", "Bob", "Cem")}
    assert found.held_out == sum(alone.values())
    assert found.began == sum({"Ada": 1, "Bob": 1, "Cem": 2}[who] for who in alone if not alone[who])


def test_where_customers_come_in_otherwise_those_for_whom_it_holds_begin(base: Base) -> None:
    happened(base)
    found = played(base, 6, entry={"on": "daily", "when": "purchase.count > 0"})
    assert (found.customers, found.began) == (6, 3)


def test_a_span_that_is_none_is_refused(base: Base) -> None:
    with pytest.raises(InvalidInput):
        played(base, 0)
    with pytest.raises(InvalidInput):
        played(base, 500)


def test_a_reader_plays_over_own_customers_alone(base: Base) -> None:
    happened(base)
    base.run("customer.assign", {"owner_id": base.users["sam"]}, target=base.customers["Ada"])
    for name in ("Bob", "Cem", "Dan"):
        base.run("customer.assign", {"owner_id": base.users["mia"]}, target=base.customers[name])
    with base.crm.session(base.actor("sam")) as session:
        today = session.today()
        assert simulate(session, "played", flow_of(FLOW), today - timedelta(days=7), today).began == 1


def test_it_is_printed(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("journey")
    file = tmp_path / "care.yaml"
    file.write_text("name: care\nentry: {on: event, kinds: [call]}\nstart: z\nnodes:\n  z: {type: exit}\n")
    found = crmkit.json("journey", "simulate", str(file), "--since", "2026-01-01", "--until", "2026-02-01")
    assert (found["began"], found["nodes"]) == (0, [{"node": "z", "reached": 0, "ways": {}}])
    crmkit.ok("journey", "flows", "apply", str(file))
    assert "Came in" in crmkit.ok("journey", "simulate", "care", "--since", "2026-01-01", "--until", "2026-02-01").out
