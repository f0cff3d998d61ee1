"""Labels as facts, as they stood at any moment; and what dimensions need to know that no other room tells: whether a
customer is where the business is, and the first of its interests.

Must not know how labels come about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast as typed

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.engines.classification.candidates import label_touched
from crmkit.engines.classification.dimensions import KIND, SINCE, class_of
from crmkit.engines.classification.tables import Label
from crmkit.engines.definitions.publishing import Defined, defined
from crmkit.hooks.facts import Column, Fact, FactQuery, FactSet
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_LABEL, _CUSTOMER, _TAG = (typed(Any, model).__table__ for model in (Label, Customer, CustomerTag))


def had_at(as_of: Any, known_at: Any, *, present: bool = False) -> ColumnElement[bool]:
    """Return the condition that a row of `Label` was in force at ``as_of``, by what was known at ``known_at``."""
    if present:
        return _LABEL.c.until.is_(None)
    open_ = or_(_LABEL.c.until.is_(None), _LABEL.c.until > as_of, _LABEL.c.closed_at > known_at)
    return and_(_LABEL.c.since <= as_of, _LABEL.c.recorded_at <= known_at, open_)


def labels_of_dimensions(session: CrmSession) -> Sequence[FactSet]:
    """Return the facts ``label.<dimension>`` and ``label.<dimension>_since`` of all dimensions that there are."""
    known = defined(session, KIND)
    columns = [fact for item in known.values() for fact in _facts(session, item)]
    if not columns:
        return []
    return [
        FactSet(
            name="label",
            select=lambda query: _labels(query, known),
            columns=columns,
            doc=_("Labels of customers, by dimension."),
            touched=label_touched,
        )
    ]


def _facts(session: CrmSession, item: Defined) -> Sequence[Fact]:
    dimension = item.value
    classified = class_of(session, dimension)
    return (
        Fact(
            name=item.name,
            type=str | None,
            title=dimension.title,
            doc=dimension.doc or dimension.title,
            classified=classified,
            options=[label.name for label in dimension.labels],
        ),
        Fact(
            name=f"{item.name}{SINCE}",
            type=datetime | None,
            title=dimension.title,
            doc=_("Since when the customer has had the label."),
            classified="internal",
        ),
    )


def _labels(query: FactQuery, known: Mapping[str, Defined]) -> Select[Any]:
    wanted = {
        name: (dimension, column)
        for name in query.wanted
        for dimension, column in [
            (name, _LABEL.c.label) if name in known else (name.removesuffix(SINCE), _LABEL.c.since)
        ]
    }
    names = {dimension for dimension, _column in wanted.values()}
    where = (
        _LABEL.c.dimension.in_(sorted(names)),
        had_at(query.as_of, query.known_at, present=query.present),
        query.within(_LABEL.c.customer_id),
    )
    if len(names) == 1:
        columns = [column.label(name) for name, (_dimension, column) in wanted.items()]
        return select(_LABEL.c.customer_id, *columns).where(*where)
    columns = [
        func.max(case((_LABEL.c.dimension == dimension, column))).label(name)
        for name, (dimension, column) in wanted.items()
    ]
    return select(_LABEL.c.customer_id, *columns).where(*where).group_by(_LABEL.c.customer_id)


def places(session: CrmSession) -> Sequence[FactSet]:
    """Return the facts that say whether a customer is in the country and in the city of the business."""
    config = session.crm.config.get(session)

    def same(column: Any, own: str | None) -> Any:
        return case((and_(column.is_not(None), literal(own is not None)), column == own))

    def inline(column: Column, query: FactQuery) -> Mapping[str, Any]:
        return {"domestic": same(column("country"), config.country), "local": same(column("city"), config.city)}

    return [
        FactSet(
            name="place",
            title=_("Place"),
            inline=inline,
            columns=[
                Fact(
                    name="domestic",
                    type=bool | None,
                    title=_("Domestic"),
                    doc=_("Whether the customer is in the country of the business."),
                ),
                Fact(
                    name="local",
                    type=bool | None,
                    title=_("Local"),
                    doc=_("Whether the customer is in the city of the business."),
                ),
            ],
            temporal=False,
            doc=_("Where customers are, seen from the business."),
            touched=_customers_touched,
        )
    ]


def _customers_touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    return select(_CUSTOMER.c.id).where(_CUSTOMER.c.updated_at > since.known_at)


def _interests(query: FactQuery) -> Select[Any]:
    first = func.min(_TAG.c.name).label("first")
    where = (_TAG.c.kind == "interest", query.within(_TAG.c.customer_id))
    return select(_TAG.c.customer_id, first).where(*where).group_by(_TAG.c.customer_id)


INTERESTS = FactSet(
    name="interest",
    title=_("Interests"),
    select=_interests,
    columns=[
        Fact(
            name="first",
            type=str | None,
            title=_("First interest"),
            doc=_("The first of the customer's interests, by name."),
        )
    ],
    temporal=False,
    doc=_("What customers are interested in."),
    touched=_customers_touched,
)
