"""What service costs, and how satisfied customers are, as facts of customers.

Of a case the time that was noted counts; where none was, each answer of a person counts for the usual time.
Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Select, and_, case, cast as sql_cast, func, literal, select, union_all

from crmkit import Fact, FactQuery, FactSet, Money, texts
from crmkit_service.cases.models import CaseEvent
from crmkit_service.channels.models import Handling, HandlingRate, Rating
from crmkit_service.measures.costs import USUAL_SECONDS

_ = texts("crmkit_service")

_HANDLING = cast(Any, Handling).__table__
_EVENT = cast(Any, CaseEvent).__table__
_RATE = cast(Any, HandlingRate).__table__
_RATING = cast(Any, Rating).__table__


def _rate_at(column: Any, at: Any) -> Any:
    """Return a column of the rate that held at an instant, as a scalar subquery."""
    return select(column).where(_RATE.c.since_at <= at).order_by(_RATE.c.since_at.desc()).limit(1).scalar_subquery()


def select_costs(query: FactQuery) -> Select[Any]:
    """Return what the cases of each customer had cost by ``as_of``, as known at ``known_at``."""

    def known(table: Any) -> Any:
        had_been = and_(table.c.at <= query.as_of, query.within(table.c.customer_id))
        return had_been if query.present else and_(had_been, table.c.recorded_at <= query.known_at)

    nothing = literal(0, BigInteger)
    hourly = func.coalesce(_rate_at(_RATE.c.hourly_minor, _HANDLING.c.at), 0)
    noted = select(
        _HANDLING.c.case_id,
        _HANDLING.c.customer_id,
        sql_cast(_HANDLING.c.seconds, BigInteger).label("noted"),
        (sql_cast(_HANDLING.c.seconds, BigInteger) * hourly).label("noted_cost"),
        nothing.label("usual"),
        nothing.label("usual_cost"),
    ).where(known(_HANDLING))
    usual = sql_cast(func.coalesce(_rate_at(_RATE.c.usual_seconds, _EVENT.c.at), USUAL_SECONDS), BigInteger)
    answered = select(
        _EVENT.c.case_id,
        _EVENT.c.customer_id,
        nothing.label("noted"),
        nothing.label("noted_cost"),
        usual.label("usual"),
        (usual * func.coalesce(_rate_at(_RATE.c.hourly_minor, _EVENT.c.at), 0)).label("usual_cost"),
    ).where(known(_EVENT), _EVENT.c.kind == "agent_message")
    rows = union_all(noted, answered).subquery("service_spent")
    is_noted = func.sum(rows.c.noted) > 0
    per_case = (
        select(
            rows.c.case_id,
            rows.c.customer_id,
            case((is_noted, func.sum(rows.c.noted)), else_=func.sum(rows.c.usual)).label("seconds"),
            case((is_noted, func.sum(rows.c.noted_cost)), else_=func.sum(rows.c.usual_cost)).label("cost"),
        )
        .group_by(rows.c.case_id, rows.c.customer_id)
        .subquery("service_spent_case")
    )
    minutes = sql_cast(func.sum(per_case.c.seconds), BigInteger)
    cost = sql_cast(func.sum(per_case.c.cost), BigInteger)
    found: Any = select(
        per_case.c.customer_id,
        ((minutes + 30) // 60).label("handling_minutes"),
        ((cost + 1800) // 3600).label("cost"),
    ).group_by(per_case.c.customer_id)
    return cast("Select[Any]", found)


def select_ratings(query: FactQuery) -> Select[Any]:
    """Return how satisfied each customer had said to be by ``as_of``."""
    had_been = and_(_RATING.c.rated_at <= query.as_of, query.within(_RATING.c.customer_id))
    known = had_been if query.present else and_(had_been, _RATING.c.created_at <= query.known_at)
    place = func.row_number().over(
        partition_by=_RATING.c.customer_id, order_by=(_RATING.c.rated_at.desc(), _RATING.c.id.desc())
    )
    ranked = (
        select(_RATING.c.customer_id, _RATING.c.score, _RATING.c.rated_at, place.label("place"))
        .where(known)
        .subquery("service_rated")
    )
    found: Any = select(
        ranked.c.customer_id,
        func.count().label("ratings"),
        func.avg(ranked.c.score * 1.0).label("csat"),
        func.max(case((ranked.c.place == 1, ranked.c.score))).label("last_score"),
        func.max(ranked.c.rated_at).label("last_rated_at"),
    ).group_by(ranked.c.customer_id)
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="service",
        doc=_("What service has cost for the customer"),
        select=select_costs,
        columns=[
            Fact(
                name="cost",
                type=Money,
                default=0,
                title=_("Cost of service"),
                doc=_("What the time spent on the customer's cases came to, at what an hour cost then"),
            ),
            Fact(
                name="handling_minutes",
                type=int,
                default=0,
                doc=_("Minutes that were spent on the customer's cases: noted, or the usual ones for each answer"),
            ),
        ],
    ),
    FactSet(
        name="service",
        doc=_("How satisfied the customer is with service"),
        select=select_ratings,
        columns=[
            Fact(name="csat", type=float | None, title=_("Satisfaction"), doc=_("Mean of the scores given, 1 to 5")),
            Fact(name="last_score", type=int | None, doc=_("The score given last, 1 to 5")),
            Fact(name="ratings", type=int, default=0, doc=_("How often the customer has said how satisfied they are")),
            Fact(name="last_rated_at", type=datetime | None, doc=_("When the customer has said so last")),
        ],
    ),
]
