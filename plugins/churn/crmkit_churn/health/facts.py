"""How healthy customers are, as facts as of any day. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_churn.health.models import HealthScore

_ = texts("crmkit_churn")

_SCORE = cast(Any, HealthScore).__table__


def select_health(query: FactQuery) -> Select[Any]:
    """Return how healthy each customer is, as it was found last; of who has left as it was found before."""
    place = func.row_number().over(
        partition_by=_SCORE.c.customer_id, order_by=(_SCORE.c.as_of.desc(), _SCORE.c.recorded_at.desc(), _SCORE.c.id)
    )
    latest = (
        select(_SCORE.c.customer_id, _SCORE.c.points, place.label("place"))
        .where(
            _SCORE.c.as_of <= query.as_of,
            _SCORE.c.recorded_at <= query.known_at,
            query.within(_SCORE.c.customer_id),
        )
        .subquery()
    )
    return select(latest.c.customer_id, latest.c.points.label("health")).where(latest.c.place == 1)


FACTS = [
    FactSet(
        name="churn",
        select=select_health,
        columns=[
            Fact(
                name="health",
                type=float | None,
                title=_("Health"),
                unit=_("points"),
                doc=_("How healthy the customer is, 0 to 100; of who has left as it was before"),
            )
        ],
    )
]
