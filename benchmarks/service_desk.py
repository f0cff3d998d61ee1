"""The desk: the inbox over many open cases, each of its views beside the 300 milliseconds that one may take, and the
page of a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor, new_id
from crmkit.testing import Clients

ACTOR = Actor.system("benchmark")
ROUNDS = 5
BAR, WALL = 300.0, 1000.0
"""Milliseconds in which a page opens; the wallboard counts everything, and refreshes by itself."""
CUSTOMERS = 1000
HOME = "/modules/service/inbox"
VIEWS = ("mine", "unassigned", "queues", "late", "open")


def run(bench: Bench) -> None:
    """Measure the views of the inbox, the wallboard and the page of a case on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("service")
            with CRM.open(url) as crm:
                agent = _agent(crm)
                case = _fill(crm, bench.rows, cast(UUID, agent.user_id))
                clients = Clients(crm=crm)
                client = clients(agent)
                paths = {f"inbox, {view}": f"{HOME}?view={view}" for view in VIEWS}
                paths |= {
                    "inbox, words": f"{HOME}?q=kettle+handle",
                    "wallboard": "/modules/service/wallboard",
                    "page of a case": f"/modules/service/case?id={case}&view=open",
                }
                for name, path in paths.items():
                    took, _floor = in_turn(
                        lambda client=client, path=path: _open(client, path), lambda: None, rounds=ROUNDS
                    )
                    bench.note(
                        f"{name}, {bench.rows:,} open cases",
                        engine,
                        took * 1000,
                        WALL if name == "wallboard" else BAR,
                        floor_name="what it may take",
                        bar=1.0,
                        unit="ms",
                    )
                clients.close()


def _open(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, path


def _agent(crm: CRM) -> Actor:
    user = crm.run(ACTOR, "user.create", {"login": "sue", "name": "Sue"})
    crm.run(ACTOR, "user.assign_role", {"role": "service_agent"}, target=user.id)
    queue = crm.run(ACTOR, "work.queue.create", {"name": "help", "title": "Help desk"})
    crm.run(ACTOR, "work.queue.add_member", {"user_id": user.id}, target=queue)
    return Actor.user(user.id, "Sue")


def _fill(crm: CRM, number: int, agent: UUID) -> UUID:
    """Add open cases as copies of one, and return that: a hundredth is the agent's, a tenth waits, some are late."""
    from crmkit_service.cases.models import Case
    from crmkit_work.api import Queue

    made = [crm.run(ACTOR, "customer.create", customer(place)).id for place in range(min(CUSTOMERS, number))]
    values = {"customer_id": made[0], "subject": "The kettle leaks at the handle", "body": "Please help."}
    case: UUID = crm.run(ACTOR, "service.case.create", values).id
    with crm.session(ACTOR) as session:
        queue = session.scalars(select(Queue.id)).one()
    cases = cast(Any, Case).__table__
    now = datetime.now(UTC).replace(microsecond=0)
    with crm.engines.system_write.begin() as connection:
        pattern = dict(connection.execute(select(cases).where(cases.c.id == case)).mappings().one())
        for start in range(0, number, 5000):
            rows = []
            for place in range(start, min(start + 5000, number)):
                waits, late = place % 10 == 9, place % 20 == 3
                opened = now - timedelta(minutes=place % 40_000)
                rows.append(
                    pattern
                    | {
                        "id": new_id(),
                        "number": 10_000 + place,
                        "customer_id": made[place % len(made)],
                        "owner_id": agent if place % 100 == 0 else None,
                        "queue_id": queue if place % 3 == 0 else None,
                        "state": "waiting_customer" if waits else "open",
                        "phase": "paused" if waits else "open",
                        "opened_at": opened,
                        "last_in_at": opened,
                        "due_at": now + timedelta(minutes=(-30 if late else 30) + place % 5000 * (not late)),
                        "due_clock": "resolution",
                        "breached": late,
                    }
                )
            connection.execute(insert(cases), rows)
    with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return case
