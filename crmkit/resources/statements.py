"""The statements that find records: what is read, under which conditions, in which order, for whom.

Written over tables, not over models, with the guard's own criterion in them: rows come without records, which is what
makes a page quick. Must not know what becomes of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field
from sqlalchemy import Boolean, ColumnElement, and_, or_, select

from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import folded
from crmkit.core.store.guard.elements import Guarded
from crmkit.core.store.guard.personal import columns_in, is_personal
from crmkit.core.store.sealed import sealed_fields
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.mistakes import nearest
from crmkit.engines.expressions.sql import Form
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.composing import Part
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.querying import query_of
from crmkit.engines.facts.reading import columns_at
from crmkit.engines.facts.vocabulary import catalogue_of, readable
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources.filters import FIELD, Exact, Filter, compared, masked_problem, readable_in_full, understood
from crmkit.resources.ordering import Key, Order, parts_of
from crmkit.resources.query import ResourceQuery
from crmkit.resources.shapes import ResourceShape
from crmkit.resources.tokens import contact_tokens, token_condition

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

DELETED = "deleted_at"
_WORDS = 10
"""Most words that are looked for."""


@define(eq=False)
class Statements:
    """Makes the statements of one query, for one session's reader."""

    session: CrmSession
    shape: ResourceShape
    query: ResourceQuery
    limited: bool = True
    """Whether it is for a page: the criterion is put so that the order finds one soon."""
    joined: list[tuple[Part, bool]] = field(factory=list[tuple[Part, bool]], init=False)
    facts: dict[FactRef, ColumnElement[Any]] = field(factory=dict[FactRef, Any], init=False)
    filter: Filter | None = field(default=None, init=False)
    order: Order = field(init=False)
    where: list[ColumnElement[bool]] = field(factory=list[Any], init=False)
    _moment: Moment | None = field(default=None, init=False)

    def prepare(self) -> Statements:
        """Work out conditions and order. Raises InvalidInput, which names what is wrong."""
        query = self.query
        if query.filter:
            self.filter = understood(self.session, self.shape, query.filter)
        parts = parts_of(query.sort or self._usual())
        # What stands behind the id decides nothing, as no two records have the same.
        place = next((place for place, (name, _down) in enumerate(parts) if name == "id"), None)
        down = parts[-1 if place is None else place][1]
        parts = parts[:place]
        refs = {name: self._sorted_fact(name) for name, _descending in parts}
        self._join([ref for ref in refs.values() if ref is not None])
        self.where = [*self._conditions()]
        keys = tuple(self._key(name, descending, refs[name]) for name, descending in parts)
        self.order = Order(keys=keys, identity=self.shape.table.c.id, descending=down)
        return self

    def select(self, *columns: Any) -> Any:
        """Return the select of columns, or of aggregates, of the records that are meant."""
        source = self.shape.table
        for part, inner in self.joined:
            source = source.join(part.subquery, part.subquery.c.customer_id == self._customer, isouter=not inner)
        statement = select(*columns).select_from(source).where(*self.where)
        criterion = criterion_of(self.session, self.shape, limited=self.limited)
        return statement if criterion is None else statement.where(criterion)

    # --- conditions --------------------------------------------------------------------------------------------------

    @property
    def _customer(self) -> Any:
        return self.shape.table.c.id

    @property
    def _dialect(self) -> str:
        return self.session.get_bind().dialect.name

    @property
    def moment(self) -> Moment:
        """Return as of when facts are asked for: the present."""
        if self._moment is None:
            self._moment = moment_of(self.session)
        return self._moment

    def _conditions(self) -> Iterable[ColumnElement[bool]]:
        table = self.shape.table
        if not self.query.include_deleted and DELETED in table.c:
            yield table.c[DELETED].is_(None)
        if self.filter is not None:
            for name, ids in self.filter.ids:
                yield table.c[name] == ids[0] if len(ids) == 1 else table.c[name].in_(ids)
            holds = self.filter.expression.where(self._named(self.filter), self.moment.surroundings(self._dialect))
            self._check_personal(holds, FIELD)
            yield holds
        if self.query.search.strip():
            yield self._search(self.query.search)

    def _named(self, filter_: Filter) -> Mapping[FactRef, ColumnElement[Any]]:
        """Return the columns of the names of a condition."""
        found: dict[Any, Any] = dict(self.facts)
        for ref in filter_.expression.uses:
            known = self.shape.by_name.get(ref.name)
            if ref not in found and known is not None:
                found[ref] = compared(known, self.shape.table.c[known.column], self._dialect)
        for number, (name, exact) in enumerate(filter_.exact.items()):
            found[name] = _bracketed(token_condition(self.session, self.shape, exact, f"exact_{number}"))
        for name, expression in filter_.about.items():
            found[name] = _bracketed(self._about(expression))
        return found

    def _about(self, expression: Expression) -> ColumnElement[bool]:
        """Return the condition that facts of the customer whom a record is about, and whom the reader sees, hold."""
        table = cast(Any, Customer).__table__
        catalogue = catalogue_of(self.session)
        catalogue.check_extent(expression)
        moment = self.moment
        query = query_of(moment, self._dialect)
        wanted = sorted(expression.facts, key=str)
        columns, parts = columns_at(catalogue, wanted, query, moment, lambda name: table.c[name])
        source = table
        for part in parts:
            source = source.outerjoin(part.subquery, part.subquery.c.customer_id == table.c.id)
        holds = expression.where(columns, moment.surroundings(self._dialect))
        self._check_personal(holds, FIELD)
        found = select(table.c.id).select_from(source).where(table.c[DELETED].is_(None), holds)
        criterion = _criterion(self.session, Customer, table, limited=False)
        if criterion is not None:
            found = found.where(criterion)
        column = self.shape.table.c.customer_id
        return and_(column.is_not(None), column.in_(found))

    def _check_personal(self, expression: Any, about: str) -> None:
        """Refuse what compares personal columns for a reader who sees them masked."""
        if self.session.guarding.passes:
            return
        masked = self.session.gate.crm.guard.masked_tables(self.session)
        for column in columns_in(expression):
            if is_personal(column) and str(column.table.name) in masked:
                raise masked_problem(str(column.name), about)

    # --- facts -------------------------------------------------------------------------------------------------------

    def _join(self, refs: Sequence[FactRef]) -> None:
        expression = None if self.filter is None else self.filter.expression
        wanted = [*dict.fromkeys([*refs, *(() if expression is None else sorted(expression.facts, key=str))])]
        if not wanted:
            return
        catalogue = catalogue_of(self.session)
        if expression is not None:
            catalogue.check_extent(expression)
        table = self.shape.table
        query = query_of(self.moment, self._dialect)
        self.facts, parts = columns_at(catalogue, wanted, query, self.moment, lambda name: table.c[name])
        for part in parts:
            # Where a condition is false without a row, customers without one need not be looked at.
            own = {
                ref: catalogue.known(ref.name).fact.default
                for ref in part.refs
                if expression is not None and ref in expression.facts
            }
            inner = bool(own) and expression is not None and expression.absent_is_false(own)
            self.joined.append((part, inner))

    # --- order -------------------------------------------------------------------------------------------------------

    def _usual(self) -> str:
        """Return the order of lists that say none: the resource's own, unless it tells what is masked."""
        usual = self.shape.sort
        known = self.shape.by_name.get(usual.removeprefix("-"))
        if known is not None and known.sortable and readable_in_full(self.session, self.shape, known):
            return usual
        return "-created_at" if "created_at" in self.shape.by_name else "-id"

    def _sorted_fact(self, name: str) -> FactRef | None:
        known = self.shape.by_name.get(name)
        if known is not None and known.source == "column":
            return None
        catalogue = catalogue_of(self.session)
        if self.shape.model is Customer and name.partition("[")[0].strip() in catalogue.facts:
            ref = catalogue.ref(name)
            if catalogue.known(ref.name).symbol.type.kind != "list":
                if not all(readable(self.session, each) for each in catalogue.closure([ref])):
                    raise masked_problem(name, "sort")
                return ref
        return None

    def _key(self, name: str, descending: bool, ref: FactRef | None) -> Key:
        if ref is not None:
            symbol = catalogue_of(self.session).known(ref.name).symbol
            column = self.facts[ref]
            self._check_personal(column, "sort")
            return Key(name=name, column=column, kind=symbol.type.kind, nullable=True, descending=descending)
        known = self.shape.by_name.get(name)
        if known is None or not known.sortable:
            raise self._unsortable(name, there=known is not None)
        if not readable_in_full(self.session, self.shape, known):
            raise masked_problem(name, "sort")
        column = self.shape.table.c[known.column]
        return Key(name=name, column=column, kind=known.type, nullable=known.nullable, descending=descending)

    def _unsortable(self, name: str, *, there: bool) -> InvalidInput:
        message = _("Lists cannot be sorted by {name}.") if there else _("There is no field {name}.")
        close = nearest(name, [each.name for each in self.shape.fields if each.sortable])
        hint = _('Did you mean "{close}"?') if close and not there else None
        return InvalidInput([Problem("CK500", message, field="sort", name=name, hint=hint, close=close or "")])

    # --- words -------------------------------------------------------------------------------------------------------

    def _search(self, text: str) -> ColumnElement[bool]:
        """Return the condition that each word is in one of the fields that are searched. Whoever may not read a field
        in full finds nothing by it."""
        if "\x00" in text:
            raise InvalidInput(
                [Problem("CK500", _("This text contains a character that cannot be stored."), field="q")]
            )
        columns = list(self._searched())
        found: list[ColumnElement[bool]] = []
        if columns:
            words = text.split()[:_WORDS]
            found.append(and_(*(or_(*(_contains(column, word, fold) for column, fold in columns)) for word in words)))
        whole = self._whole(text)
        if whole is not None:
            found.append(whole)
        if not found:
            raise InvalidInput([Problem("CK500", _("There is nothing here that you may search."), field="q")])
        return or_(*found)

    def _searched(self) -> Iterable[tuple[Any, bool]]:
        table = self.shape.table
        for name in self.shape.search:
            known = self.shape.by_name[name]
            if known.type != "text" or not readable_in_full(self.session, self.shape, known):
                continue
            if name == "name" and "name_key" in table.c:
                yield table.c.name_key, True
            elif known.source == "column":
                yield table.c[known.column], False
            elif known.source == "sealed" and sealed_fields(self.shape.model)[name].open_slot is not None:
                yield table.c[name], False

    def _whole(self, text: str) -> ColumnElement[bool] | None:
        """Return the condition that a text is a whole address or number of a customer, where it can be one."""
        if self.shape.model is not Customer or self.session.level(Customer, "sensitive") == "none":
            return None
        digits = sum(char.isdigit() for char in text)
        kind = "email" if "@" in text else "phone" if digits >= 5 and not any(map(str.isalpha, text)) else None
        if kind is None:
            return None
        try:
            contact_tokens(self.session, kind, (text.strip(),))
        except InvalidInput:
            return None
        return token_condition(self.session, self.shape, Exact(field=kind, values=(text.strip(),)), "whole")


def _contains(column: Any, word: str, fold: bool) -> ColumnElement[bool]:
    if fold:
        return column.contains(folded(word), autoescape=True)
    return column.icontains(word, autoescape=True)


def _bracketed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Form("({0})", "({0})", [condition], Boolean())


def criterion_of(session: CrmSession, shape: ResourceShape, *, limited: bool) -> ColumnElement[bool] | None:
    """Return the guard's criterion for a resource's table, or None in system scope."""
    return _criterion(session, shape.model, shape.table, limited=limited)


def _criterion(session: CrmSession, model: Any, table: Any, *, limited: bool) -> ColumnElement[bool] | None:
    number, found = shape_number(session, limited=limited)
    return None if number is None else Guarded(table.c.id, found.condition(model, table))


def shape_number(session: CrmSession, *, limited: bool) -> tuple[int | None, Any]:
    """Return the number of the shape of what a session's reader may see, and the shape: what two readers share has the
    same. None in system scope."""
    guarding = session.guarding
    if guarding.passes:
        return None, None
    guard = session.gate.crm.guard
    found = guard.shape(session)
    if limited and session.crm.engines.dialect == "sqlite":
        wide = guard.wide_tables(session)
        if wide:
            found = found.widened(wide)
    return found.number, found
