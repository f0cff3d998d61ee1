"""What the guard costs: a statement of somebody whose rights are limited beside the same one in system scope, and a
page of the customers of a team, of one that has half of all and of one that has few."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from benchmarks.measure import Bench, seconds
from crmkit import CRM, Actor, Customer
from crmkit.core.customers.queries import CustomerQuery, page

ACTOR = Actor.system("benchmark")
TIMES = 200
MICRO = 150.0
"""Microseconds that a statement may take longer for somebody in team scope."""
CUSTOMERS = 20_000
PAGE = {"sqlite": 50.0, "postgresql": 30.0}
"""Milliseconds that a page of a team's customers may take."""


def run(bench: Bench) -> None:
    """Measure on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            _statement(bench, engine, crm)
            _pages(bench, engine, crm)


def _statement(bench: Bench, engine: str, crm: CRM) -> None:
    role: Any = crm.run(ACTOR, "role.create", {"name": "bench_seller"})
    for resource in ("customer", "interaction"):
        crm.run(ACTOR, "role.grant", {"resource": resource, "action": "*", "scope": "team"}, target=role.id)
    team, seller = _seller(crm, "bench")
    customer: Any = crm.run(ACTOR, "customer.create", {"name": "Bench", "team_id": str(team)})
    statement = select(Customer.id).where(Customer.id == customer.id)

    def best(actor: Actor) -> float:
        with crm.session(actor) as session:

            def several() -> None:
                for _time in range(TIMES):
                    session.execute(statement).all()

            several()
            return min(seconds(several) for _round in range(9)) / TIMES * 1e6

    extra = best(seller) - best(ACTOR)
    bench.note(
        "a statement in team scope, beyond system scope", engine, extra, MICRO, floor_name="at most", bar=1.0, unit="µs"
    )


def _pages(bench: Bench, engine: str, crm: CRM) -> None:
    half, few = _seller(crm, "half"), _seller(crm, "few")
    for start in range(0, CUSTOMERS, 1000):
        items = [
            {"name": f"Customer {n:06}", "team_id": str(half[0] if n % 2 else few[0] if n % 1000 == 0 else "") or None}
            for n in range(start, start + 1000)
        ]
        crm.run_many(ACTOR, "customer.create", items)
    for what, (_team, seller) in (("half of the customers", half), ("few customers", few)):
        times: list[float] = []
        for _round in range(20):
            with crm.session(seller) as session:
                session.execute(select(Customer.id).limit(1)).all()
                times.append(seconds(lambda session=session: page(session, CustomerQuery())))
        # The second slowest of twenty: the 95th percentile.
        name, ours = f"a page of a team with {what}", sorted(times)[18] * 1e3
        bench.note(name, engine, ours, PAGE[engine], floor_name="at most", bar=1.0, unit="ms")


def _seller(crm: CRM, name: str) -> tuple[Any, Actor]:
    """Return a new team's id and somebody in it, who sees what is the team's."""
    team: Any = crm.run(ACTOR, "team.create", {"name": name})
    user: Any = crm.run(ACTOR, "user.create", {"login": name, "name": name})
    crm.run(ACTOR, "team.add_member", {"user_id": str(user.id)}, target=team.id)
    crm.run(ACTOR, "user.assign_role", {"role": "bench_seller"}, target=user.id)
    return team.id, Actor.user(user.id, user.name)
