"""The audit log: what it costs writers, how soon records are chained, and how fast it is verified."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from statistics import quantiles
from typing import Any
from uuid import UUID

from attrs import evolve
from sqlalchemy import func, select

from benchmarks.measure import Bench, seconds
from benchmarks.sample import customer
from crmkit import CRM, Actor
from crmkit.core.operations.audit_chain import links, records
from crmkit.core.operations.audit_lines import line_of
from crmkit.core.operations.auditing import Writer
from crmkit.core.store.ids import new_id
from crmkit.security.audit.verify import audit_verify
from crmkit.settings import Settings

ACTOR = Actor.system("benchmark")
WRITERS = 8
EACH = 60
LAG = 1.0
VERIFIED = 100_000
"""Records a second that verifying has to reach."""


def run(bench: Bench) -> None:
    """Measure the audit log on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            settings = evolve(Settings.from_mapping({"database": url}), pool_size=WRITERS * 2)
            with CRM.init(settings) as crm:
                _writing(bench, crm)
                if engine == "postgresql":
                    _lag(bench, crm)
                _verifying(bench, crm)


def _writing(bench: Bench, crm: CRM) -> None:
    """Measure writers at once with the audit log, beside the same without it: with the usual change, and with the
    smallest one, whose writers wait for each other besides and for which there is no bar."""
    numbers = count()

    def create_customer() -> None:
        crm.run(ACTOR, "customer.create", {**customer(next(numbers)), "identifier_source": "bench"})

    bar = 1 / 0.8 if crm.engines.dialect == "postgresql" else None
    _with_and_without(bench, crm, "customer.create", create_customer, bar)
    _with_and_without(bench, crm, "team.create", lambda: _create_team(crm), None)


def _with_and_without(bench: Bench, crm: CRM, name: str, call: Callable[[], object], bar: float | None) -> None:
    write = crm.gate.auditor.write

    def bare(connection: Any, lines: Any, session: Any = None) -> Writer:
        return Writer(new_id())

    _storm(call, EACH // 5)
    pairs: list[tuple[float, float]] = []
    for _round in range(5):
        audited = _storm(call, EACH)
        crm.gate.auditor.write = bare  # type: ignore[method-assign]
        try:
            pairs.append((audited, _storm(call, EACH)))
        finally:
            crm.gate.auditor.write = write  # type: ignore[method-assign]
    # Both of a pair ran one after the other: what else the machine does is alike for them.
    ours, floor = sorted(pairs, key=lambda pair: pair[0] / pair[1])[2]
    number = WRITERS * EACH
    bench.note(
        f"{WRITERS} writers, {name}",
        crm.engines.dialect,
        ours / number * 1000,
        floor / number * 1000,
        floor_name="without the audit log",
        bar=bar,
        unit="ms",
    )


def _create_team(crm: CRM) -> None:
    crm.run(ACTOR, "team.create", {"name": str(new_id())})


def _storm(call: Callable[[], object], each: int) -> float:
    """Return how many seconds it takes until every writer has called so many times."""

    def work() -> None:
        for _turn in range(each):
            call()

    threads = [threading.Thread(target=work) for _writer in range(WRITERS)]

    def all_of_them() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return seconds(all_of_them)


def _lag(bench: Bench, crm: CRM) -> None:
    """Measure, while all write, how long after its commit a record is in the chain."""
    ended = threading.Event()
    lags: list[float] = []

    def watch() -> None:
        waiting: dict[UUID, float] = {}
        while not ended.is_set() or waiting:
            with crm.engines.system_read.connect() as connection:
                now = time.perf_counter()
                newest = select(records.c.id).order_by(records.c.recorded_at.desc()).limit(20)
                for found in connection.execute(newest).scalars():
                    if not ended.is_set() and found not in seen:
                        seen.add(found)
                        waiting[found] = now
                chained = connection.execute(select(links.c.audit_id).where(links.c.audit_id.in_(list(waiting))))
                lags.extend(now - waiting.pop(found) for found in chained.scalars())
            time.sleep(0.005)

    seen: set[UUID] = set()
    watcher = threading.Thread(target=watch)
    watcher.start()
    _storm(lambda: _create_team(crm), EACH)
    ended.set()
    watcher.join()
    p95 = quantiles(lags, n=20)[18]
    bench.note("lag of chaining, 95th percentile", "postgresql", p95, LAG, floor_name="at most", bar=1.0)


def _verifying(bench: Bench, crm: CRM) -> None:
    """Measure verifying as many records as the benchmark has rows, each about a customer."""
    _fill(crm, bench.rows)
    with crm.engines.system_read.connect() as connection:
        number = int(connection.execute(select(func.count()).select_from(links)).scalar_one())
    found = min((audit_verify(crm, ACTOR) for _round in range(3)), key=lambda each: each.seconds)
    assert found.intact
    bench.note(
        f"verifying {number:,} records",
        crm.engines.dialect,
        found.seconds,
        number / VERIFIED,
        floor_name=f"{VERIFIED:,} a second",
        bar=1.0,
    )


def _fill(crm: CRM, number: int) -> None:
    subjects: Sequence[UUID] = [new_id() for _place in range(1000)]
    for start in range(0, number, 1000):
        now = crm.clock.now()
        crm.gate.audit(
            [
                line_of(
                    ACTOR,
                    "customer.update",
                    "done",
                    recorded_at=now,
                    correlation=new_id(),
                    resource="customer",
                    target=("crm_customer", subjects[place]),
                    subjects=[subjects[place]],
                    details={"fields": ["city", "name"]},
                )
                for place in range(min(1000, number - start))
            ]
        )
    if crm.engines.dialect == "postgresql":
        while crm.gate.auditor.seal(wait=True):
            pass
        with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
