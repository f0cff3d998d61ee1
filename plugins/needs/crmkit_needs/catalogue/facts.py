"""What customers need, as facts, as of any day by the history of needs.

Which area and kind a need has, and into which it was merged, is not kept in time: facts take them as they are. Must not
use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_needs.catalogue.models import Evidence, Need, NeedEvent, ProductArea
from crmkit_needs.catalogue.words import OPEN

_ = texts("crmkit_needs")

AREAS = cast(Any, ProductArea).__table__
EVIDENCE = cast(Any, Evidence).__table__
EVENTS = cast(Any, NeedEvent).__table__
NEEDS = cast(Any, Need).__table__


def states_of(query: FactQuery) -> Any:
    """Return needs with the states in which they were, as a subquery: ``need_id`` and ``state``."""
    if query.present:
        return select(NEEDS.c.id.label("need_id"), NEEDS.c.state).subquery("needs_states")
    place = func.row_number().over(partition_by=EVENTS.c.need_id, order_by=(EVENTS.c.at.desc(), EVENTS.c.id.desc()))
    ranked = (
        select(
            EVENTS.c.need_id,
            case((EVENTS.c.kind == "opened", "new"), else_=EVENTS.c.after).label("state"),
            place.label("place"),
        )
        .where(
            EVENTS.c.at <= query.as_of, EVENTS.c.recorded_at <= query.known_at, EVENTS.c.kind.in_(("opened", "state"))
        )
        .subquery("needs_ranked")
    )
    return select(ranked.c.need_id, ranked.c.state).where(ranked.c.place == 1).subquery("needs_states")


def _heard(query: FactQuery) -> Any:
    """Return the condition for evidence that was there."""
    was = and_(EVIDENCE.c.heard_at <= query.as_of, query.within(EVIDENCE.c.customer_id))
    return was if query.present else and_(was, EVIDENCE.c.created_at <= query.known_at)


def _rows(query: FactQuery) -> Any:
    """Return evidence with the need for which it counts, as a subquery."""
    states = states_of(query)
    root = NEEDS.alias("needs_root")
    joined = (
        EVIDENCE.join(NEEDS, NEEDS.c.id == EVIDENCE.c.need_id)
        .join(root, root.c.id == NEEDS.c.root_id)
        .join(states, states.c.need_id == root.c.id)
    )
    return (
        select(
            EVIDENCE.c.customer_id,
            EVIDENCE.c.heard_at,
            EVIDENCE.c.importance,
            EVIDENCE.c.promised_on,
            root.c.promised_on.label("need_promised_on"),
            root.c.id.label("root_id"),
            root.c.kind,
            root.c.scope,
            root.c.urgency,
            root.c.complexity,
            root.c.area_id,
            states.c.state,
        )
        .select_from(joined)
        .where(_heard(query))
        .subquery("needs_rows")
    )


def select_counts(query: FactQuery) -> Select[Any]:
    """Return how many needs each customer has, by what became of them, and when one was heard of last."""
    rows = _rows(query)
    column = rows.c
    is_open = column.state.in_(OPEN)
    today = query.day
    late = and_(is_open, or_(column.promised_on < today, column.need_promised_on < today))

    def needs(condition: Any) -> Any:
        return func.count(func.distinct(case((condition, column.root_id))))

    found: Any = (
        select(
            column.customer_id,
            needs(is_open).label("open"),
            needs(column.state == "delivered").label("delivered"),
            needs(column.state == "declined").label("declined"),
            needs(late).label("overdue_promises"),
            func.max(column.heard_at).label("last_heard_at"),
        )
        .where(query.within(column.customer_id))
        .group_by(column.customer_id)
    )
    return cast("Select[Any]", found)


def select_main(query: FactQuery) -> Select[Any]:
    """Return of which kind and area the open need is that matters most to each customer: by importance, then the one
    heard of last."""
    rows = _rows(query)
    column = rows.c
    place = func.row_number().over(
        partition_by=column.customer_id,
        order_by=(column.importance.desc(), column.heard_at.desc(), column.root_id),
    )
    ranked = (
        select(
            column.customer_id,
            column.kind,
            column.scope,
            column.urgency,
            column.complexity,
            column.area_id,
            place.label("place"),
        )
        .where(column.state.in_(OPEN))
        .subquery("needs_main")
    )
    found: Any = (
        select(
            ranked.c.customer_id,
            ranked.c.kind.label("main_kind"),
            ranked.c.scope.label("main_scope"),
            ranked.c.urgency.label("main_urgency"),
            ranked.c.complexity.label("main_complexity"),
            AREAS.c.name.label("main_area"),
        )
        .select_from(ranked.outerjoin(AREAS, AREAS.c.id == ranked.c.area_id))
        .where(ranked.c.place == 1, query.within(ranked.c.customer_id))
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="needs",
        title=_("Needs"),
        doc=_("What the customer needs"),
        select=select_counts,
        columns=[
            Fact(name="open", type=int, default=0, doc=_("Needs of which something may still come")),
            Fact(name="delivered", type=int, default=0, doc=_("Needs that were delivered")),
            Fact(name="declined", type=int, default=0, doc=_("Needs that were declined")),
            Fact(name="overdue_promises", type=int, default=0, doc=_("Needs that were promised for a day gone by")),
            Fact(name="last_heard_at", type=datetime | None, doc=_("When a need was heard of last")),
        ],
    ),
    FactSet(
        name="needs",
        doc=_("What matters most to the customer"),
        select=select_main,
        columns=[
            Fact(name="main_scope", type=str | None, doc=_("How standard the open need is that matters most")),
            Fact(name="main_urgency", type=str | None, doc=_("How urgent the open need is that matters most")),
            Fact(name="main_complexity", type=str | None, doc=_("How complex the open need is that matters most")),
            Fact(name="main_kind", type=str | None, doc=_("Of which kind the open need is that matters most")),
            Fact(
                name="main_area",
                type=str | None,
                doc=_("To which product area the open need belongs that matters most"),
            ),
        ],
    ),
]
