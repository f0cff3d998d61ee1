"""Journeys: passages that go on, with two processes on PostgreSQL and one on SQLite, and a wait that costs nothing.

``--rows`` is the number of passages. Each takes three steps: a split, a branch by a fact, an end. The floor is the time
in which 2,000 steps a second would be taken.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from benchmarks.measure import Bench
from crmkit import CRM, Actor
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.ids import new_id

ACTOR = Actor.system("benchmark")
STEPS, A_SECOND = 3, 2000
CUSTOMERS, BATCH = 2000, 2000
FLOW = {
    "entry": {"on": "call"},
    "start": "which",
    "nodes": {
        "which": {
            "type": "split",
            "arms": [{"name": "a", "share": 0.5, "next": "often"}, {"name": "b", "share": 0.5, "next": "often"}],
        },
        "often": {"type": "branch", "cases": [{"when": "purchase.count > 3", "next": "z"}], "otherwise": "z"},
        "z": {"type": "exit"},
    },
}


def run(bench: Bench) -> None:
    """Measure on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("journey")
            with CRM.open(url) as crm:
                _fill(crm, bench.rows)
            processes = 2 if engine == "postgresql" else 1
            took = _go(url, processes)
            with CRM.open(url) as crm:
                _all_done(crm, bench.rows)
                waiting = _waiting(crm, bench.rows)
        steps = bench.rows * STEPS
        name = f"{bench.rows} passages, {processes} process{'es' if processes > 1 else ''}"
        bench.note(name, engine, took, steps / A_SECOND, floor_name="2000 steps/s", bar=1.0)
        print(
            f"{steps / took:.0f} steps a second ({engine}); looking at {bench.rows} that wait: {waiting * 1000:.2f} ms"
        )


def _fill(crm: CRM, number: int) -> None:
    """Add customers, a flow, and passages that are due, at the driver's speed."""
    from crmkit_journey.passages.models import Passage

    people = [{"kind": "person", "name": f"Customer {each}"} for each in range(CUSTOMERS)]
    customers: list[UUID] = []
    for start in range(0, CUSTOMERS, 500):
        made = crm.run_many(ACTOR, "customer.create", people[start : start + 500])
        customers.extend(each.result for each in made)
    flow = crm.run(ACTOR, "journey.flow.create", {"name": "bench", "document": FLOW}).id
    crm.run(ACTOR, "journey.flow.publish", {}, target=flow)
    table: Any = Passage
    for start in range(0, number, BATCH):
        rows = [_row(flow, customers[each % CUSTOMERS], each) for each in range(start, min(start + BATCH, number))]
        with crm.engines.system_write.begin() as connection:
            insert_rows(connection, table.__table__, rows)


def _row(flow: UUID, customer: UUID, each: int) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "id": new_id(),
        "version": 1,
        "created_at": at,
        "created_by": "system",
        "updated_at": at,
        "flow_id": flow,
        "edition": 1,
        "customer_id": customer,
        "number": each // CUSTOMERS + 1,
        "key": "",
        "held_out": False,
        "status": "ready",
        "node": "which",
        "began_at": at,
        "since": at,
        "wake_at": at,
        "due_at": at,
        "kinds": [],
        "rounds": {},
        "heard": [],
        "goal_at": None,
        "goal_until": at,
        "outcome": "",
        "tries": 0,
        "steps": 0,
        "error": None,
        "paused": False,
        "of_id": None,
    }


def _go(url: str, processes: int) -> float:
    """Return the seconds in which so many processes had all passages go on, from when the last of them was ready."""
    command = [sys.executable, "-m", "benchmarks.journey", url]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _each in range(processes)
    ]
    for each in running:
        assert each.stdout is not None
        each.stdout.readline()
    began = perf_counter()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in running:
        each.wait()
    return perf_counter() - began


def _all_done(crm: CRM, number: int) -> None:
    from crmkit_journey.passages.models import Passage, PassageStep

    with crm.session(ACTOR) as session:
        assert session.scalar(select(func.count(Passage.id)).where(Passage.status == "ended")) == number
        assert session.scalar(select(func.count(PassageStep.id))) == number * STEPS


def _waiting(crm: CRM, number: int) -> float:
    """Return the seconds in which a run finds that nothing is due, while all passages wait for a month."""
    from crmkit_journey.passages.models import Passage
    from crmkit_journey.passages.running import run_due
    from sqlalchemy import update

    table: Any = Passage
    later = datetime.now(UTC) + timedelta(days=30)
    with crm.engines.system_write.begin() as connection:
        connection.execute(update(table.__table__).values(status="waiting", due_at=later, wake_at=later))
    run_due(crm, ACTOR)
    began = perf_counter()
    for _each in range(10):
        run_due(crm, ACTOR)
    return (perf_counter() - began) / 10


def _work(url: str) -> None:
    """Have all passages go on, once somebody says so."""
    with CRM.open(url) as crm:
        print("ready", flush=True)
        sys.stdin.readline()
        while crm.run(ACTOR, "journey.passage.advance", {"flow": "bench"}):
            pass


if __name__ == "__main__":
    _work(sys.argv[1])
