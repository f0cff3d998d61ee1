"""Lists of customers: conditions, order, and pages by key, so that a deep page costs what the first one does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from datetime import date
from math import isfinite
from typing import Any, cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import selectinload

from crmkit.core.customers.conditions import SEALED, Condition, where
from crmkit.core.customers.fields import ListField, field_named, list_fields, typed
from crmkit.core.customers.models import Customer
from crmkit.core.store.guard.personal import columns_in, is_personal
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import Id
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

LIMIT = 50
USUAL = "sort_name"
"""The order of lists that say none."""
MOST = 5000


def _conditions(values: Sequence[Condition | str]) -> tuple[Condition, ...]:
    return tuple(Condition.parse(value) if isinstance(value, str) else value for value in values)


@frozen(kw_only=True)
class CustomerQuery:
    """Which customers, in which order, and which part of them.

    ``conditions`` all hold, as `Condition` or as text; ``sort`` names fields divided by commas, each with ``-`` before
    it for descending; rows without a value come last. ``after`` is the ``next`` of the page before. Deleted customers
    are left out unless ``include_deleted``. Raises InvalidInput when a condition cannot be read.
    """

    conditions: tuple[Condition, ...] = field(default=(), converter=_conditions)
    sort: str = USUAL
    limit: int = LIMIT
    after: str | None = None
    include_deleted: bool = False


@frozen(kw_only=True)
class Page:
    """A part of a list, with contact points and tags loaded. ``next`` is the ``after`` of the following page, or
    None."""

    items: tuple[Customer, ...]
    next: str | None


@frozen(kw_only=True, eq=False)
class _Key:
    field: ListField
    descending: bool


def page(session: CrmSession, query: CustomerQuery) -> Page:
    """Return a page of customers. Raises InvalidInput, which names the field that is wrong."""
    if not 1 <= query.limit <= MOST:
        raise InvalidInput([Problem("CK500", _("A page has 1 to {most} rows."), field="limit", most=MOST)])
    query = _readable(session, query)
    keys = _keys(session, query.sort)
    statement = _filtered(session, query, select(Customer, *[key.field.expression for key in keys]))
    if query.after is not None:
        values, last = _read_cursor(query, keys)
        statement = statement.where(_behind(keys, values, last))
    statement = (
        statement.order_by(*_order(keys))
        .limit(query.limit + 1)
        .options(selectinload(Customer.contact_points), selectinload(Customer.tags))
    )
    rows = session.execute(statement).all()
    shown = rows[: query.limit]
    following = _cursor(query, shown[-1]) if len(rows) > query.limit else None
    return Page(items=tuple(row[0] for row in shown), next=following)


def count(session: CrmSession, query: CustomerQuery) -> int:
    """Return how many customers a query finds in all, whatever its page. Raises InvalidInput as `page` does."""
    return session.scalar(_filtered(session, query, select(func.count()).select_from(Customer))) or 0


def every(session: CrmSession, query: CustomerQuery, *, batch: int = 1000) -> Iterator[Customer]:
    """Return all customers of a query in their order, read in batches and forgotten behind; ``query.limit`` is not
    heeded. Raises InvalidInput as `page` does."""
    query = evolve(query, limit=batch)
    while True:
        found = page(session, query)
        yield from found.items
        if found.next is None:
            return
        for customer in found.items:
            for item in (*customer.contact_points, *customer.tags):
                session.expunge(item)
            session.expunge(customer)
        query = evolve(query, after=found.next)


def _filtered(session: CrmSession, query: CustomerQuery, statement: Select[Any]) -> Select[Any]:
    problems: list[Problem] = []
    full = session.level(Customer, "personal") == "full"
    blind = session.level(Customer, "sensitive") == "none"
    for condition in query.conditions:
        try:
            if blind and condition.field in SEALED:
                raise InvalidInput([_masked(condition.field, "conditions")])
            holds = where(session, condition)
            if not full and any(map(is_personal, columns_in(holds))):
                raise InvalidInput([_masked(condition.field, "conditions")])
            statement = statement.where(holds)
        except InvalidInput as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidInput(problems)
    return statement if query.include_deleted else statement.where(Customer.deleted_at.is_(None))


def _readable(session: CrmSession, query: CustomerQuery) -> CustomerQuery:
    """Return a query whose order tells its reader nothing that is masked for him: the usual one becomes that of
    creation. Raises InvalidInput for another field that is masked."""
    if session.level(Customer, "personal") == "full":
        return query
    if query.sort == USUAL:
        return evolve(query, sort="-created_at")
    for key in _keys(session, query.sort):
        if any(map(is_personal, columns_in(key.field.expression))):
            raise InvalidInput([_masked(key.field.name, "sort")])
    return query


def _masked(name: str, field_: str) -> Problem:
    return Problem(
        "CK500",
        _("You may not read {name} in full, and so lists can be neither filtered nor sorted by it."),
        field=field_,
        name=name,
    )


# --- order and keys --------------------------------------------------------------------------------------------------


def _keys(session: CrmSession, sort: str) -> list[_Key]:
    config = session.crm.config.get(session)
    keys: list[_Key] = []
    for part in sort.split(","):
        name = part.strip()
        found = field_named(config, name.removeprefix("-"))
        assert found is not None
        if found.name != "id":
            keys.append(_Key(field=found, descending=name.startswith("-")))
        elif not keys:
            return [_Key(field=list_fields(config)["id"], descending=name.startswith("-"))]
    return keys


def _order(keys: Sequence[_Key]) -> list[Any]:
    order: list[Any] = []
    for key in keys:
        column = key.field.expression
        directed = column.desc() if key.descending else column.asc()
        # Both databases put nulls at an end of their own choosing; a column without them keeps its index.
        order.append(directed.nulls_last() if key.field.nullable else directed)
    if keys[-1].field.name != "id":
        order.append(Customer.id.desc() if keys[-1].descending else Customer.id.asc())
    return order


def _behind(keys: Sequence[_Key], values: Sequence[Any], last: UUID) -> ColumnElement[bool]:
    """Return the SQL for what comes behind a row in the order."""
    descending = keys[-1].descending
    if keys[0].field.name == "id":
        return Customer.id < last if descending else Customer.id > last
    if all(not key.field.nullable and key.descending == descending for key in keys):
        # One comparison of rows, which an index over the same columns answers at once.
        columns = tuple_(*[key.field.expression for key in keys], Customer.id)
        here = tuple_(
            *[literal(value, key.field.expression.type) for key, value in zip(keys, values, strict=True)],
            literal(last, Id()),
        )
        return columns < here if descending else columns > here
    behind: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        column = key.field.expression
        here = literal(value, column.type)
        if value is not None:
            further = column < here if key.descending else column > here
            behind.append(and_(*same, or_(further, column.is_(None)) if key.field.nullable else further))
        same.append(column.is_(None) if value is None else column == here)
    behind.append(and_(*same, Customer.id < last if descending else Customer.id > last))
    return or_(*behind)


# --- cursors ---------------------------------------------------------------------------------------------------------


def _cursor(query: CustomerQuery, row: Any) -> str:
    values = [
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
        for value in row[1:]
    ]
    body = json.dumps([query.sort, values, row[0].id.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _read_cursor(query: CustomerQuery, keys: Sequence[_Key]) -> tuple[list[Any], UUID]:
    problem = Problem(
        "CK500", _("This does not continue a page of this list."), field="after", hint=_("Begin at the first page.")
    )
    text = query.after or ""
    try:
        body: Any = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        sort, values, last = body
        identity = parse_id(last)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise InvalidInput([problem]) from None
    if (
        sort != query.sort
        or identity is None
        or not isinstance(values, list)
        or len(cast("list[Any]", values)) != len(keys)
    ):
        raise InvalidInput([problem])
    found: list[Any] = []
    for key, value in zip(keys, cast("list[Any]", values), strict=True):
        if value is not None and not _fits(key.field, value):
            raise InvalidInput([problem])
        try:
            found.append(typed(key.field, value))
        except InvalidInput:
            raise InvalidInput([problem]) from None
    if any(value is None and not key.field.nullable for key, value in zip(keys, found, strict=True)):
        raise InvalidInput([problem])
    return found, identity


def _fits(field_: ListField, value: Any) -> bool:
    """Say whether a value of a cursor can be compared with a field: cursors come from outside."""
    if field_.type in ("text", "date", "instant", "id", "choice", "choices"):
        return (
            isinstance(value, str) and "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
        )
    if field_.type == "boolean":
        return isinstance(value, bool)
    if field_.type == "decimal":
        return isinstance(value, float) and isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
