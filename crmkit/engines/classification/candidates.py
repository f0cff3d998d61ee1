"""For whom a label could be another one than at the run before: those about whom something was written, and those for
whom time has come.

What cannot be told makes a run look at everybody. Must not know how labels are decided or written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast as typed

from attrs import evolve
from sqlalchemy import func, or_, select, union

from crmkit.core.business.models import CurrencyRate
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Product, ProductCategory
from crmkit.engines.classification.plans import Plan
from crmkit.engines.classification.tables import Label, LabelPin
from crmkit.engines.expressions.tree import Call, Node
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.querying import query_of
from crmkit.engines.facts.vocabulary import catalogue_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.facts import FactSet

_CUSTOMER, _LABEL, _PIN = (typed(Any, model).__table__ for model in (Customer, Label, LabelPin))
OVERLAP = timedelta(minutes=15)
"""How far before the last run one looks on PostgreSQL: what was recorded before it may have been committed after it."""
BY_DAY = frozenset(("days_since", "days_until", "months_since", "months_until", "years_since", "today", "money"))
"""Functions whose value is another one on another day of the company's zone; money is converted at the day's rate."""
BY_INSTANT = frozenset(("now",))
"""Functions whose value is another one at any other time."""


def touched(session: CrmSession, plans: Sequence[Plan], last: Moment, moment: Moment) -> Any | None:
    """Return the select of the ids of customers for whom a dimension could decide otherwise than at the run before, or
    None where that can be anybody."""
    if any(_restless(session, plan, last, moment) for plan in plans):
        return None
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        last = evolve(last, known_at=last.known_at - OVERLAP)
    query, before = query_of(moment, dialect), query_of(last, dialect)
    found = [select(_CUSTOMER.c.id.label("id")).where(_CUSTOMER.c.updated_at > last.known_at)]
    asked: set[Any] = set()
    for each in _sets(session, plans):
        if each.touched is None:
            return None
        if each.touched not in asked:
            asked.add(each.touched)
            rows = each.touched(query, before).subquery()
            found.append(select(next(iter(rows.c)).label("id")))
    found.extend(_by_time(plan, last, moment) for plan in plans)
    return union(*found)


def _by_time(plan: Plan, last: Moment, moment: Moment) -> Any:
    """Return the select of customers whose pin has expired, or whose label has stayed for as long as it had to."""
    stay = timedelta(days=plan.dimension.stay_days)
    name = plan.dimension.name
    expired = select(_PIN.c.customer_id.label("id")).where(
        _PIN.c.dimension == name, _PIN.c.expires_at > last.as_of, _PIN.c.expires_at <= moment.as_of
    )
    if not stay:
        return expired
    stayed = select(_LABEL.c.customer_id).where(
        _LABEL.c.dimension == name,
        _LABEL.c.until.is_(None),
        _LABEL.c.since > last.as_of - stay,
        _LABEL.c.since <= moment.as_of - stay,
    )
    return select(expired.union_all(stayed).subquery().c.id)


def _sets(session: CrmSession, plans: Sequence[Plan]) -> Iterable[FactSet]:
    """Return the fact sets that are read, those included that derived facts follow from."""
    catalogue = catalogue_of(session)
    refs = catalogue.closure(sorted({ref for plan in plans for ref in plan.refs}))
    computed = [ref for ref in refs if catalogue.derivation(ref) is None]
    return {id(of): of for ref in computed if (of := catalogue.known(ref.name).set)}.values()


def _restless(session: CrmSession, plan: Plan, last: Moment, moment: Moment) -> bool:
    """Say whether a dimension reads the calendar and there is another day, or reads the clock at all."""
    catalogue = catalogue_of(session)
    derived = (catalogue.derivation(ref) for ref in catalogue.closure(sorted(plan.refs)))
    called = {
        node.function
        for expression in (*plan.expressions, *filter(None, derived))
        for node in _nodes(expression.tree)
        if isinstance(node, Call)
    }
    if called & BY_INSTANT:
        return moment.as_of != last.as_of
    return bool(called & BY_DAY) and moment.today != last.today


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def surroundings_of(session: CrmSession) -> str:
    """Return a hash of what decides for everybody at once: the configuration, the plugins, rates and the catalogue of
    products. When it is another one, a run looks at everybody."""
    rate, category, product = (typed(Any, model).__table__ for model in (CurrencyRate, ProductCategory, Product))
    marks = [
        (session.crm.config.get(session).generation, *sorted(session.gate.registry.tables["fact set"])),
        *(_mark(session, select(func.count(), func.max(table.c.updated_at))) for table in (rate, category)),
        # A new product is nobody's yet; one that was changed may be many's.
        _mark(session, select(func.max(product.c.updated_at)).where(product.c.version > 1)),
    ]
    return hashlib.sha256(repr(marks).encode()).hexdigest()


def _mark(session: CrmSession, statement: Any) -> tuple[Any, ...]:
    return tuple(session.connection().execute(statement).one())


def label_touched(query: Any, since: Any) -> Any:
    """Return the customers whose labels have changed between two moments."""
    between = [
        or_(_LABEL.c.recorded_at > since.known_at, _LABEL.c.closed_at > since.known_at),
        (_LABEL.c.since > since.as_of) & (_LABEL.c.since <= query.as_of),
        (_LABEL.c.since > query.as_of) & (_LABEL.c.since <= since.as_of),
    ]
    return select(_LABEL.c.customer_id).where(or_(*between)).distinct()
