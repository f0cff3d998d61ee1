"""Reading facts: as columns beside the customers that a reader may see, or as the values of a few of them at once.

What is read for a few is kept as a plan, of which only the two times and the customers' ids change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import ColumnElement, Select, bindparam, inspect, or_, select

from crmkit.core.customers.models import Customer
from crmkit.core.customers.references import chunks
from crmkit.core.store.guard import region
from crmkit.core.store.types import Id
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.composing import Part, compose
from crmkit.engines.facts.querying import AS_OF, DAY, KNOWN_AT, kept_query_of, query_of
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of, check_readable

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.facts.moments import Moment
    from crmkit.hooks.facts import Column, FactQuery

_IDS = "fact_customers"
_PLANS = 500
"""Most plans that are kept."""


# --- many customers --------------------------------------------------------------------------------------------------


@frozen(kw_only=True, eq=False)
class Joined:
    """Facts joined with `Customer`, whose rows are filtered by what the session's actor may see.

    ``columns`` are the facts'; ``where`` is the condition, if there is one, over them.
    """

    columns: Mapping[FactRef, ColumnElement[Any]]
    where: ColumnElement[bool] | None
    _parts: Sequence[tuple[Part, bool]]
    _conditions: Sequence[ColumnElement[bool]]

    def select(self, *columns: Any) -> Select[Any]:
        """Return a select of columns: of `Customer`, of these facts, or aggregates of both; for the session that asked.

        Deleted customers are left out, and those who do not meet the condition.
        """
        statement = select(*columns).select_from(Customer)
        for part, inner in self._parts:
            on = part.subquery.c.customer_id == Customer.id
            statement = statement.join(part.subquery, on, isouter=not inner)
        statement = statement.where(*self._conditions)
        return statement if self.where is None else statement.where(self.where)


def joined(
    session: CrmSession,
    refs: Iterable[FactRef],
    moment: Moment,
    *,
    where: Expression | None = None,
    customers: Any = None,
    check: bool = True,
) -> Joined:
    """Return facts, and those that a condition reads, joined with customers: each set of rows is read once, and only
    the columns that are needed.

    ``customers`` limits them to ids, in a list or a select of one column. Raises UnknownFact for a fact that there is
    not or, unless ``check`` is false as for the framework's own use, that the actor may not read.
    """
    catalogue = catalogue_of(session)
    if where is not None:
        catalogue.check_extent(where)
    wanted = [*dict.fromkeys([*refs, *(() if where is None else sorted(where.facts, key=str))])]
    if check:
        check_readable(session, wanted)
    dialect = session.get_bind().dialect.name
    query = query_of(moment, dialect, customers=customers)
    columns, parts = columns_at(catalogue, wanted, query, moment, _own)
    surroundings = moment.surroundings(dialect)
    conditions = [present_at(query, Customer.deleted_at)]
    if customers is not None:
        conditions.append(Customer.id.in_(customers))
    absent = _absent(where, catalogue)
    return Joined(
        columns=columns,
        where=None if where is None else where.where(columns, surroundings),
        parts=[(part, absent(part.refs)) for part in parts],
        conditions=conditions,
    )


def columns_at(
    catalogue: FactCatalogue, refs: Iterable[FactRef], query: FactQuery, moment: Moment, column: Column
) -> tuple[dict[FactRef, ColumnElement[Any]], list[Part]]:
    """Return the columns of facts, what they follow from included, and the subqueries that they come from.

    What is materialised for the moment is read as it was computed.
    """
    kept = moment.kept
    every = catalogue.closure(refs, kept)
    derived = {ref: catalogue.derivation(ref) for ref in every if ref not in kept}
    columns, parts = compose(catalogue, [ref for ref in every if derived.get(ref) is None], query, column, kept)
    surroundings = moment.surroundings(query.dialect)
    for ref, expression in derived.items():
        if expression is not None:
            columns[ref] = expression.sql(columns, surroundings)
    return columns, parts


def _absent(where: Expression | None, catalogue: FactCatalogue) -> Callable[[Iterable[FactRef]], bool]:
    """Return what says whether a condition is false where some facts have their defaults: then customers for whom a
    subquery has no row need not be looked at."""

    def absent(refs: Iterable[FactRef]) -> bool:
        own = {ref: catalogue.known(ref.name).fact.default for ref in refs if where is not None and ref in where.facts}
        return bool(own) and where is not None and where.absent_is_false(own)

    return absent


def present_at(query: Any, deleted_at: Any) -> ColumnElement[bool]:
    """Return the condition that a customer was not deleted at a moment."""
    gone = deleted_at.is_(None)
    return gone if query.present else or_(gone, deleted_at > query.as_of)


def _own(name: str) -> Any:
    """Return a column of the customers at hand."""
    mapper = inspect(Customer)
    return getattr(Customer, mapper.get_property_by_column(mapper.local_table.c[name]).key)


# --- a few customers -------------------------------------------------------------------------------------------------


@frozen(kw_only=True, eq=False)
class _Plan:
    """A statement that is kept, and what its parameters are."""

    statement: Select[Any]
    refs: Sequence[FactRef]
    derived: Sequence[tuple[FactRef, Expression]]
    spans: Mapping[str, timedelta] = field(factory=dict[str, timedelta])


MOST_AT_ONCE = 60
"""So many facts are asked for by one statement: SQLite joins at most 64 tables."""


def values_of(
    session: CrmSession,
    refs: Iterable[FactRef],
    customer_ids: Sequence[UUID],
    moment: Moment,
    *,
    check: bool = True,
) -> dict[UUID, dict[FactRef, Any]]:
    """Return the facts of those of some customers whom the session's actor may see and who are not deleted.

    Money comes in minor units of the base currency. Raises UnknownFact for a fact that there is not or, unless
    ``check`` is false as for the framework's own use, that the actor may not read.
    """
    wanted = tuple(dict.fromkeys(refs))
    if check:
        check_readable(session, wanted)
    if len(wanted) > MOST_AT_ONCE:
        return _in_parts(session, wanted, customer_ids, moment)
    guarding = session.guarding
    shape = None if guarding.passes else session.gate.crm.guard.shape(session)
    found: dict[UUID, dict[FactRef, Any]] = {}
    for part in chunks(customer_ids):
        plan = _plan(session, wanted, moment, shape, single=len(part) == 1)
        values: dict[str, Any] = {} if shape is None else dict(guarding.values)
        values.update({AS_OF: moment.as_of, KNOWN_AT: moment.known_at, DAY: moment.today})
        values.update({name: moment.as_of - span for name, span in plan.spans.items()})
        values[_IDS] = part[0] if len(part) == 1 else part
        with region(session, "facts are computed over everything; whose they are is filtered"):
            rows = session.connection().execute(plan.statement, values).all()
        for row in rows:
            found[row[0]] = dict(zip(plan.refs, row[1:], strict=True))
        if plan.derived:
            _derive(plan, found, moment.surroundings(session.get_bind().dialect.name), set(wanted))
    return found


def _in_parts(
    session: CrmSession, wanted: tuple[FactRef, ...], customer_ids: Sequence[UUID], moment: Moment
) -> dict[UUID, dict[FactRef, Any]]:
    """Return the same by several statements, with the facts of a set together."""
    order = sorted(wanted, key=lambda ref: ref.name)
    found: dict[UUID, dict[FactRef, Any]] = {}
    for start in range(0, len(order), MOST_AT_ONCE):
        part = values_of(session, order[start : start + MOST_AT_ONCE], customer_ids, moment, check=False)
        for key, values in part.items():
            found.setdefault(key, {}).update(values)
    return {key: {ref: values[ref] for ref in wanted} for key, values in found.items()}


def _derive(plan: _Plan, found: dict[UUID, dict[FactRef, Any]], surroundings: Any, wanted: set[FactRef]) -> None:
    for identity, own in found.items():
        for ref, expression in plan.derived:
            own[ref] = expression.evaluate(own, surroundings)
        found[identity] = {ref: value for ref, value in own.items() if ref in wanted}


def _plan(session: CrmSession, wanted: tuple[FactRef, ...], moment: Moment, shape: Any, *, single: bool) -> _Plan:
    catalogue = catalogue_of(session)
    dialect = session.get_bind().dialect.name
    key = (
        wanted,
        dialect,
        moment.present,
        moment.zone,
        moment.base_currency,
        moment.converts,
        None if shape is None else shape.number,
        single,
    )
    plan = catalogue.plans.get(key)
    if plan is not None:
        return plan
    table = cast(Any, Customer).__table__
    spans: dict[str, timedelta] = {}
    ids: Any = bindparam(_IDS, type_=Id(), expanding=not single)
    query = kept_query_of(moment, dialect, customers=[ids] if single else ids, spans=spans)
    every = catalogue.closure(wanted)
    base = [ref for ref in every if catalogue.derivation(ref) is None]
    columns, parts = compose(catalogue, base, query, lambda name: table.c[name], {})
    statement = select(table.c.id, *(columns[ref].label(f"fact_{n}") for n, ref in enumerate(base)))
    source = table
    for part in parts:
        source = source.outerjoin(part.subquery, part.subquery.c.customer_id == table.c.id)
    which = table.c.id == ids if single else table.c.id.in_(ids)
    statement = statement.select_from(source).where(which, present_at(query, table.c.deleted_at))
    seen = None if shape is None else shape.condition(Customer, table)
    if seen is not None:
        statement = statement.where(seen)
    derived = [(ref, expression) for ref in every if (expression := catalogue.derivation(ref)) is not None]
    plan = _Plan(statement=statement, refs=base, derived=derived, spans=spans)
    if len(catalogue.plans) < _PLANS:
        catalogue.plans[key] = plan
    return plan
