"""Lists: the first page of fifty, filtered and sorted, beside a bare ORM select; and a deep page beside the first."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer
from crmkit.core.customers.queries import CustomerQuery, page

ACTOR = Actor.system("benchmark")
WHERE = ("city=上海", "created_at>=2020-01-01")
SORT = "-created_at"
ROUNDS = 7
DEEP = 100
"""Pages that lie before the deep one."""


def run(bench: Bench) -> None:
    """Measure lists on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            _fill(crm, bench.rows)
            first, bare = in_turn(lambda crm=crm: _page(crm, None), lambda crm=crm: _bare(crm), rounds=ROUNDS)
            bench.note(
                f"first page of 50 from {bench.rows:,}",
                engine,
                first * 1000,
                bare * 1000,
                floor_name="bare ORM select",
                bar=4.0,
                unit="ms",
            )
            cursor = _deep(crm)
            deep, first = in_turn(
                lambda crm=crm, cursor=cursor: _page(crm, cursor), lambda crm=crm: _page(crm, None), rounds=ROUNDS
            )
            bench.note(
                f"page {DEEP} of 50", engine, deep * 1000, first * 1000, floor_name="first page", bar=2.0, unit="ms"
            )


def _fill(crm: CRM, rows: int) -> None:
    for start in range(0, rows, 5000):
        items = [{**customer(number), "identifier_source": "bench"} for number in range(start, min(start + 5000, rows))]
        crm.run_many(ACTOR, "customer.create", items)
    if crm.engines.dialect == "postgresql":
        with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _page(crm: CRM, after: str | None) -> str | None:
    with crm.session(ACTOR) as session:
        found = page(session, CustomerQuery(conditions=WHERE, sort=SORT, limit=50, after=after))
        assert len(found.items) == 50
        return found.next


def _bare(crm: CRM) -> None:
    """Select the same fifty, with their contact points and tags, without anything else."""
    from datetime import UTC, datetime

    from sqlalchemy.orm import selectinload

    with Session(crm.engines.system_read) as session:
        query = (
            select(Customer)
            .where(Customer.city == "上海", Customer.created_at >= datetime(2020, 1, 1, tzinfo=UTC))
            .order_by(Customer.created_at.desc(), Customer.id.desc())
            .limit(50)
            .options(selectinload(Customer.contact_points), selectinload(Customer.tags))
        )
        assert len(session.scalars(query).all()) == 50


def _deep(crm: CRM) -> str | None:
    cursor: str | None = None
    for _number in range(DEEP):
        cursor = _page(crm, cursor)
    return cursor
