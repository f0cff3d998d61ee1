"""Reading records: pages of them, all of them one after the other, one by its id, and how many there are.

A statement that depends on nothing but its form is kept for all who may see the same. Must not know doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary

from attrs import evolve, frozen
from sqlalchemy import Integer, bindparam, func

from crmkit.core.store.types import Id
from crmkit.errors import InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts
from crmkit.resources.expanding import check_expansions, expand, reference_columns
from crmkit.resources.ordering import Order, Place, cursor, read_cursor
from crmkit.resources.query import MOST, ResourcePage, ResourceQuery, Row
from crmkit.resources.shapes import ResourceShape, shape_of
from crmkit.resources.statements import Statements, shape_number
from crmkit.resources.values import Wanted, beside, opened_value, records_of, wanted_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_LIMIT, _ID, _IDS = "crmkit_limit", "crmkit_id", "crmkit_ids"
_PLANS = 1000
"""Most statements that are kept."""


@frozen(kw_only=True, eq=False)
class _Plan:
    """A statement that is kept: the order, and what its columns are."""

    statement: Any
    order: Order
    names: tuple[str, ...]
    first_key: int
    wanted: Wanted
    versioned: bool


_plans: WeakKeyDictionary[Any, dict[Any, _Plan]] = WeakKeyDictionary()


def list_records(session: CrmSession, query: ResourceQuery) -> ResourcePage:
    """Return a page of records that the session's actor may see.

    Raises NotFound for a resource that there is not, Refused for one that the actor may not read at all, and
    InvalidInput, which names the part of the query that is wrong: of a condition its column.
    """
    shape, plan, shown, following = _page(session, query)
    return ResourcePage(rows=_rows(session, shape, plan, shown, query), next=following)


def list_documents(session: CrmSession, query: ResourceQuery) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page as `list_records` does, but each row as one mapping (`Row.document`), with the ``next``: quicker,
    where that is all that is wanted. Raises as `list_records` does."""
    shape, plan, shown, following = _page(session, query)
    if plan.wanted.simple and not query.expand:
        names = ("id", "version", *plan.names) if plan.versioned else ("id", *plan.names)
        return [dict(zip(names, row, strict=False)) for row in shown], following
    return [row.document() for row in _rows(session, shape, plan, shown, query)], following


def _page(session: CrmSession, query: ResourceQuery) -> tuple[ResourceShape, _Plan, Sequence[Any], str | None]:
    """Return the rows of a page as the database gives them, and what continues it."""
    if not 1 <= query.limit <= MOST:
        message = _("A page has 1 to {most} rows.")
        raise InvalidInput([Problem("CK500", message, field="limit", value=query.limit, most=MOST)])
    shape = shape_of(session, query.resource)
    check_reads(session, shape)
    if query.expand:
        check_expansions(session, shape, query.expand)
    plan, place = _listing(session, shape, query)
    parameters: dict[str, Any] = {_LIMIT: query.limit + 1}
    if place is not None:
        parameters.update(place.parameters)
    found = _execute(session, plan.statement, parameters)
    if len(found) <= query.limit:
        return shape, plan, found, None
    shown = found[: query.limit]
    return shape, plan, shown, cursor(plan.order.text, shown[-1][plan.first_key :], shown[-1][0])


def every_record(session: CrmSession, query: ResourceQuery, *, batch: int = 500) -> Iterator[Row]:
    """Return all records of a query in their order, behind ``query.after``, read in batches and forgotten behind;
    ``query.limit`` is not heeded. Raises as `list_records` does, at the first one that is asked for."""
    query = evolve(query, limit=batch)
    while True:
        page = list_records(session, query)
        yield from page.rows
        if page.next is None:
            return
        session.expunge_all()
        query = evolve(query, after=page.next)


def count_records(session: CrmSession, query: ResourceQuery) -> int:
    """Return how many records a query finds in all, whatever its page. Raises as `list_records` does."""
    shape = shape_of(session, query.resource)
    check_reads(session, shape)
    statements = Statements(session, shape, evolve(query, sort="id"), limited=False).prepare()
    return int(_execute(session, statements.select(func.count()), {})[0][0])


def get_record(
    session: CrmSession,
    resource: str,
    id: UUID,
    fields: Sequence[str] | str | None = None,
    expand: Sequence[str] | str = (),
    *,
    include_deleted: bool = False,
    record: bool = False,
) -> Row:
    """Return one record with some of its fields, by default all.

    Raises NotFound for one that there is not or that the actor may not see, Refused and InvalidInput as `list_records`
    does.
    """
    query = ResourceQuery(
        resource=resource, fields=fields, expand=expand, include_deleted=include_deleted, records=record
    )
    shape = shape_of(session, resource)
    check_reads(session, shape)
    check_expansions(session, shape, query.expand)
    plan = _single(session, shape, query)
    found = _execute(session, plan.statement, {_ID: id})
    if not found:
        raise NotFound(_("There is no such record: {id}."), id=id)
    return _rows(session, shape, plan, found, query)[0]


def check_reads(session: CrmSession, shape: ResourceShape) -> None:
    """Return when the session's actor may read records of a resource at all. Raises Refused."""
    if session.guarding.passes:
        return
    guard = session.gate.crm.guard
    rights = session.guarding.rights
    if guard.to_read(rights, guard.resource_of(shape.model)) == "none":
        raise Refused(
            _("You may not read {name}."), fix=_("Your role does not grant {right}."), name=shape.plural,
            right=f"{guard.resource_of(shape.model)}.read",
        )  # fmt: skip


def _by_ids(session: CrmSession, resource: str, ids: Sequence[UUID], names: Sequence[str]) -> Mapping[UUID, Row]:
    """Return the rows of some ids, with the fields that lists show and what is expanded of them."""
    shape = shape_of(session, resource)
    try:
        check_reads(session, shape)
    except Refused:
        return {}
    query = ResourceQuery(resource=resource, expand=names, include_deleted=True)
    plan = _several(session, shape, query)
    found = _execute(session, plan.statement, {_IDS: list(ids)})
    return {row.id: row for row in _rows(session, shape, plan, found, query)}


# --- statements ------------------------------------------------------------------------------------------------------


def _execute(session: CrmSession, statement: Any, parameters: Mapping[str, Any]) -> Sequence[Any]:
    guarding = session.guarding
    given = dict(parameters) if guarding.passes else {**guarding.values, **parameters}
    return session.connection().execute(statement, given).all()


def _listing(session: CrmSession, shape: ResourceShape, query: ResourceQuery) -> tuple[_Plan, Place | None]:
    key = None
    shelf = _plans.setdefault(session.crm, {})
    if not query.filter and not query.search and query.after is None:
        key = _key(session, shape, query, "list")
        known = shelf.get(key)
        if known is not None:
            return known, None
    statements = Statements(session, shape, query).prepare()
    order = statements.order
    place = None if query.after is None else read_cursor(query.after, order)

    def finish(statement: Any) -> Any:
        if place is not None:
            statement = statement.where(order.behind(place.missing))
        return statement.order_by(*order.by()).limit(bindparam(_LIMIT, type_=Integer()))

    plan = _plan(session, shape, query, statements, finish)
    # What joins facts has the instant in it.
    if key is not None and not statements.joined and not statements.facts:
        plan = _keep(session, shelf, key, plan)
    return plan, place


def _single(session: CrmSession, shape: ResourceShape, query: ResourceQuery) -> _Plan:
    return _kept(session, shape, query, "one", lambda table: table.c.id == bindparam(_ID, type_=Id()))


def _several(session: CrmSession, shape: ResourceShape, query: ResourceQuery) -> _Plan:
    ids = bindparam(_IDS, type_=Id(), expanding=True)
    return _kept(session, shape, query, "ids", lambda table: table.c.id.in_(ids))


def _kept(session: CrmSession, shape: ResourceShape, query: ResourceQuery, form: str, where: Any) -> _Plan:
    shelf = _plans.setdefault(session.crm, {})
    key = _key(session, shape, query, form)
    known = shelf.get(key)
    if known is not None:
        return known
    statements = Statements(session, shape, evolve(query, sort="id"), limited=False).prepare()
    everything = form == "one"
    plan = _plan(session, shape, query, statements, lambda made: made.where(where(shape.table)), everything=everything)
    return _keep(session, shelf, key, plan)


def _key(session: CrmSession, shape: ResourceShape, query: ResourceQuery, form: str) -> Any:
    number, _shape = shape_number(session, limited=form == "list")
    level = session.level(shape.model, "personal")
    return form, number, level, shape, query.sort, query.fields, query.expand, query.include_deleted


def _keep(session: CrmSession, shelf: dict[Any, _Plan], key: Any, plan: _Plan) -> _Plan:
    if plan.wanted.facts:
        return plan
    if len(shelf) >= _PLANS:
        shelf.clear()
    shelf[key] = plan
    return plan


def _plan(
    session: CrmSession,
    shape: ResourceShape,
    query: ResourceQuery,
    statements: Statements,
    finish: Any,
    *,
    everything: bool = False,
) -> _Plan:
    wanted = wanted_of(session, shape, query.fields, everything=everything)
    table = shape.table
    plain = {each.name: each.column for each in wanted.plain}
    plain.update((name, shape.by_name[name].column) for name in reference_columns(shape, query.expand))
    if wanted.custom:
        plain["custom"] = "custom"
    first = [table.c.id, table.c.version] if shape.versioned else [table.c.id]
    columns = [*first, *(table.c[column].label(f"c{place}") for place, column in enumerate(plain.values()))]
    keys = [key.column.label(f"k{place}") for place, key in enumerate(statements.order.keys)]
    return _Plan(
        statement=finish(statements.select(*columns, *keys)),
        order=statements.order,
        names=tuple(plain),
        first_key=len(columns),
        wanted=wanted,
        versioned=shape.versioned,
    )


# --- rows ------------------------------------------------------------------------------------------------------------


def _rows(
    session: CrmSession, shape: ResourceShape, plan: _Plan, found: Sequence[Any], query: ResourceQuery
) -> list[Row]:
    names, wanted = plan.names, plan.wanted
    if plan.versioned:
        rows = [Row(id=row[0], version=row[1], values=dict(zip(names, row[2:], strict=False))) for row in found]
    else:
        rows = [Row(id=row[0], version=None, values=dict(zip(names, row[1:], strict=False))) for row in found]
    if not wanted.simple or query.records:
        _complete(session, shape, wanted, rows, query)
    if query.expand:
        expand(session, shape, rows, query.expand, _by_ids)
    if not wanted.simple or query.expand:
        for row in rows:
            row.values = {name: row.values[name] for name in wanted.names if name in row.values}
    return rows


def _complete(
    session: CrmSession, shape: ResourceShape, wanted: Wanted, rows: Sequence[Row], query: ResourceQuery
) -> None:
    ids = [row.id for row in rows]
    if wanted.opened or query.records:
        records = records_of(session, shape.model, ids)
        for row in rows:
            row.record = record = records.get(row.id)
            if record is not None:
                row.values.update((known.name, opened_value(record, known)) for known in wanted.opened)
    for row in rows if wanted.custom else ():
        held: Mapping[str, Any] = row.values["custom"] or {}
        row.values.update((known.name, held.get(known.name.partition(".")[2])) for known in wanted.custom)
    if wanted.contacts or wanted.tags or wanted.facts:
        found = beside(session, wanted, ids)
        for row in rows:
            row.values.update(found[row.id])
