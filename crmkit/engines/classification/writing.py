"""Writing labels set-based: what was decided is compared with what customers have, and only what changed is written.

Everything happens in the database, in temporary tables; nothing is compared in Python. Must not know how a label is
decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast as typed
from uuid import UUID

from attrs import frozen
from sqlalchemy import (
    Column,
    Connection,
    FromClause,
    MetaData,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateTable

from crmkit.core.customers.models import Customer
from crmkit.core.store.types import Id, Instant, json_type
from crmkit.engines.classification.plans import Found, Plan
from crmkit.engines.classification.tables import Label, LabelPin
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.reading import present_at

CUSTOMER = typed(Any, Customer).__table__
LABEL = typed(Any, Label).__table__
PIN = typed(Any, LabelPin).__table__
DECIDER, PINNED = "decider", "pin"


class Move(NamedTuple):
    """How many customers went from one label to another; None is none."""

    before: str | None
    after: str | None
    customers: int


@frozen(kw_only=True)
class Writing:
    """When and by which run something is written."""

    run_id: UUID
    as_of: datetime
    recorded_at: datetime


@contextmanager
def temporary(connection: Connection, name: str, columns: Sequence[Column[Any]], rows: Any = None) -> Iterator[Table]:
    """Make a temporary table for the block, filled from a select; its first column is what it is joined by."""
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])
    connection.execute(text(f"DROP TABLE IF EXISTS {_place(connection)}{name}"))
    connection.execute(CreateTable(table))
    if rows is not None:
        fill(connection, table, rows)
    yield table
    connection.execute(text(f"DROP TABLE {_place(connection)}{name}"))


def fill(connection: Connection, table: Table, rows: Any) -> None:
    """Put what a select gives into a temporary table."""
    connection.execute(insert(table).from_select([column.name for column in table.columns], rows))
    if connection.dialect.name == "postgresql":
        # What others are like nobody asks, and documents take long to look at.
        connection.execute(text(f"ANALYZE {table.name} ({next(iter(table.columns)).name})"))


def _place(connection: Connection) -> str:
    return "pg_temp." if connection.dialect.name == "postgresql" else "temp."


CHANGES = (
    Column("customer_id", Id),
    Column("before", String),
    Column("after", String),
    Column("cause", String),
    Column("evidence", json_type()),
)
"""The columns of what changed in one dimension."""


def compared(
    plan: Plan, computed: FromClause, found: Found, as_of: datetime, evidence: Any, *, had: Any = None, pins: Any = None
) -> Any:
    """Return a select of what is decided in one dimension: customer, label before, label after, cause and evidence.

    A pin that has not expired goes before the decider; a label that has to stay for some days is kept as long as the
    customer is classified at all. ``had`` and ``pins`` stand in the place of the tables of labels and pins.
    """
    dimension = plan.dimension
    current = LABEL.alias("current_label") if had is None else had
    pin = PIN.alias("label_pin") if pins is None else pins
    decided = plan.label(computed, current.c.label, found)
    if dimension.stay_days:
        stays = and_(
            current.c.cause != PINNED,
            current.c.since > as_of - timedelta(days=dimension.stay_days),
            computed.c[plan.name("among")] == 1,
        )
        decided = case((stays, current.c.label), else_=decided)
    after = case((pin.c.label.is_not(None), pin.c.label), else_=decided)
    joined = computed.outerjoin(
        current,
        and_(
            current.c.dimension == dimension.name,
            current.c.customer_id == computed.c.customer_id,
            current.c.until.is_(None),
        ),
    ).outerjoin(
        pin,
        and_(
            pin.c.dimension == dimension.name,
            pin.c.customer_id == computed.c.customer_id,
            or_(pin.c.expires_at.is_(None), pin.c.expires_at > as_of),
        ),
    )
    # In a part of its own, so that what decides is computed once, not wherever it is used.
    inner = (
        select(
            computed.c.customer_id,
            current.c.label.label("before"),
            after.label("after"),
            pin.c.label.label("pinned"),
            evidence.label("evidence"),
        )
        .select_from(joined)
        .subquery("decided")
    )
    return select(
        inner.c.customer_id,
        inner.c.before,
        inner.c.after,
        case((inner.c.pinned.is_not(None), literal(PINNED)), else_=literal(DECIDER)).label("cause"),
        case((inner.c.pinned.is_(None), inner.c.evidence)).label("evidence"),
    )


def changing(rows: Any) -> Any:
    """Return what is decided (see `compared`) without what stays as it is."""
    inner = rows.subquery("compared")
    return select(*inner.c).where(inner.c.after.is_distinct_from(inner.c.before))


def of_the_deleted(dimension: str, moment: Moment) -> Any:
    """Return the select of what changes in a dimension for customers who were deleted: they have no label any more."""
    gone = select(CUSTOMER.c.id).where(not_(present_at(moment, CUSTOMER.c.deleted_at)))
    nothing = cast(null(), String)
    return select(LABEL.c.customer_id, LABEL.c.label, nothing, literal(DECIDER), null()).where(
        LABEL.c.dimension == dimension, LABEL.c.until.is_(None), LABEL.c.customer_id.in_(gone)
    )


def moves_of(connection: Connection, changes: FromClause) -> list[Move]:
    """Return how many customers went from which label to which, in the order of the labels' names."""
    columns = (changes.c.before, changes.c.after)
    rows = connection.execute(select(*columns, func.count()).group_by(*columns))
    return sorted((Move(*row) for row in rows), key=lambda move: (move.before or "", move.after or ""))


def write_changes(connection: Connection, dimension: str, changes: Table, writing: Writing) -> None:
    """Close the labels that customers no longer have and add those that they have now.

    A label that began at this very instant never was one: its row goes.
    """
    concerned = select(changes.c.customer_id).where(changes.c.before.is_not(None))
    present = and_(LABEL.c.dimension == dimension, LABEL.c.customer_id.in_(concerned), LABEL.c.until.is_(None))
    connection.execute(delete(LABEL).where(present, LABEL.c.since >= writing.as_of))
    connection.execute(update(LABEL).where(present).values(until=writing.as_of, closed_at=writing.recorded_at))
    rows = select(
        literal(dimension, String),
        changes.c.customer_id,
        literal(writing.as_of, Instant()),
        changes.c.after,
        changes.c.cause,
        changes.c.evidence,
        literal(writing.run_id, Id()),
        literal(writing.recorded_at, Instant()),
    ).where(changes.c.after.is_not(None))
    names = ["dimension", "customer_id", "since", "label", "cause", "evidence", "run_id", "recorded_at"]
    connection.execute(insert(LABEL).from_select(names, rows))


def counts_of(connection: Connection, dimension: str) -> dict[str, int]:
    """Return how many customers have each label of a dimension."""
    query = select(LABEL.c.label, func.count()).where(LABEL.c.dimension == dimension, LABEL.c.until.is_(None))
    return {row[0]: row[1] for row in connection.execute(query.group_by(LABEL.c.label).order_by(LABEL.c.label))}


def changed_ids(connection: Connection, changes: Table) -> Iterator[tuple[str | None, str | None, list[UUID]]]:
    """Give the customers of each move."""
    columns = (changes.c.before, changes.c.after)
    rows = connection.execute(select(*columns, changes.c.customer_id).order_by(*columns, changes.c.customer_id))
    pair: tuple[str | None, str | None] = (None, None)
    ids: list[UUID] = []
    for before, after, customer_id in rows:
        if (before, after) != pair and ids:
            yield pair[0], pair[1], ids
            ids = []
        pair = (before, after)
        ids.append(customer_id)
    if ids:
        yield pair[0], pair[1], ids


def as_json(dialect: str, pairs: Sequence[tuple[str, Any]]) -> Any:
    """Return the SQL of a JSON object, null for no pairs."""
    if not pairs:
        return null().cast(json_type()) if dialect == "postgresql" else null()
    given = [item for name, value in pairs for item in (literal(name, String), value)]
    build = func.jsonb_build_object if dialect == "postgresql" else func.json_object
    return build(*given, type_=json_type())
