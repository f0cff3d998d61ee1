"""The two executions of an expression agree: closure and SQL, on SQLite and PostgreSQL, whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import frozen
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.core.store.types import dumps, json_decode
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.errors import ExpressionError
from tests.conftest import ENGINES, Scale
from tests.engines.expressions.generating import COLUMNS, REFS, VOCABULARY, ZONES, Generator, table


@frozen
class Databases:
    """A table of rows in both databases."""

    engines: dict[str, sa.Engine]
    table: sa.Table
    columns: dict[Any, Any]

    def answers(self, expressions: list[Expression], rows: list[Any], at: Surroundings, name: str) -> list[list[Any]]:
        """Return what a database answers: for each row the value, and whether WHERE takes it, of each expression."""
        placed = Surroundings(as_of=at.as_of, zone=at.zone, base_currency="CNY", rate=at.rate, dialect=name)
        values = [expression.sql(self.columns, placed) for expression in expressions]
        wheres = [
            sa.case((expression.where(self.columns, placed), True), else_=False)
            for expression in expressions
            if expression.type.kind == "boolean"
        ]
        with self.engines[name].begin() as connection:
            connection.execute(self.table.delete())
            connection.execute(
                self.table.insert(),
                [
                    {"id": number} | {self.columns[ref].name: _stored(value) for ref, value in row.items()}
                    for number, row in enumerate(rows)
                ],
            )
            columns = [column.label(f"v{number}") for number, column in enumerate([*values, *wheres])]
            found = connection.execute(sa.select(*columns).order_by(self.table.c.id))
            return [list(row) for row in found]


def _stored(value: Any) -> Any:
    return value // timedelta(microseconds=1) if isinstance(value, timedelta) else value


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The table of rows in both databases, empty."""
    server: Any = request.getfixturevalue("postgres_server")
    server.create_database("test_agreement")
    folder: Path = tmp_path_factory.mktemp("agreement")
    urls = {"sqlite": f"sqlite:///{folder / 'rows.db'}", "postgresql": server.url("test_agreement")}
    engines = {
        name: sa.create_engine(urls[name], json_serializer=dumps, json_deserializer=json_decode) for name in ENGINES
    }
    metadata = sa.MetaData()
    rows, columns = table(metadata)
    for engine in engines.values():
        metadata.create_all(engine)
    yield Databases(engines, rows, columns)
    for engine in engines.values():
        engine.dispose()
    server.drop_database("test_agreement")


def rate(currency: str, into: str, day: date) -> Fraction:
    """Return some rate."""
    return {"USD": Fraction(717, 100), "JPY": Fraction(1, 21)}[currency]


def _shown(value: Any, kind: str) -> Any:
    if kind == "duration" and isinstance(value, int):
        return timedelta(microseconds=value)
    return repr(value + 0.0) if kind == "number" and value is not None else value


def check(seed: int, databases: Databases, *, expressions: int, rows: int, depth: int) -> int:
    """Compare the executions for a seed; returns how many values were compared."""
    moments = (
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 1, 17, 0, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    )
    zone, now = ZONES[seed % len(ZONES)], moments[seed // 7 % len(moments)]
    at = Surroundings(as_of=now, zone=zone, base_currency="CNY", rate=rate)
    made = Generator(seed, zone, now)
    compiled: list[Expression] = []
    while len(compiled) < expressions:
        kind = made.random.choice([*[kind for kind in COLUMNS if kind != "list"], "boolean", "boolean", "boolean"])
        text = made.expression(kind, made.random.randint(1, depth))
        if len(text) <= 4000:
            try:
                compiled.append(compile_expression(text, VOCABULARY, expect=None))
            except ExpressionError as error:
                # The generator writes well-typed texts: they can only be too large.
                if "deep" not in str(error) and "parts" not in str(error):
                    raise AssertionError(text) from error
    values = [made.row() for _ in range(rows)]
    conditions = [expression for expression in compiled if expression.type.kind == "boolean"]
    expected = [
        [_shown(one.evaluate(row, at), one.type.kind) for one in compiled]
        + [bool(one.evaluate(row, at)) for one in conditions]
        for row in values
    ]
    for name in ENGINES:
        got = databases.answers(compiled, values, at, name)
        for row, wanted, found in zip(values, expected, got, strict=True):
            for number, one in enumerate([*compiled, *conditions]):
                shown = _shown(found[number], one.type.kind)
                used = {ref: row[ref] for ref in REFS if ref in one.uses}
                assert (wanted[number], name) == (shown, name), f"{one.text}\n{used} in {zone} at {now}"
    return len(values) * len(compiled)


def test_closure_and_both_databases_agree(databases: Databases, scale: Scale) -> None:
    """A condition selects the same customers and a value has the same digits in all executions."""

    @settings(
        max_examples=scale(small=12, full=250), deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(seed=st.integers(0, 2**40))
    def holds(seed: int) -> None:
        assert check(seed, databases, expressions=24, rows=16, depth=4)

    holds()
