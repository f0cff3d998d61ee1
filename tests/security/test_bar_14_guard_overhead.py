"""Bar 14: what the guard costs. Lists of a team are found by an index, for a team with few customers and for one with
half of them. Times are measured by ``benchmarks/guard.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.customers.queries import CustomerQuery, page
from tests.conftest import ENGINES, Scale, Templates
from tests.security.world import World, build


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory, scale: Scale
) -> Iterator[World]:
    """The company with many customers: half of them the northern team's, a few the southern one's."""
    crm = CRM.open(templates.copy(request.param, Path(tmp_path_factory.mktemp("many"))))
    world = build(crm)
    _fill(crm, world, scale(small=20_000, full=1_000_000))
    yield world
    crm.close()


def _fill(crm: CRM, world: World, count: int) -> None:
    copied = ", ".join(
        column.name for column in Customer.__table__.c if not column.nullable and column.name not in ("id", "sort_name")
    )
    sqlite = crm.engines.dialect == "sqlite"
    if sqlite:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        values, source = "randomblob(16), substr(hex(randomblob(8)), 1, 12)", "n"
    else:
        numbers = ""
        values, source = "gen_random_uuid(), md5(random()::text)", f"generate_series(1, {count}) AS n(i)"
    north, south = (":north", ":south") if sqlite else ("CAST(:north AS uuid)", "CAST(:south AS uuid)")
    statement = (
        f"{numbers} INSERT INTO crm_customer (id, sort_name, team_id, {copied}) "
        f"SELECT {values}, CASE WHEN i % 2 = 0 THEN {north} WHEN i % 1000 = 1 THEN {south} END, {copied} "
        f"FROM {source} CROSS JOIN (SELECT * FROM crm_customer LIMIT 1) AS c"
    )
    teams = {"north": world.north, "south": world.south}
    with crm.engines.system_write.begin() as connection:
        connection.execute(text(statement), {name: team.bytes if sqlite else team for name, team in teams.items()})
        if not sqlite:
            # As its own daemon does after a while; SQLite is asked to in the last test alone.
            connection.execute(text("ANALYZE"))


def _plan_of(crm: CRM, read: Callable[[], object]) -> str:
    """Return how the database carries out the statement that reads customers."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "LIMIT" in statement and "FROM crm_customer" in statement and "ORDER BY" in statement:
            seen.append((statement, parameters))

    event.listen(crm.engines.base, "before_cursor_execute", note)
    try:
        read()
    finally:
        event.remove(crm.engines.base, "before_cursor_execute", note)
    statement, parameters = seen[0]
    explain = "EXPLAIN QUERY PLAN " if crm.engines.dialect == "sqlite" else "EXPLAIN "
    with crm.engines.system_read.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))


@pytest.mark.parametrize("who", ["nora", "sven"])
def test_a_team_s_list_is_found_by_an_index(filled: World, who: str) -> None:
    """A page of a team's customers reads neither the whole table nor sorts half of it."""
    actor = filled.nora if who == "nora" else filled.sven

    def read() -> None:
        with filled.crm.session(actor) as session:
            assert page(session, CustomerQuery()).items

    plan = _plan_of(filled.crm, read)
    assert "Seq Scan on crm_customer" not in plan
    assert "SCAN crm_customer\n" not in f"{plan}\n"
    if who == "nora":
        assert "ix_crm_customer_sort_name" in plan
    else:
        assert "ix_crm_customer_team_id" in plan
