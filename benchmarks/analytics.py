"""Cohorts, revenue that stays and active customers over ten purchases a customer, beside hand-written SQL that counts
the same."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from benchmarks.measure import Bench, in_turn
from benchmarks.population import END, populate
from crmkit import CRM, Actor, Interaction, new_id
from crmkit.core.store.bulk import insert_rows

ACTOR = Actor.system("benchmark")
ROUNDS = 3
EACH = 10
DAYS = 730
BATCH = 10_000
BAR = 2.0
FIRST, LAST = (END - timedelta(days=365)).date(), (END - timedelta(days=1)).date()

_MONTH = {
    "sqlite": "CAST(substr(occurred_at, 1, 4) AS INTEGER) * 12 + CAST(substr(occurred_at, 6, 2) AS INTEGER) - 1",
    "postgresql": "(extract(year FROM occurred_at)::int * 12 + extract(month FROM occurred_at)::int - 1)",
}
_DAY = {
    "sqlite": "CAST(julianday(substr(occurred_at, 1, 10)) + 0.5 AS INTEGER) - 2440588",
    "postgresql": "(occurred_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01'",
}
_MONTH_OF_DAY = {
    "sqlite": "strftime('%Y-%m', (day + 2440587.5))",
    "postgresql": "date_trunc('month', DATE '1970-01-01' + day)",
}
_COUNTED = """kind IN ('purchase', 'refund') AND customer_id IS NOT NULL AND reverses_id IS NULL
    AND id NOT IN (SELECT reverses_id FROM crm_interaction WHERE reverses_id IS NOT NULL)"""
_UNITS = """SELECT customer_id, {month} AS unit, count(*) AS number, sum(CASE kind WHEN 'purchase' THEN amount_minor
    ELSE -amount_minor END) AS amount FROM crm_interaction WHERE {counted} GROUP BY customer_id, unit"""
COHORTS = """
    WITH units AS ({units}), began AS (SELECT customer_id, min(unit) AS cohort FROM units GROUP BY customer_id)
    SELECT began.cohort, units.unit, count(*), sum(units.amount) FROM units
    JOIN began ON began.customer_id = units.customer_id WHERE began.cohort BETWEEN :first AND :last
    GROUP BY began.cohort, units.unit
"""
KEPT = """
    WITH units AS ({units}) SELECT a.unit, count(*), count(b.customer_id), sum(a.amount), sum(coalesce(b.amount, 0)),
    sum(CASE WHEN coalesce(b.amount, 0) < a.amount THEN coalesce(b.amount, 0) ELSE a.amount END)
    FROM units a LEFT JOIN units b ON b.customer_id = a.customer_id AND b.unit = a.unit + 1
    WHERE a.amount > 0 AND a.unit BETWEEN :first - 1 AND :last - 1 GROUP BY a.unit
"""
ACTIVE = """
    WITH pairs AS (SELECT DISTINCT customer_id, {day} AS day FROM crm_interaction WHERE {counted}
    AND kind = 'purchase' AND occurred_at >= :since), ends AS (SELECT max(day) AS last FROM
    (SELECT DISTINCT day, {month_of_day} AS unit FROM pairs) days GROUP BY unit)
    SELECT ends.last, count(DISTINCT pairs.customer_id), count(*),
    count(DISTINCT CASE WHEN pairs.day > ends.last - 7 THEN pairs.customer_id END)
    FROM pairs JOIN ends ON pairs.day > ends.last - 31 AND pairs.day <= ends.last GROUP BY ends.last
"""


def run(bench: Bench) -> None:
    """Measure on each engine; each side is to take no more than twice as long as SQL by hand."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("analytics")
                crm.run(ACTOR, "business.configure", {"base_currency": "EUR"})
            with CRM.open(url) as crm:
                _fill(crm, bench.rows)
                _compare(bench, engine, crm)


DAYS_BY_HAND = """
    SELECT customer_id, {day} AS day, sum(CASE kind WHEN 'purchase' THEN 1 ELSE 0 END), sum(CASE kind WHEN 'purchase'
    THEN amount_minor ELSE 0 END), sum(CASE kind WHEN 'refund' THEN amount_minor ELSE 0 END) FROM crm_interaction
    WHERE {counted} GROUP BY customer_id, day ORDER BY customer_id, day
"""
STREAM_BAR = 3.0
"""Each row becomes a value with an id and a day."""


def _compare(bench: Bench, engine: str, crm: CRM) -> None:
    from crmkit_analytics.behaviour.activity import ActivityParameters, activity_rows
    from crmkit_analytics.cohorts.triangle import kept_revenue, triangle
    from crmkit_analytics.stream.purchases import purchases

    from crmkit import Period, moment_of

    first, last = FIRST.year * 12 + FIRST.month - 1, LAST.year * 12 + LAST.month - 1
    between = {"first": first, "last": last}
    size = f"{bench.rows * EACH:,} purchases"
    units = _UNITS.format(month=_MONTH[engine], counted=_COUNTED)

    def cohorts() -> None:
        with crm.session(ACTOR) as session:
            triangle(session, moment_of(session), first=first, last=last)

    def kept() -> None:
        with crm.session(ACTOR) as session:
            kept_revenue(session, moment_of(session), first=first, last=last)

    def active() -> None:
        with crm.session(ACTOR) as session:
            activity_rows(session, ActivityParameters(period=Period(first=FIRST, last=LAST)), moment_of(session))

    since = {"since": datetime.combine(FIRST, datetime.min.time(), UTC)}
    since = {"since": since["since"] if engine == "postgresql" else f"{FIRST}T00:00:00"}
    sides: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
        ("cohorts", cohorts, COHORTS.format(units=units), between),
        ("revenue that stays", kept, KEPT.format(units=units), between),
        (
            "active customers",
            active,
            ACTIVE.format(day=_DAY[engine], month_of_day=_MONTH_OF_DAY[engine], counted=_COUNTED),
            since,
        ),
    )
    for name, ours, sql, values in sides:

        def by_hand(sql: str = sql, values: dict[str, Any] = values) -> None:
            with crm.engines.system_read.connect() as connection:
                connection.execute(text(sql), values).all()

        taken, plain = in_turn(ours, by_hand, rounds=ROUNDS)
        bench.note(
            f"{name}, {size}", engine, taken * 1000, plain * 1000, floor_name="hand-written SQL", bar=BAR, unit="ms"
        )

    def stream() -> None:
        with crm.session(ACTOR) as session:
            deque(purchases(session), 0)

    def stream_by_hand() -> None:
        with crm.engines.system_read.connect() as connection:
            rows = connection.execution_options(yield_per=BATCH).execute(
                text(DAYS_BY_HAND.format(day=_DAY[engine], counted=_COUNTED))
            )
            deque(rows, 0)

    taken, plain = in_turn(stream, stream_by_hand, rounds=ROUNDS)
    bench.note(
        f"purchases by day, {size}",
        engine,
        taken * 1000,
        plain * 1000,
        floor_name="hand-written SQL",
        bar=STREAM_BAR,
        unit="ms",
    )


def _fill(crm: CRM, customers: int) -> None:
    ids = populate(crm, customers, 0)
    table = cast(Any, Interaction).__table__
    made = _purchases(ids)
    while rows := [row for _number, row in zip(range(BATCH), made, strict=False)]:
        with crm.engines.system_write.begin() as connection:
            insert_rows(connection, table, rows)
    with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _purchases(ids: list[UUID]) -> Iterator[dict[str, Any]]:
    draw = random.Random(7)
    empty: dict[str, Any] = {column.key: None for column in cast(Any, Interaction).__table__.c}
    empty |= {"direction": "in", "actor_id": "benchmark", "payload": {}, "visibility": "all", "channel": "store"}
    number = len(ids) * EACH
    for place in range(number):
        at = END - timedelta(days=DAYS) + place * timedelta(days=DAYS) / number
        said = {"id": new_id(), "customer_id": draw.choice(ids), "occurred_at": at, "recorded_at": at}
        money = {"amount_minor": draw.randrange(100, 100_000), "currency": "EUR"}
        yield empty | said | money | {"kind": "purchase" if place % 25 else "refund"}
