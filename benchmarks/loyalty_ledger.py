"""Loyalty's ledger: a history of points that is taken over, beside a bare insert of the rows that it leaves, and the
balance of a member with ten thousand entries."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, insert, select

from benchmarks.measure import Bench, in_turn
from crmkit import CRM, Actor

ACTOR = Actor.system("benchmark")
BATCH = 5_000
MEMBERS = 2_000
REPLAY_BAR = 3.0
"""A third of the speed of a bare insert."""
BALANCE_BAR = 2.0
"""Milliseconds."""
ENTRIES = 10_000
START = datetime(2024, 1, 1, tzinfo=UTC)


def run(bench: Bench) -> None:
    """Measure both on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("loyalty")
            with CRM.open(url) as crm:
                accounts = _accounts(crm)
                spent, postings = _replay(crm, accounts, bench.rows)
                with bench.database(engine) as bare:
                    with CRM.init(bare) as other:
                        other.enable("loyalty")
                    with CRM.open(bare) as other:
                        floor = _bare(crm, other)
                _agree(crm)
                bench.note(
                    f"{postings:,} postings replayed",
                    engine,
                    spent,
                    floor,
                    floor_name="bare insert of the same rows",
                    bar=REPLAY_BAR,
                )
                _balance(bench, engine, crm, accounts[0])


def _accounts(crm: CRM) -> list[UUID]:
    """Add members, and return their customers."""
    crm.run(ACTOR, "loyalty.program.create", {"name": "club", "title": "Club"})
    kind = {"expiry": "rolling", "expiry_months": 240}
    crm.run(ACTOR, "loyalty.point_type.create", {"program": "club", "name": "points", "title": "Points", **kind})
    people = [{"kind": "person", "name": f"Member {number}"} for number in range(MEMBERS)]
    made = [each.result for each in crm.run_many(ACTOR, "customer.create", people)]
    for customer in made:
        crm.run(ACTOR, "loyalty.member.join", {"customer_id": customer})
    return made


def _replay(crm: CRM, customers: Sequence[UUID], rows: int) -> tuple[float, int]:
    """Take over a past of two points earned for one spent, until there are so many postings."""
    from crmkit_loyalty.ledger.models import Posting

    draw = random.Random(7)
    number, spent = rows // 2, 0.0
    for start in range(0, number, BATCH):
        items = [
            {
                "customer_id": customers[place * MEMBERS // number],
                "key": str(place),
                "points": draw.randint(50, 200) if place % 3 else -draw.randint(1, 50),
                "at": START + timedelta(minutes=place),
            }
            for place in range(start, min(start + BATCH, number))
        ]
        begun = perf_counter()
        crm.run_many(ACTOR, "loyalty.history.load", items)
        spent += perf_counter() - begun
    with crm.session(ACTOR) as session:
        return spent, session.scalar(select(func.count()).select_from(Posting)) or 0


def _bare(crm: CRM, other: CRM) -> float:
    """Insert the same rows into the same tables, by SQLAlchemy Core and nothing else."""
    from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
    from crmkit_loyalty.programs.models import Account, PointType, Program

    from crmkit import Customer

    spent = 0.0
    tables: Iterable[Table] = (cast(Any, model).__table__ for model in (Transaction, Lot, Posting))
    with other.engines.system_write.begin() as to, crm.engines.system_read.connect() as source:
        for model in (Customer, Program, PointType, Account):
            table = cast(Any, model).__table__
            to.execute(insert(table), [dict(row._mapping) for row in source.execute(select(table))])
    with crm.engines.system_read.connect() as source:
        for table in tables:
            reader = source.execution_options(yield_per=BATCH).execute(select(table))
            for part in reader.mappings().partitions(BATCH):
                rows = [dict(row) for row in part]
                begun = perf_counter()
                with other.engines.system_write.begin() as to:
                    to.execute(insert(table), rows)
                spent += perf_counter() - begun
    return spent


def _agree(crm: CRM) -> None:
    from crmkit_loyalty.ledger.reading import disagreements

    with crm.session(ACTOR) as session:
        assert disagreements(session) == []


def _balance(bench: Bench, engine: str, crm: CRM, customer: UUID) -> None:
    """Measure the balance of a member with many entries."""
    from crmkit_loyalty.ledger.models import Posting
    from crmkit_loyalty.ledger.reading import standing_of
    from crmkit_loyalty.programs.finding import accounts_of, program_named, types_of

    now = datetime.now(UTC)
    items = [
        {"customer_id": customer, "key": f"many {number}", "points": 10, "at": now - timedelta(minutes=number)}
        for number in range(ENTRIES, 0, -1)
    ]
    crm.run_many(ACTOR, "loyalty.history.load", items)
    with crm.session(ACTOR) as session:
        own_lines = select(func.count()).select_from(Posting)
        own_lines = own_lines.where(Posting.customer_id == customer, Posting.account_id.is_not(None))
        entries = session.scalar(own_lines)
        program = program_named(session)
        types, own = types_of(session, program.id), accounts_of(session, program.id, customer)
        ours, floor = in_turn(
            lambda: standing_of(session, own, types), lambda: session.execute(select(func.now())).all(), rounds=51
        )
    bench.note(
        f"balance of a member with {entries:,} lines of their own",
        engine,
        ours * 1000,
        floor * 1000,
        floor_name="the least statement",
        bar=BALANCE_BAR / (floor * 1000),
        unit="ms",
    )
