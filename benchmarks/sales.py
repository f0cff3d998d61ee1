"""Selling: opportunities by stage beside hand-written SQL, and a board of 2,000 beside the 300 milliseconds that it may
take. What is counted is the same on both sides."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import insert, select, text

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor, new_id
from crmkit.testing import Clients

ACTOR = Actor.system("benchmark")
ROUNDS = 7
BOARD = 2000
BAR = 300.0
"""Milliseconds in which the board opens."""
PATH = "/records/sales.opportunity/board/sales.pipeline"
BY_HAND = """
    SELECT s.title, count(*), coalesce(sum(o.amount_minor), 0),
           coalesce(sum((o.amount_minor * o.effective_probability + 5000) / 10000), 0)
    FROM sales_opportunity o JOIN sales_stage s ON s.id = o.stage_id
    WHERE o.stage_kind = 'open' GROUP BY s.id, s.title, s.position ORDER BY s.position
"""


def run(bench: Bench) -> None:
    """Measure the report by stage and the board on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("sales")
                crm.run(ACTOR, "business.configure", {"base_currency": "EUR"})
            with CRM.open(url) as crm:
                _fill(crm, BOARD)
                clients = Clients(crm=crm)
                client = clients(_manager(crm))
                opened, _floor = in_turn(lambda client=client: _open_board(client), lambda: None, rounds=ROUNDS)
                clients.close()
                _copy(crm, bench.rows - BOARD)
                report, plain = in_turn(lambda crm=crm: _reported(crm), lambda crm=crm: _by_hand(crm), rounds=ROUNDS)
            bench.note(
                f"board of {BOARD:,}", engine, opened * 1000, BAR, floor_name="what it may take", bar=1.0, unit="ms"
            )
            bench.note(
                f"{bench.rows:,} opportunities by stage",
                engine,
                report * 1000,
                plain * 1000,
                floor_name="hand-written SQL",
                bar=2.0,
                unit="ms",
            )


def _manager(crm: CRM) -> Actor:
    user = crm.run(ACTOR, "user.create", {"login": "ada", "name": "Ada"})
    crm.run(ACTOR, "user.assign_role", {"role": "admin"}, target=user.id)
    return Actor.user(user.id, "Ada")


def _fill(crm: CRM, number: int) -> None:
    made = crm.run(ACTOR, "customer.create", customer(1)).id
    with crm.transaction(ACTOR) as session:
        for place in range(number):
            values = {"title": f"Deal {place}", "stage": ("qualification", "proposal", "negotiation")[place % 3]}
            amount = {"amount_minor": 100 + place * 7, "currency": "EUR"}
            session.run("sales.opportunity.create", {"customer_id": made, **values, **amount})


def _copy(crm: CRM, number: int) -> None:
    from crmkit_sales.pipelines.models import Opportunity

    table = cast(Any, Opportunity).__table__
    with crm.engines.system_write.begin() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        made = [
            {**rows[place % len(rows)], "id": new_id(), "number": 10_000 + place, "amount_minor": 100 + place * 7}
            for place in range(max(number, 0))
        ]
        for start in range(0, len(made), 5000):
            connection.execute(insert(table), made[start : start + 5000])
    with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _open_board(client: Any) -> None:
    """Open the board in this process, without a network in between."""
    assert client.get(PATH).status_code == 200


def _reported(crm: CRM) -> None:
    from crmkit.engines.reports.running import run as run_report

    with crm.session(ACTOR) as session:
        run_report(session, "sales.pipeline", {})


def _by_hand(crm: CRM) -> None:
    with crm.engines.system_read.connect() as connection:
        connection.execute(text(BY_HAND)).all()
