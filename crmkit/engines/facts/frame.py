"""Facts of all customers at once, in columns: for analysis, models and files.

Rows come in the order of the customers' ids, in batches, so that no base is too large. Must not know files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import select

from crmkit.core.business.money import places
from crmkit.core.customers.models import Customer
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.expressions.types import Type
from crmkit.engines.facts.leaving import may_leave
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import Joined, joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import MissingExtra
from crmkit.i18n import texts

if TYPE_CHECKING:
    import pyarrow

    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

BATCH = 10_000
"""Rows of a batch."""


@frozen(kw_only=True)
class FrameColumn:
    """A column: its name, its type, and for money the currency, in whose major units it comes."""

    name: str
    type: Type
    currency: str | None = None


@frozen(kw_only=True, eq=False)
class Frame:
    """Facts in columns, the customer's id first; money is in major units, exactly. It is read while it is iterated
    over, in the session that made it. ``moment`` says as of when."""

    columns: Sequence[FrameColumn]
    moment: Moment
    _session: CrmSession
    _joined: Joined
    _refs: Sequence[FactRef]
    _leaving: bool

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Return the rows one after the other, the customer's id first."""
        shift = self._shift
        statement = self._joined.select(Customer.id, *(self._joined.columns[ref] for ref in self._refs))
        if self._leaving:
            statement = may_leave(self._session, statement)
        money = [place for place, column in enumerate(self.columns) if column.currency is not None]
        for row in self._session.execute(statement.order_by(Customer.id).execution_options(yield_per=BATCH)):
            if not money:
                yield tuple(row)
                continue
            cells = list(row)
            for place in money:
                cells[place] = None if cells[place] is None else Decimal(cells[place]).scaleb(-shift)
            yield tuple(cells)

    def batches(self, size: int = BATCH) -> Iterator[list[list[Any]]]:
        """Return the rows in batches of at most ``size``, each a list of columns; there is at least one batch."""
        held: list[tuple[Any, ...]] = []
        empty = True
        for row in chain(self.rows(), (None,)):
            if row is not None:
                held.append(row)
            if len(held) == size or (row is None and (held or empty)):
                yield [list(column) for column in zip(*held, strict=True)] or [[] for _column in self.columns]
                held, empty = [], False

    def record_batches(self) -> Iterator[pyarrow.RecordBatch]:
        """Return the rows as Arrow has them: ids as texts, decimals as such, instants in UTC. Raises MissingExtra."""
        schema = self.schema
        import pyarrow

        for batch in self.batches():
            batch[0] = [str(value) for value in batch[0]]
            arrays = [pyarrow.array(column, field.type) for column, field in zip(batch, schema, strict=True)]
            yield pyarrow.record_batch(arrays, schema=schema)

    def to_arrow(self) -> pyarrow.Table:
        """Return all rows as a table of Arrow. Raises MissingExtra."""
        schema = self.schema
        import pyarrow

        return pyarrow.Table.from_batches(list(self.record_batches()), schema)

    @property
    def schema(self) -> pyarrow.Schema:
        """Return the types of the columns as Arrow has them. Raises MissingExtra."""
        try:
            import pyarrow
        except ImportError as error:
            raise MissingExtra(
                _("Arrow is not installed ({name})."), fix=_("Install crmkit[arrow]."), name=error.name
            ) from error
        kinds: dict[str, Any] = {
            "boolean": pyarrow.bool_(),
            "integer": pyarrow.int64(),
            "money": pyarrow.decimal128(22, self._shift),
            "decimal": pyarrow.decimal128(24, 6),
            "number": pyarrow.float64(),
            "text": pyarrow.string(),
            "date": pyarrow.date32(),
            "instant": pyarrow.timestamp("us", "UTC"),
            "duration": pyarrow.duration("us"),
            "list": pyarrow.list_(pyarrow.string()),
        }
        return pyarrow.schema([(column.name, kinds[column.type.kind]) for column in self.columns])

    @cached_property
    def _shift(self) -> int:
        return 0 if self.moment.base_currency is None else places(self.moment.base_currency)


def frame(
    session: CrmSession,
    names: Sequence[str],
    *,
    where: str | None = None,
    moment: Moment | None = None,
    leaving: bool = False,
) -> Frame:
    """Return facts of all customers whom the session's actor may see and who meet a condition; of those whom he may
    export, too, where they are ``leaving`` the house.

    Names are those of facts, with a key where one is needed. Raises Refused without the right to export any,
    UnknownFact for one that there is not or that the actor may not read, ExpressionError for a condition that cannot be
    understood.
    """
    catalogue, at = catalogue_of(session), moment or moment_of(session)
    refs = [catalogue.ref(name) for name in names]
    condition = None if where is None else catalogue.checked(where)
    if leaving:
        may_leave(session, select(Customer.id))
    types = [catalogue.known(ref.name).symbol.type for ref in refs]
    columns = [
        FrameColumn(name=str(ref), type=type_, currency=at.base_currency if type_.kind == "money" else None)
        for ref, type_ in zip(refs, types, strict=True)
    ]
    return Frame(
        columns=[FrameColumn(name="customer", type=Type("text")), *columns],
        moment=at,
        session=session,
        joined=joined(session, refs, at, where=condition),
        refs=refs,
        leaving=leaving,
    )
