"""The order of lists, and pages by key, so that a deep page costs what the first one does.

Cursors come from outside and are believed in nothing. Must not know what a record holds.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, or_, tuple_

from crmkit.core.store.ids import parse_id
from crmkit.core.store.types import Id
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

LAST, VALUE = "crmkit_after", "crmkit_after_{}"
"""The names of the parameters that say behind which record a page begins."""
MOST_KEYS = 8
_LONGEST = 4000


@frozen(kw_only=True, eq=False)
class Key:
    """One field of an order: its SQL, and of which kind its values are."""

    name: str
    column: ColumnElement[Any]
    kind: str
    nullable: bool
    descending: bool

    @property
    def type(self) -> Any:
        """Return the type of what it is compared with: a number may be beyond what the column holds."""
        return BigInteger() if self.kind == "integer" else self.column.type


def parts_of(sort: str) -> list[tuple[str, bool]]:
    """Return the names of an order, each with whether it is descending. Raises InvalidInput."""
    found = [(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in sort.split(",")]
    names = [name for name, _descending in found]
    if len(set(names)) < len(names) or len(names) > MOST_KEYS:
        message = _("A list is sorted by at most {most} fields, each once.")
        raise InvalidInput([Problem("CK500", message, field="sort", most=MOST_KEYS)])
    return found


@frozen(kw_only=True, eq=False)
class Order:
    """An order: its keys, and behind them the id, so that no two records are equal; ``descending`` is the id's."""

    keys: tuple[Key, ...]
    identity: ColumnElement[Any]
    descending: bool

    @property
    def text(self) -> str:
        """Return the order as it is written, with the id at its end."""
        parts = [*((key.name, key.descending) for key in self.keys), ("id", self.descending)]
        return ",".join(f"{'-' if descending else ''}{name}" for name, descending in parts)

    def by(self) -> list[Any]:
        """Return the ORDER BY."""
        order: list[Any] = []
        for key in self.keys:
            directed = key.column.desc() if key.descending else key.column.asc()
            # Both databases put nulls at an end of their own choosing; a column without them keeps its index.
            order.append(directed.nulls_last() if key.nullable else directed)
        return [*order, self.identity.desc() if self.descending else self.identity.asc()]

    def behind(self, missing: Sequence[bool]) -> ColumnElement[bool]:
        """Return the SQL for what comes behind a record in the order, whose values are parameters; ``missing`` says
        which of its keys have none."""
        last = bindparam(LAST, type_=Id())
        here = [bindparam(VALUE.format(place), type_=key.type) for place, key in enumerate(self.keys)]
        final = self.identity < last if self.descending else self.identity > last
        if not self.keys:
            return final
        if all(not key.nullable and key.descending == self.descending for key in self.keys):
            # One comparison of rows, which an index over the same columns answers at once.
            columns, values = tuple_(*[key.column for key in self.keys], self.identity), tuple_(*here, last)
            return columns < values if self.descending else columns > values
        found: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for key, value, gone in zip(self.keys, here, missing, strict=True):
            if not gone:
                further = key.column < value if key.descending else key.column > value
                found.append(and_(*same, or_(further, key.column.is_(None)) if key.nullable else further))
            same.append(key.column.is_(None) if gone else key.column == value)
        return or_(*found, and_(*same, final))


# --- cursors ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Place:
    """Where in an order a page ends."""

    values: tuple[Any, ...]
    last: UUID

    @property
    def missing(self) -> tuple[bool, ...]:
        """Return which of the values there are none."""
        return tuple(value is None for value in self.values)

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the values of the parameters of `Order.behind`."""
        given = {VALUE.format(place): value for place, value in enumerate(self.values) if value is not None}
        return {LAST: self.last, **given}


def cursor(sort: str, values: Sequence[Any], last: UUID) -> str:
    """Return the text that continues a list behind a record."""
    body = json.dumps([sort, [_written(value) for value in values], last.hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    return value


def read_cursor(text: str, order: Order) -> Place:
    """Return where a page begins. Raises InvalidInput for what does not continue a list of that order."""
    try:
        if len(text) > _LONGEST:
            raise ValueError
        body: Any = json.loads(base64.b64decode((text + "=" * (-len(text) % 4)).encode(), b"-_", validate=True))
        given, values, last = body
        identity = parse_id(last) if isinstance(last, str) else None
        if given != order.text or identity is None or not isinstance(values, list):
            raise ValueError
        typed = tuple(_read(key, value) for key, value in zip(order.keys, cast("list[Any]", values), strict=True))
    except (ValueError, TypeError, ArithmeticError, InvalidOperation, binascii.Error, RecursionError):
        message = _("This does not continue a page of this list.")
        raise InvalidInput([Problem("CK500", message, field="after", hint=_("Begin at the first page."))]) from None
    return Place(values=typed, last=identity)


def _read(key: Key, value: Any) -> Any:
    """Return a value of a cursor, in the type that its key is compared with. Raises ValueError."""
    if value is None:
        if not key.nullable:
            raise ValueError
        return None
    kind = key.kind
    if kind == "boolean" or kind in ("integer", "money", "duration"):
        if isinstance(value, bool) is not (kind == "boolean") or not isinstance(value, int) or abs(value) >= 2**63:
            raise ValueError
        return value
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            raise ValueError
        return float(value)
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError
    if kind == "decimal":
        number = Decimal(value)
        if not number.is_finite() or abs(number) >= 10**12:
            raise ValueError
        return number
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "instant":
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    if kind == "id":
        return UUID(value)
    return value
