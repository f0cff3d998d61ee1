"""What a plugin computes about customers: facts, and the sets in which they are computed together.

Values that hooks return; they hold no sessions and do no work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen

from crmkit.hooks.classes import FieldClass

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class Fact:
    """One typed, documented column of a fact set.

    ``type`` is a Python type, possibly ``T | None``: bool, int, Decimal, float, str, date, datetime, timedelta, Money
    or ``list[str]``. Money is an integer column of minor units in the base currency, Decimal one of 6 decimal places
    (``ScaledDecimal(6)``), a list of texts a JSON array. A customer for whom the set has no row, or null, has
    ``default``. ``options`` are the values that a text can have, if they are few and fixed; ``unit`` is what a number
    counts. ``expression`` says how the fact follows from others; then its set computes nothing for it.
    """

    name: str
    type: Any
    doc: str
    title: str = ""
    default: Any = None
    classified: FieldClass = "internal"
    options: tuple[str, ...] = field(default=(), converter=tuple)
    unit: str = ""
    expression: str = ""


@frozen(kw_only=True)
class FactQuery:
    """What a fact set is asked for.

    ``as_of`` is what had occurred, ``known_at`` what had been recorded: both are instants in UTC as parameters of SQL,
    whose values change while the statement is kept; ``ago`` gives an instant before ``as_of``. Both are the present if
    ``present``. ``day`` is the calendar day of ``as_of`` in ``zone``, as a parameter too. ``wanted`` names the columns
    that are needed: what computes others can be left out. ``keys`` are those of a keyed set. ``customers`` are the ids
    of the customers that are needed, as something that ``IN`` takes, None for all.
    """

    as_of: ColumnElement[datetime]
    known_at: ColumnElement[datetime]
    ago: Callable[[timedelta], ColumnElement[datetime]]
    day: ColumnElement[date]
    present: bool = True
    zone: str = "UTC"
    base_currency: str | None = None
    dialect: str = "sqlite"
    wanted: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    customers: Any = None
    in_base: Callable[[Any, Any, Any], ColumnElement[int | None]]
    """``in_base(amount_minor, currency, occurred_at)``: minor units in the base currency at the rate of that day, or
    null where there is no rate."""

    def within(self, column: Any) -> Any:
        """Return the condition that a column of customers' ids is among the customers that are needed."""
        from sqlalchemy import true

        return true() if self.customers is None else column.in_(self.customers)


Column = Callable[[str], Any]
"""Gives the columns of the customers at hand by their names in the table."""
Only = Callable[[Any], Any]
"""Restricts an aggregate to the rows of the set in question."""


@frozen(kw_only=True)
class Scan:
    """Rows that several sets aggregate by customer; what is asked of all of them is read in one pass.

    ``rows(query)`` returns a Core select over tables, with ``customer_id``.
    """

    name: str
    rows: Callable[[FactQuery], Select[Any]]


@frozen(kw_only=True)
class FactSet:
    """Facts that are computed together. Facts are called ``<name>.<column>``; several sets of one owner may share a
    name.

    ``select(query)`` returns a Core select over tables (never over models) with ``customer_id`` and at most one row per
    customer, and the columns of ``query.wanted`` at least. In its place may stand ``scan``, rows that are aggregated by
    customer: ``where(rows, query)`` says which of them count, ``measures(rows, query, only)`` gives the aggregates by
    column, each put into ``only``; or ``inline(column, query)``, expressions over the customer's own columns.

    ``title`` is what people read above the facts of a name: one of the sets that share it says so.

    ``temporal`` says whether the two times are honoured. A set with ``keyed`` (what its keys are, as a text) is asked
    for with keys, such as ``purchase.category_amount["tea"]``; its columns are then called ``<column>:<number of the
    key>``. ``keys(session)`` lists the keys that there are. ``touched(query, since)`` selects the ids of customers for
    whom any fact may be another one now than it was for the query ``since``; what is materialised of a set without it
    is computed anew each time.
    """

    name: str
    columns: tuple[Fact, ...] = field(converter=tuple)
    select: Callable[[FactQuery], Select[Any]] | None = None
    scan: Scan | None = None
    where: Callable[[Any, FactQuery], Any] | None = None
    measures: Callable[[Any, FactQuery, Only], Mapping[str, Any]] | None = None
    inline: Callable[[Column, FactQuery], Mapping[str, Any]] | None = None
    temporal: bool = True
    title: str = ""
    doc: str = ""
    keyed: str = ""
    keys: Callable[[CrmSession], Sequence[str]] | None = None
    touched: Callable[[FactQuery, FactQuery], Select[tuple[UUID]]] | None = None
