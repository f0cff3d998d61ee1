"""A base of invented customers with what happened to them over two years, written past the gate at the driver's speed.

The same in every run but for the ids. Ten interactions a customer on average, far more for the first ones than for the
last; a purchase in five hundred is reversed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, text

from benchmarks.sample import CITIES, FAMILY, GIVEN
from crmkit import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import NameParts, folded, sort_name
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.ids import new_id

END = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 730
BATCH = 10_000
KINDS = (("purchase", "store", 45), ("email", "email", 20), ("call", "phone", 15), ("visit", "in_person", 20))


def populate(crm: CRM, customers: int, interactions: int) -> list[UUID]:
    """Write customers and interactions, and have the database look at them. Returns the customers' ids."""
    draw = random.Random(20_261)
    with crm.engines.system_write.begin() as connection:
        ids = _customers(connection, customers)
    made = _interactions(draw, ids, interactions)
    table = cast(Any, Interaction).__table__
    while rows := [row for _number, row in zip(range(BATCH), made, strict=False)]:
        with crm.engines.system_write.begin() as connection:
            insert_rows(connection, table, rows)
    with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return ids


def named(number: int) -> Iterator[tuple[str, str, str]]:
    """Give names of customers, as they are shown and as they are sorted, with a city."""
    for place in range(number):
        family, given = FAMILY[place % len(FAMILY)], GIVEN[place // len(FAMILY) % len(GIVEN)]
        name = f"{family}{given}" if ord(family[0]) > 0x2E80 else f"{given} {family} {place}"
        yield name, sort_name(name, NameParts()), CITIES[place % len(CITIES)]


def _customers(connection: Connection, number: int) -> list[UUID]:
    table = cast(Any, Customer).__table__
    empty: dict[str, Any] = {column.key: None for column in table.c}
    ids: list[UUID] = []
    people = named(number)
    for start in range(0, number, BATCH):
        rows: list[dict[str, Any]] = []
        for place in range(start, min(number, start + BATCH)):
            name, order, city = next(people)
            at = END - timedelta(days=DAYS, minutes=number - place)
            said = {"id": new_id(), "version": 1, "created_at": at, "updated_at": at, "kind": "person"}
            said |= {"standing": "existing", "name": name, "name_key": folded(name), "preferences": {}, "custom": {}}
            said |= {"sort_name": order, "city": city, "country": "CN"}
            rows.append(empty | said)
            ids.append(said["id"])
        insert_rows(connection, table, rows)
    return ids


def _interactions(draw: random.Random, ids: list[UUID], number: int) -> Iterator[dict[str, Any]]:
    empty: dict[str, Any] = {column.key: None for column in cast(Any, Interaction).__table__.c}
    empty |= {"direction": "in", "actor_id": "benchmark", "payload": {}, "visibility": "all"}
    chosen = draw.choices(KINDS, [weight for _kind, _channel, weight in KINDS], k=number)
    for place in range(number):
        at = END - timedelta(days=DAYS) + place * timedelta(days=DAYS) / number
        kind, channel, _weight = chosen[place]
        row = empty | {"id": new_id(), "kind": kind, "channel": channel, "occurred_at": at}
        row |= {"recorded_at": at, "customer_id": ids[int(len(ids) * draw.random() ** 2)]}
        if kind == "purchase":
            row |= {"amount_minor": int(draw.lognormvariate(9, 1)), "currency": "CNY"}
        yield row
        if kind == "purchase" and place % 500 == 0:
            yield row | {"id": new_id(), "reverses_id": row["id"], "amount_minor": -row["amount_minor"]}
