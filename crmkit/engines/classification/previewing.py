"""What would move if a dimension were defined otherwise: computed from the facts as they are, and written nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast as typed
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, null, or_, select

from crmkit.core.customers.models import Customer
from crmkit.core.store.guard import lookup, region
from crmkit.core.store.guard.computed import computed
from crmkit.engines.classification.dimensions import check, compiled_of
from crmkit.engines.classification.reading import may_read
from crmkit.engines.classification.running import latest_runs
from crmkit.engines.classification.writing import LABEL, PIN, Move, compared
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import DefinitionError, Refused
from crmkit.hooks.classification import Dimension
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@frozen(kw_only=True)
class Mover:
    """A customer who would move; the name comes as the reader may see it."""

    customer_id: UUID
    name: str
    before: str | None
    after: str | None


@frozen(kw_only=True)
class Preview:
    """What a definition would do: how many customers, of those whom the reader may see, would have which label
    and which they have now, and some of those who would move. ``found`` is what was found out about all customers."""

    dimension: str
    moves: Sequence[Move]
    movers: Sequence[Mover]
    found: Mapping[str, Any]

    @property
    def counts(self) -> dict[str | None, int]:
        """Return how many customers would have each label."""
        totals: dict[str | None, int] = {}
        for move in self.moves:
            totals[move.after] = totals.get(move.after, 0) + move.customers
        return totals

    @property
    def moved(self) -> int:
        """Return how many customers would get another label, or lose theirs."""
        return sum(move.customers for move in self.moves if move.before != move.after)


def preview(session: CrmSession, dimension: Dimension, *, moment: Moment | None = None, sample: int = 3) -> Preview:
    """Return what a dimension would do if it were saved, with so many customers of each move.

    Raises DefinitionError with everything that is wrong with it, UnknownFact for a fact that the reader may not read,
    and Refused where the labels would be masked for the reader.
    """
    at = moment or moment_of(session)
    problems = check(session, dimension)
    compiled = None if problems else compiled_of(catalogue_of(session), dimension, problems)
    if compiled is None:
        raise DefinitionError(problems)
    if not may_read(session, dimension):
        raise Refused(_("The labels of {dimension} are masked for you."), dimension=dimension.name)
    facts = joined(session, sorted(compiled.refs), at)
    columns = compiled.columns(facts.columns, at.surroundings(session.get_bind().dialect.name))
    decided = facts.select(typed(Any, Customer).id.label("customer_id"), *columns).subquery("previewed")
    with region(session, "what decides is found out over all customers"):
        last = latest_runs(session, [dimension.name]).get(dimension.name)
        found = compiled.settle(session.connection(), decided, {} if last is None else last.found)
    had = select(*LABEL.c).where(LABEL.c.dimension == dimension.name, LABEL.c.until.is_(None))
    pins = select(*PIN.c).where(
        PIN.c.dimension == dimension.name, or_(PIN.c.expires_at.is_(None), PIN.c.expires_at > at.as_of)
    )
    rows = compared(
        compiled,
        decided,
        found,
        at.as_of,
        null(),
        had=computed(had, "current_label"),
        pins=computed(pins, "label_pin"),
    ).subquery("previewing")
    # A label may be a city, and so is personal as such; those of this dimension the reader may read.
    with lookup(session):
        sums = select(rows.c.before, rows.c.after, func.count()).group_by(rows.c.before, rows.c.after)
        grouped = session.execute(sums).all()
    moves = sorted((Move(*row) for row in grouped), key=lambda move: (move.before or "", move.after or ""))
    return Preview(dimension=dimension.name, moves=moves, movers=_movers(session, rows, sample), found=found)


def _movers(session: CrmSession, rows: Any, sample: int) -> list[Mover]:
    place = func.row_number().over(partition_by=(rows.c.before, rows.c.after), order_by=rows.c.customer_id)
    ranked = (
        select(rows.c.customer_id, rows.c.before, rows.c.after, place.label("place"))
        .where(rows.c.after.is_distinct_from(rows.c.before))
        .subquery("moving")
    )
    with lookup(session):
        some = session.execute(select(ranked).where(ranked.c.place <= sample)).all()
    query = select(Customer).where(Customer.id.in_([row.customer_id for row in some]))
    names = {customer.id: customer.name for customer in session.scalars(query)}
    return [
        Mover(customer_id=row.customer_id, name=names[row.customer_id], before=row.before, after=row.after)
        for row in sorted(some, key=lambda row: (row.before or "", row.after or "", row.customer_id))
        if row.customer_id in names
    ]
