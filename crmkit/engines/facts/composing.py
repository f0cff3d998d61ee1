"""How the facts that somebody asks for become columns of one statement: which subqueries compute them, and what a
customer has for whom these have no row.

Sets over the same rows are read in one pass, customers' own columns without a subquery. Must not know sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from attrs import define, evolve, field, frozen
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    Select,
    String,
    cast as sql_cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import visitors

from crmkit.core.store.guard.computed import computed
from crmkit.core.store.types import Instant, ScaledDecimal, json_type
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.past import walked_back
from crmkit.engines.facts.querying import without_index
from crmkit.engines.facts.tables import FactValue
from crmkit.engines.facts.vocabulary import FactCatalogue, Known
from crmkit.errors import ContributionError
from crmkit.hooks.facts import Column, FactQuery, FactSet
from crmkit.i18n import texts

_ = texts("crmkit")

_SQL_TYPES: Mapping[str, Any] = {
    "boolean": Boolean(),
    "integer": BigInteger(),
    "money": BigInteger(),
    "decimal": ScaledDecimal(6),
    "number": Float(),
    "text": String(),
    "date": Date(),
    "instant": Instant(),
    "duration": BigInteger(),
    "list": json_type(),
}
"""The types of columns by the kinds of facts' types."""
PYTHON_TYPES: Mapping[str, Any] = {
    "boolean": bool,
    "integer": int,
    "money": int,
    "decimal": Decimal,
    "number": float,
    "text": str,
    "date": date,
    "instant": datetime,
    "duration": timedelta,
    "list": list,
}
"""The types of values by the kinds of facts' types; money comes in minor units of the base currency."""


@frozen(eq=False)
class Part:
    """One subquery with the facts that it computes, by the names of its columns."""

    subquery: Any
    refs: Mapping[FactRef, str]


@define(eq=False)
class _Group:
    """Facts that one subquery computes: those of one set, or of several that aggregate the same rows."""

    members: dict[int, tuple[FactSet, list[tuple[FactRef, Known]]]] = field(factory=dict[int, Any])

    def add(self, ref: FactRef, known: Known) -> None:
        self.members.setdefault(id(known.set), (known.set, []))[1].append((ref, known))


def sql_type(kind: str) -> Any:
    """Return the type of columns for the kind of a fact's type."""
    return _SQL_TYPES[kind]


def compose(
    catalogue: FactCatalogue,
    refs: Iterable[FactRef],
    query: FactQuery,
    column: Column,
    kept: Mapping[FactRef, UUID],
) -> tuple[dict[FactRef, ColumnElement[Any]], list[Part]]:
    """Return the columns of facts that sets compute, and the subqueries that they come from, to be joined with the
    customers by ``customer_id``. ``column`` gives the customers' own columns; facts of ``kept`` are materialised under
    an id.

    Raises ContributionError for a set that does not give what it declares.
    """
    groups: dict[Any, _Group] = {}
    columns: dict[FactRef, ColumnElement[Any]] = {}
    parts: list[Part] = []
    for ref in refs:
        known = catalogue.known(ref.name)
        if ref in kept:
            number = len(parts)
            subquery = computed(_kept(kept[ref], known.symbol.type.kind, query, f"kept_{number}"), f"kept_{number}")
            parts.append(Part(subquery, {ref: f"kept_{number}"}))
            columns[ref] = _shown(known, subquery.c[f"kept_{number}"])
            continue
        scan = known.set.scan
        groups.setdefault(id(known.set) if scan is None else ("scan", scan.name), _Group()).add(ref, known)
    for number, group in enumerate(groups.values()):
        (of, members), *others = group.members.values()
        asked, labels = _asked(of, members, query)
        if of.inline is not None and query.present:
            given = of.inline(column, asked)
            columns.update((ref, _shown(known, given[labels[ref]])) for ref, known in members)
            continue
        if of.inline is not None:
            statement = walked_back(of.inline, asked)
        elif of.scan is not None:
            statement, labels = _aggregate([(of, members), *others], query)
        elif of.select is not None:
            statement = of.select(asked)
        else:
            raise ContributionError(_("The facts {name} are computed by nothing."), name=of.name)
        names = {label: f"{label[:40]}_{number}_{place}" for place, label in enumerate(dict.fromkeys(labels.values()))}
        subquery = computed(_pruned(statement, names, of.name), f"facts_{number}")
        parts.append(Part(subquery, {ref: names[label] for ref, label in labels.items()}))
        for _set, pairs in group.members.values():
            columns.update((ref, _shown(known, subquery.c[names[labels[ref]]])) for ref, known in pairs)
    return columns, parts


def statement_of(of: FactSet, query: FactQuery) -> Select[Any]:
    """Return the select of a set with all facts that it computes, for the keys that the query has.

    Raises ContributionError for a set that computes nothing.
    """
    facts = [fact.name for fact in of.columns if not fact.expression]
    asked = evolve(query, wanted=frozenset(facts))
    if of.inline is not None:
        return walked_back(of.inline, asked)
    if of.select is not None:
        return of.select(asked)
    if of.scan is None or of.measures is None:
        raise ContributionError(_("The facts {name} are computed by nothing."), name=of.name)
    rows = of.scan.rows(asked).subquery(of.scan.name)
    given = of.measures(rows, asked, _unchanged)
    found = select(
        rows.c.customer_id, *(value.label(name) for name, value in given.items() if name.partition(":")[0] in facts)
    )
    grouped = found.group_by(rows.c.customer_id)
    return grouped if of.where is None else grouped.where(of.where(rows, asked))


_COLUMNS: Mapping[str, str] = {"number": "number", "text": "text", "list": "text", "date": "day", "instant": "instant"}


def column_for(kind: str) -> str:
    """Return the column in which materialised values of a kind are; all that are not named are whole numbers."""
    return _COLUMNS.get(kind, "whole")


def _kept(identity: UUID, kind: str, query: FactQuery, name: str) -> Select[Any]:
    table = cast(Any, FactValue).__table__
    value = table.c[column_for(kind)]
    if kind == "boolean":
        value = value != 0
    elif kind == "list" and query.dialect == "postgresql":
        value = sql_cast(value, JSONB)
    where = (table.c.fact_id == identity, query.within(table.c.customer_id))
    return select(table.c.customer_id, value.label(name)).where(*where)


def _asked(
    of: FactSet, members: Sequence[tuple[FactRef, Known]], query: FactQuery
) -> tuple[FactQuery, dict[FactRef, str]]:
    """Return what a set is asked for, and the names of its columns by fact."""
    keys = tuple(dict.fromkeys(ref.key for ref, _known in members if ref.key is not None))
    labels = {
        ref: known.fact.name if ref.key is None else f"{known.fact.name}:{keys.index(ref.key)}"
        for ref, known in members
    }
    wanted = frozenset(known.fact.name for _ref, known in members)
    return evolve(query, wanted=wanted, keys=keys), labels


def _aggregate(
    members: Sequence[tuple[FactSet, Sequence[tuple[FactRef, Known]]]], query: FactQuery
) -> tuple[Select[Any], dict[FactRef, str]]:
    """Return one pass over rows that several sets aggregate."""
    scan = cast(Any, members[0][0].scan)
    every = scan.rows(query)
    whole = every.subquery(scan.name)
    statement, _labels = _over(whole, members, query)
    # A second time with the columns alone that the first one used.
    used = {each.name for each in visitors.iterate(statement) if getattr(each, "table", None) is whole}
    needed = [column for name, column in every.selected_columns.items() if name in used]
    narrow = every.with_only_columns(*needed, maintain_column_froms=True).subquery(scan.name)
    return _over(_Rows(_Columns(narrow.c, whole.c)), members, query)


@frozen
class _Rows:
    """Rows of which some columns have been left out."""

    c: _Columns


class _Columns:
    """Columns that are there, and behind them those that are not, for expressions that nobody asked for."""

    def __init__(self, there: Any, behind: Any) -> None:
        self._there = there
        self._behind = behind

    def __getitem__(self, name: str) -> Any:
        return self._there[name] if name in self._there else self._behind[name]

    __getattr__ = __getitem__


def _over(
    rows: Any, members: Sequence[tuple[FactSet, Sequence[tuple[FactRef, Known]]]], query: FactQuery
) -> tuple[Select[Any], dict[FactRef, str]]:
    labels: dict[FactRef, str] = {}
    found: list[Any] = []
    conditions: list[Any] = []
    for number, (of, pairs) in enumerate(members):
        asked, own = _asked(of, pairs, query)
        where = None if of.where is None else of.where(rows, asked)
        alone = len(members) == 1 or where is None
        given = cast(Any, of.measures)(rows, asked, _unchanged if alone else _filtering(where))
        for ref, label in own.items():
            labels[ref] = f"{label}:{of.name}:{number}" if len(members) > 1 else label
            found.append(given[label].label(labels[ref]))
        conditions.append(where)
    whole = query.customers is None and query.dialect == "sqlite"
    by = without_index(rows.c.customer_id) if whole else rows.c.customer_id
    statement = select(rows.c.customer_id, *dict.fromkeys(found)).group_by(by)
    # Facts of a customer without a row have their defaults, so rows that none of the sets counts can be left out.
    if all(where is not None for where in conditions):
        statement = statement.where(or_(*conditions))
    return statement, labels


def _unchanged(aggregate: Any) -> Any:
    return aggregate


def _filtering(where: Any) -> Any:
    return lambda aggregate: aggregate.filter(where)


def _pruned(statement: Any, names: Mapping[str, str], name: str) -> Select[Any]:
    """Return a statement without the columns that nobody asked for, the others under names that no other set has."""
    if not isinstance(statement, Select):
        whole = statement.subquery()
        statement = select(*whole.c)
    given = cast("Select[Any]", statement).selected_columns
    missing = [label for label in ("customer_id", *names) if label not in given]
    if missing:
        raise ContributionError(
            _("The facts {name} do not give the columns {missing}."), name=name, missing=", ".join(missing)
        )
    # What is distinct stays so by all of its columns alone.
    wanted = [label for label in given.keys() if label in names or statement._distinct]  # noqa: SIM118
    return statement.with_only_columns(
        given["customer_id"],
        *(given[label].label(names.get(label, label)) for label in wanted if label != "customer_id"),
        maintain_column_froms=True,
    )


def _shown(known: Known, column: Any) -> ColumnElement[Any]:
    """Return a fact's column with its type, and with its default where there is nothing."""
    type_ = sql_type(known.symbol.type.kind)
    typed = type_coerce(column, type_)
    default = known.fact.default
    if default is None:
        return typed
    return func.coalesce(typed, literal(list(default) if known.symbol.type.kind == "list" else default, type_))
