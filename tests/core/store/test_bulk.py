"""Inserting many rows: the values that SQLAlchemy itself would write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, insert, select

from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.engine import open_engines
from crmkit.core.store.ids import new_id
from crmkit.core.store.types import Id, Instant, ScaledDecimal, json_type
from crmkit.settings import Settings

metadata = MetaData()
sample = Table(
    "sample order",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(20)),
    Column("number", Integer),
    Column("yes", Boolean),
    Column("day", Date),
    Column("at", Instant),
    Column("exact", ScaledDecimal(4)),
    Column("data", json_type()),
)


def row(**values: Any) -> dict[str, Any]:
    """Return a row with the values that are not given empty."""
    return {**{column.name: None for column in sample.c}, "id": new_id(), **values}


def test_rows_are_what_sqlalchemy_would_write(database_url: str) -> None:
    engines = open_engines(Settings(database=database_url))
    rows = [
        row(),
        row(name="李娜 %s ? :x", number=7, yes=True, day=date(2026, 3, 31), data={"a": [1, None, "é"]}),
        row(at=datetime(2026, 3, 31, 14, 5, tzinfo=UTC), exact=Decimal("12.3456"), yes=False, data=[]),
    ]
    with engines.system_write.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(sample), rows)
        expected = connection.execute(select(sample).order_by(sample.c.id)).all()
        connection.execute(sample.delete())
        insert_rows(connection, sample, rows)
        assert expected == connection.execute(select(sample).order_by(sample.c.id)).all()
        insert_rows(connection, sample, [])
    engines.dispose()
