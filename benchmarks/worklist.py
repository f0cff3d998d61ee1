"""The work list: what one has to do among 100,000 open tasks, beside a bare ORM select of one's own, and beside the 50
milliseconds that it may take."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor, Customer, new_id

ACTOR = Actor.system("benchmark")
USERS = 100
QUEUES = 10
CUSTOMERS = 5000
ROUNDS = 9
BAR = 50.0
"""Milliseconds that a list may take."""
SPREAD = timedelta(days=60)


def run(bench: Bench) -> None:
    """Measure the list of a seller in two queues on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("work")
            with CRM.open(url) as crm:
                reader = _fill(crm, bench.rows)
                listed, bare = in_turn(
                    lambda crm=crm, reader=reader: _listed(crm, reader),
                    lambda crm=crm, reader=reader: _bare(crm, reader),
                    rounds=ROUNDS,
                )
            name = f"my list among {bench.rows:,} open tasks"
            bench.note(
                name, engine, listed * 1000, bare * 1000, floor_name="bare ORM select of them", bar=None, unit="ms"
            )
            bench.note(name, engine, listed * 1000, BAR, floor_name="what it may take", bar=1.0, unit="ms")


def _fill(crm: CRM, rows: int) -> Actor:
    """Add users, queues, customers and open tasks: nine of ten somebody's, one waiting in a queue. Return a seller."""
    from crmkit_work.tasks.models import Task

    users: list[UUID] = []
    for number in range(USERS):
        user = crm.run(ACTOR, "user.create", {"login": f"user{number}", "name": f"User {number}"})
        crm.run(ACTOR, "user.assign_role", {"role": "seller"}, target=user.id)
        users.append(user.id)
    queues = [
        crm.run(ACTOR, "work.queue.create", {"name": f"queue{number}", "title": f"Queue {number}"}).id
        for number in range(QUEUES)
    ]
    for queue in queues[:2]:
        crm.run(ACTOR, "work.queue.add_member", {"user_id": users[0]}, target=queue)
    crm.run_many(
        ACTOR,
        "customer.create",
        [{**customer(number), "identifier_source": "bench"} for number in range(min(CUSTOMERS, rows))],
    )
    with crm.session(ACTOR) as session:
        customers = list(session.scalars(select(Customer.id)))
    chance = random.Random(20261122)
    now = datetime.now(UTC)
    table = cast(Any, Task).__table__
    with crm.engines.system_write.begin() as connection:
        for start in range(0, rows, 5000):
            connection.execute(
                insert(table),
                [
                    _row(number, chance, now, users, queues, customers)
                    for number in range(start, min(start + 5000, rows))
                ],
            )
    with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return Actor.user(users[0])


def _row(
    number: int,
    chance: random.Random,
    now: datetime,
    users: list[UUID],
    queues: list[UUID],
    customers: list[UUID],
) -> dict[str, Any]:
    waits = number % 10 == 0
    rank = chance.choice((0, 1, 1, 1, 2, 3))
    return {
        "id": new_id(),
        "version": 1,
        "number": number + 1,
        "title": f"Call back about order {number}",
        "customer_id": chance.choice(customers) if number % 3 else None,
        "owner_id": None if waits else users[number % USERS],
        "queue_id": chance.choice(queues) if waits or number % 4 == 0 else None,
        "due_at": now + SPREAD * chance.uniform(-0.2, 1),
        "priority": ("low", "normal", "high", "urgent")[rank],
        "rank": rank,
        "state": chance.choice(("open", "open", "in_progress", "waiting")),
        "created_by": "system",
        "source": "",
        "ref": "",
        "repeat_when": "finished",
        "repeated": False,
        "escalation_index": 0,
        "assigned_why": {},
    }


def _listed(crm: CRM, reader: Actor) -> int:
    from crmkit_work.tasks.listing import work_list

    with crm.session(reader) as session:
        found = work_list(session)
        assert found.count > 100
        return found.count


def _bare(crm: CRM, reader: Actor) -> None:
    """Select as many of the reader's own tasks with their customers, without anything else."""
    from crmkit_work.tasks.models import Task

    with Session(crm.engines.system_read) as session:
        query = (
            select(Task)
            .where(Task.owner_id == reader.user_id, Task.state.in_(("open", "in_progress", "waiting")))
            .order_by(Task.due_at)
            .limit(125)
        )
        ids = [task.customer_id for task in session.scalars(query)]
        session.scalars(select(Customer).where(Customer.id.in_({each for each in ids if each is not None}))).all()
