"""Materialised facts: computed beforehand for all customers, and anew for those alone of whom something has changed.

What is read of them is as of the last computation, and says so. Which customers are touched each set says itself; of
one that does not say it everything is computed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    cast as sql_cast,
    delete,
    func,
    insert,
    literal,
    select,
    type_coerce,
    union,
    update,
)

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.events import InteractionResolved
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import Id
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.composing import column_for, sql_type
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.querying import query_of
from crmkit.engines.facts.reading import columns_at, present_at
from crmkit.engines.facts.tables import FactTouch, FactValue, KeptFact
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import InvalidInput, NotFound
from crmkit.hooks.contributions import Job, Subscription
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.facts.vocabulary import FactCatalogue

_ = texts("crmkit")

_OVERLAP = timedelta(hours=1)
"""What was recorded so long before the last computation is looked at again: it may have been committed after it."""
_PLAIN = ("public", "internal", "personal")


@frozen(kw_only=True)
class KeptState:
    """A materialised fact: as of when it was last computed, by what was known when, both None before the first time."""

    id: UUID
    ref: FactRef
    as_of: datetime | None
    known_at: datetime | None


@frozen(kw_only=True)
class Refreshed:
    """What a computation did: how many customers were looked at, None for all of them, and how many values there
    are now."""

    facts: int
    customers: int | None
    values: int


def kept_facts(session: CrmSession) -> list[KeptState]:
    """Return the facts that are materialised, by name."""
    with region(session, "which facts are materialised"):
        rows = session.scalars(select(KeptFact).order_by(KeptFact.name, KeptFact.key)).all()
        return [
            KeptState(id=row.id, ref=FactRef(row.name, row.key or None), as_of=row.as_of, known_at=row.known_at)
            for row in rows
        ]


def kept_moment(session: CrmSession) -> Moment:
    """Return the moment of the last computation; facts that are materialised are read as they were computed then, all
    others are computed for it. Raises NotFound when nothing is materialised."""
    states = [state for state in kept_facts(session) if state.as_of is not None and state.known_at is not None]
    if not states:
        raise NotFound(
            _("No fact is materialised yet."),
            fix=_("Run crmkit fact materialise NAME …"),
        )
    newest = max(cast(Any, state.as_of) for state in states)
    alike = [state for state in states if state.as_of == newest]
    moment = moment_of(session, newest, alike[0].known_at)
    return evolve(moment, kept={state.ref: state.id for state in alike})


# --- which ----------------------------------------------------------------------------------------------------------

Names = Annotated[tuple[str, ...], Input(title=_("Facts"), classified="internal")]


@operation("fact.materialise", title=_("Materialise facts"), permission="business.admin")
def materialise(session: CrmSession, *, names: Names) -> Refreshed:
    """Have facts computed beforehand from now on, and compute them. Raises UnknownFact, InvalidInput for one that is
    sealed."""
    catalogue = catalogue_of(session)
    known = {state.ref for state in kept_facts(session)}
    for ref in dict.fromkeys(catalogue.ref(name) for name in names):
        if catalogue.known(ref.name).fact.classified not in _PLAIN:
            raise InvalidInput(_("{name} is sensitive, and is never kept in plain."), name=str(ref))
        if ref not in known:
            session.add(KeptFact(name=ref.name, key=ref.key or ""))
    session.flush()
    return refresh(session)


@operation("fact.dematerialise", title=_("End the materialising of facts"), permission="business.admin")
def dematerialise(session: CrmSession, *, names: Names) -> None:
    """Have facts no longer computed beforehand, and forget what was. Raises NotFound for one that is not."""
    states = {str(state.ref): state.id for state in kept_facts(session)}
    for name in names:
        if name not in states:
            raise NotFound(_("{name} is not materialised."), name=name)
        _run(session, delete(_table(KeptFact)).where(_table(KeptFact).c.id == states[name]))


@operation("fact.refresh", title=_("Compute materialised facts anew"), permission="business.admin")
def refresh(session: CrmSession, *, full: bool = False) -> Refreshed:
    """Compute what is materialised as of the present: for the customers of whom something has changed since, for all
    where that can't be told or ``full`` is said."""
    states, moment = kept_facts(session), moment_of(session)
    if not states:
        return Refreshed(facts=0, customers=0, values=0)
    catalogue, run = catalogue_of(session), new_id()
    done: list[int | None] = []
    _run(session, update(_table(FactTouch)).where(_table(FactTouch).c.run_id.is_(None)).values(run_id=run))
    # States of one moment have been touched alike.
    for since in {(state.as_of, state.known_at) for state in states}:
        alike = [state for state in states if (state.as_of, state.known_at) == since]
        for partly, group in _grouped(catalogue, alike, since, full=full).items():
            done.append(_compute(session, catalogue, group, moment, since if partly else None, run))
    _run(session, delete(_table(FactTouch)).where(_table(FactTouch).c.run_id == run))
    _run(session, update(_table(KeptFact)).values(as_of=moment.as_of, known_at=moment.known_at))
    customers = None if None in done else sum(each or 0 for each in done)
    return Refreshed(facts=len(states), customers=customers, values=_count(session, _table(FactValue)))


def _grouped(
    catalogue: FactCatalogue, states: Sequence[KeptState], since: Any, *, full: bool
) -> dict[bool, list[KeptState]]:
    found: dict[bool, list[KeptState]] = {}
    for state in states:
        sets = [catalogue.known(ref.name) for ref in catalogue.closure([state.ref])]
        partly = not full and since[0] is not None
        partly = partly and all(known.set.touched is not None or known.fact.expression for known in sets)
        found.setdefault(partly, []).append(state)
    return found


# --- whose ----------------------------------------------------------------------------------------------------------


def touched_since(session: CrmSession, refs: Iterable[FactRef], since: Moment, moment: Moment) -> Any:
    """Return a select of the ids of customers of whom any of some facts may be another one at a moment than it was at
    an earlier one, or None where a set does not tell."""
    catalogue, dialect = catalogue_of(session), session.get_bind().dialect.name
    sets = {
        id(known.set): known.set
        for known in (catalogue.known(ref.name) for ref in catalogue.closure(refs))
        if not known.fact.expression
    }
    if any(each.touched is None for each in sets.values()):
        return None
    now, then = query_of(moment, dialect), query_of(since, dialect)
    functions = dict.fromkeys(cast(Any, each.touched) for each in sets.values())
    found = [function(now, then) for function in functions]
    # One column, whatever the sets call it.
    return union(*(select(each.subquery().columns[0].label("customer_id")) for each in found))


def touch(session: CrmSession, customer_ids: Iterable[UUID]) -> None:
    """Have the facts of some customers computed anew at the next time; for operations by which what was somebody else's
    becomes theirs."""
    rows = [{"id": new_id(), "customer_id": each, "touched_at": system_now()} for each in customer_ids]
    if rows:
        _run(session, insert(_table(FactTouch)), rows)


def _resolved(session: CrmSession, event: InteractionResolved) -> None:
    touch(session, [event.customer_id])


# --- computing ------------------------------------------------------------------------------------------------------


def _compute(
    session: CrmSession,
    catalogue: FactCatalogue,
    states: Sequence[KeptState],
    moment: Moment,
    since: tuple[datetime, datetime] | None,
    run: UUID,
) -> int | None:
    """Write the values of facts anew and return of how many customers, None for all."""
    touch_, value = _table(FactTouch), _table(FactValue)
    mine: Any = None
    number: int | None = None
    if since is not None:
        earlier = evolve(moment, as_of=since[0], known_at=since[1] - _OVERLAP, present=False)
        changed = touched_since(session, [state.ref for state in states], earlier, moment)
        with region(session, "whose facts are computed anew"):
            known = set(session.connection().execute(changed).scalars())
            taken = select(touch_.c.customer_id).where(touch_.c.run_id == run)
            known -= set(session.connection().execute(taken).scalars())
        rows = [{"id": new_id(), "customer_id": each, "run_id": run, "touched_at": system_now()} for each in known]
        if rows:
            _run(session, insert(touch_), rows)
        mine = select(touch_.c.customer_id).where(touch_.c.run_id == run)
        with region(session, "how many they are"):
            number = (
                session.connection().execute(select(func.count()).select_from(mine.distinct().subquery())).scalar_one()
            )
    for state in states:
        gone = delete(value).where(value.c.fact_id == state.id)
        _run(session, gone if mine is None else gone.where(value.c.customer_id.in_(mine)))
        _run(session, _insertion(session, catalogue, state, moment, mine))
    return number


def _insertion(session: CrmSession, catalogue: FactCatalogue, state: KeptState, moment: Moment, mine: Any) -> Any:
    customer, dialect = _table(Customer), session.get_bind().dialect.name
    query = query_of(moment, dialect, customers=mine)
    columns, parts = columns_at(catalogue, [state.ref], query, moment, lambda name: customer.c[name])
    source = customer
    for part in parts:
        source = source.outerjoin(part.subquery, part.subquery.c.customer_id == customer.c.id)
    known = catalogue.known(state.ref.name)
    kind, default = known.symbol.type.kind, known.fact.default
    held = columns[state.ref]
    written = _written(held, kind, dialect)
    differs: Any = held.is_not(None)
    if default is not None:
        differs = held.is_distinct_from(literal(default, sql_type(kind))) if kind != "list" else written != "[]"
    found = (
        select(literal(state.id, Id()), customer.c.id, written)
        .select_from(source)
        .where(present_at(query, customer.c.deleted_at), held.is_not(None), differs)
    )
    if mine is not None:
        found = found.where(customer.c.id.in_(mine))
    return insert(_table(FactValue)).from_select(["fact_id", "customer_id", column_for(kind)], found)


def _written(held: Any, kind: str, dialect: str) -> Any:
    if kind == "boolean":
        return sql_cast(held, Integer)
    if kind == "list":
        return sql_cast(held, String) if dialect == "postgresql" else type_coerce(held, String)
    return type_coerce(held, BigInteger) if column_for(kind) == "whole" else held


def _table(model: Any) -> Any:
    return model.__table__


def _run(session: CrmSession, statement: Any, rows: Any = None) -> None:
    with region(session, "materialised facts are computed over everything"):
        session.connection().execute(statement, rows)


def _count(session: CrmSession, what: Any) -> int:
    with region(session, "how many there are"):
        return int(session.connection().execute(select(func.count()).select_from(what)).scalar_one())


def _refresh_touched(session: CrmSession, tick: Any = None) -> None:
    session.run("fact.refresh")


def _refresh_all(session: CrmSession, tick: Any = None) -> None:
    session.run("fact.refresh", {"full": True})


OPERATIONS: list[Any] = [materialise, dematerialise, refresh]
JOBS = [
    Job(
        name="crmkit.facts.refresh",
        handler=_refresh_touched,
        every="1 hour",
        catch_up="latest",
        lease=1800,
        title=_("Compute materialised facts anew"),
        acts_as="system",
    ),
    # What retention has removed leaves no trace.
    Job(
        name="crmkit.facts.rebuild",
        handler=_refresh_all,
        cron="30 2 * * *",
        catch_up="latest",
        lease=3600,
        title=_("Compute all materialised facts anew"),
        acts_as="system",
    ),
]
SUBSCRIPTIONS = [
    Subscription(
        name="crmkit.facts.resolved",
        event="interaction.resolved",
        handler=_resolved,
        phase="before_commit",
        durable=False,
    )
]
