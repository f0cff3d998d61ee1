"""Service levels: what is due of many open cases, and all their clocks anew after a change of policy.

Each case has the eight events of a usual one, among them two messages of the customer, an answer and a pause; no two
opened at the same instant. Seconds are of the clock on the wall.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, cast
from uuid import UUID

from attrs import evolve
from sqlalchemy import insert, select

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor, new_id

ACTOR = Actor.system("benchmark")
ROUNDS = 7
DUE = 50.0
"""Milliseconds in which the first page of what is due is there."""
ANEW = 60.0
"""Seconds in which all clocks are folded anew."""
CUSTOMERS = 1000
PAGE = 50


def run(bench: Bench) -> None:
    """Measure what is due and the folding on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("service")
            with CRM.open(url) as crm:
                _fill(crm, bench.rows)
                first = _anew(crm, bench.rows)
                agent = _agent(crm)
                due, _floor = in_turn(lambda crm=crm, agent=agent: _due(crm, agent), lambda: None, rounds=ROUNDS)
                _change(crm)
                again = _anew(crm, bench.rows)
        named = f"{bench.rows:,} open cases"
        rows = (
            (f"what is due of {named}", due * 1000, DUE, "ms"),
            (f"first clocks of {named}", first, ANEW, "s"),
            (f"clocks of {named} after a policy", again, ANEW, "s"),
        )
        for name, took, bar, unit in rows:
            bench.note(name, engine, took, bar, floor_name="what it may take", bar=1.0, unit=unit)


def _agent(crm: CRM) -> Actor:
    user = crm.run(ACTOR, "user.create", {"login": "ada", "name": "Ada"})
    crm.run(ACTOR, "user.assign_role", {"role": "service_agent"}, target=user.id)
    return Actor.user(user.id, "Ada")


def _fill(crm: CRM, number: int) -> None:
    from crmkit_service.cases.models import Case, CaseEvent, CaseType

    crm.run(
        ACTOR,
        "work.calendar.create",
        {"name": "office", "title": "Office", "zone": "Europe/Berlin", "hours": "mon-fri 09:00-17:30", "usual": True},
    )
    made = [crm.run(ACTOR, "customer.create", customer(place)).id for place in range(min(CUSTOMERS, number))]
    with crm.session(ACTOR) as session:
        kinds = {each.name: each for each in session.scalars(select(CaseType))}
    case: UUID = crm.run(ACTOR, "service.case.create", {"customer_id": made[0], "subject": "The kettle leaks"}).id
    cases, events = cast(Any, Case).__table__, cast(Any, CaseEvent).__table__
    now = datetime.now(UTC).replace(microsecond=0)
    with crm.engines.system_write.begin() as connection:
        pattern = dict(connection.execute(select(cases).where(cases.c.id == case)).mappings().one())
        for start in range(0, number, 5000):
            rows: list[dict[str, Any]] = []
            happened: list[dict[str, Any]] = []
            for place in range(start, min(start + 5000, number)):
                kind = list(kinds.values())[place % len(kinds)]
                opened = now - timedelta(minutes=7 * (place % 2000) + 30, seconds=place // 2000)
                values = {"id": new_id(), "number": 10_000 + place, "customer_id": made[place % len(made)]}
                rest = {"priority": ("urgent", "high", "normal", "low")[place % 4], "type_id": kind.id}
                at = {"opened_at": opened, "state_since": opened, "state": "open", "phase": "open"}
                nothing = {"due_at": None, "due_clock": None, "breached": False}
                rows.append({**pattern, **values, **rest, **at, **nothing, "kind": kind.kind})
                happened += _events(values, opened, now)
            connection.execute(insert(cases), rows)
            connection.execute(insert(events), happened)
    with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _events(values: dict[str, Any], opened: datetime, now: datetime) -> list[dict[str, Any]]:
    step = (now - opened) / 8
    told = (
        ("opened", "", "new"),
        ("team", "", ""),
        ("customer_message", "", "mail"),
        ("state", "new", "open"),
        ("agent_message", "", "mail"),
        ("state", "open", "waiting_customer"),
        ("customer_message", "", "mail"),
        ("state", "waiting_customer", "open"),
    )
    return [
        {
            "id": new_id(),
            "recorded_at": now,
            "case_id": values["id"],
            "customer_id": values["customer_id"],
            "at": opened + step * place,
            "kind": kind,
            "before": before,
            "after": after,
            "actor_id": "benchmark",
            "user_id": None,
            "message_id": None,
        }
        for place, (kind, before, after) in enumerate(told)
    ]


def _due(crm: CRM, agent: Actor) -> None:
    """Read the first page of what is due, as an agent."""
    from crmkit_service.sla.reading import due_cases

    with crm.session(agent) as session:
        assert len(session.scalars(due_cases().limit(PAGE)).all()) == PAGE


def _change(crm: CRM) -> None:
    """Halve every target of every policy."""
    from crmkit_service.sla.models import Policy
    from crmkit_service.sla.policies import current
    from crmkit_service.sla.terms import format_terms

    with crm.session(ACTOR) as session:
        changed: dict[UUID, str] = {}
        for each in session.scalars(select(Policy)):
            rules = [
                evolve(rule, targets={name: max(seconds // 120, 1) * 60 for name, seconds in rule.targets.items()})
                for rule in current(session, each)
            ]
            changed[each.id] = format_terms(rules)
    for policy_id, text in changed.items():
        crm.run(ACTOR, "service.sla_policy.update", {"terms": text}, target=policy_id)


def _anew(crm: CRM, number: int) -> float:
    """Fold all clocks anew, part by part as the jobs do, and return the seconds."""
    start = perf_counter()
    after, done = "", 0
    while True:
        part = crm.run(ACTOR, "service.sla.recompute_part", {"after": after})
        done += part.cases
        after = part.after
        if not after:
            break
    assert done >= number
    return perf_counter() - start
