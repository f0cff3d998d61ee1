"""What was said of customers as facts, as of any day by what was known then. Must not use mapped classes in a select:
facts are not the reader's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_churn.scoring.models import ChurnScore, Departure

_ = texts("crmkit_churn")

_SCORE = cast(Any, ChurnScore).__table__
_GONE = cast(Any, Departure).__table__
BEFORE = timedelta(days=30)


def select_scores(query: FactQuery) -> Select[Any]:
    """Return what was said last of each customer."""
    latest = _latest(query, query.as_of)
    return select(
        latest.c.customer_id,
        latest.c.probability,
        latest.c.as_of.label("scored_at"),
        case((latest.c.place == 1, True), else_=False).label("scored"),
    ).where(latest.c.place == 1)


def select_before(query: FactQuery) -> Select[Any]:
    """Return what had been said of each customer thirty days before."""
    latest = _latest(query, query.ago(BEFORE))
    return select(latest.c.customer_id, latest.c.probability.label("probability_30d")).where(latest.c.place == 1)


def _latest(query: FactQuery, until: Any) -> Any:
    place = func.row_number().over(
        partition_by=_SCORE.c.customer_id, order_by=(_SCORE.c.as_of.desc(), _SCORE.c.recorded_at.desc(), _SCORE.c.id)
    )
    return (
        select(_SCORE.c.customer_id, _SCORE.c.probability, _SCORE.c.as_of, place.label("place"))
        .where(_SCORE.c.as_of <= until, _SCORE.c.recorded_at <= query.known_at, query.within(_SCORE.c.customer_id))
        .subquery()
    )


def select_gone(query: FactQuery) -> Select[Any]:
    """Return who has left, and since when."""
    here = and_(_GONE.c.returned_on.is_not(None), _GONE.c.returned_on <= query.day)
    return (
        select(
            _GONE.c.customer_id,
            func.max(case((here, 0), else_=1)).label("gone_number"),
            func.max(case((~here, _GONE.c.since))).label("gone_since"),
            func.count().label("departures"),
        )
        .where(_GONE.c.noticed_at <= query.known_at, _GONE.c.since <= query.day, query.within(_GONE.c.customer_id))
        .group_by(_GONE.c.customer_id)
    )


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whom something was said since."""
    return select(_SCORE.c.customer_id).where(_SCORE.c.recorded_at > since.known_at)


FACTS = [
    FactSet(
        name="churn",
        title=_("Churn"),
        select=select_scores,
        touched=touched,
        columns=[
            Fact(
                name="probability",
                type=float | None,
                title=_("Probability of leaving"),
                doc=_("How probable it is that the customer leaves within the days of the model, 0 to 1"),
            ),
            Fact(name="scored_at", type=datetime | None, title=_("Scored at"), doc=_("As of when that was said last")),
            Fact(name="scored", type=bool, default=False, title=_("Scored"), doc=_("Whether the model says anything")),
            Fact(
                name="change",
                type=float | None,
                title=_("Change of the probability in 30 days"),
                doc=_("By how much the probability of leaving has grown in thirty days"),
                expression="churn.probability - churn.probability_30d",
            ),
        ],
    ),
    FactSet(
        name="churn",
        select=select_before,
        columns=[
            Fact(
                name="probability_30d",
                type=float | None,
                title=_("Probability of leaving 30 days ago"),
                doc=_("What was said of the customer thirty days before"),
            ),
        ],
    ),
    FactSet(
        name="churn",
        select=select_gone,
        columns=[
            Fact(name="gone_number", type=int, default=0, title=_("Has left (1 or 0)"), doc=_("1 for who has left")),
            Fact(name="gone_since", type=date | None, title=_("Left on"), doc=_("Since when the customer has left")),
            Fact(name="departures", type=int, default=0, title=_("Departures"), doc=_("How often they have left")),
            Fact(
                name="gone",
                type=bool,
                default=False,
                title=_("Has left"),
                doc=_("Whether the customer has left by the usual definition"),
                expression="churn.gone_number > 0",
            ),
        ],
    ),
]
