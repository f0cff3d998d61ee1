"""What effort customers had, as facts, as it was computed last. Must not use mapped classes in a select."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, select

from crmkit import ByCutPoints, Dimension, DimensionLabel, Fact, FactQuery, FactSet, texts
from crmkit_experience.effort.models import EffortIssue

_ = texts("crmkit_experience")

_ISSUE: Any = cast(Any, EffortIssue).__table__


def select_effort(query: FactQuery) -> Select[Any]:
    """Return for each customer the index of the last issue, the mean of 90 days and the highest that is open."""
    row = _ISSUE.c
    rank = func.row_number().over(partition_by=row.customer_id, order_by=(row.last_at.desc(), row.id.desc()))
    each = (
        select(row.customer_id, row.index, row.level, row.last_at, row.ended_at, rank.label("place"))
        .where(query.within(row.customer_id), row.started_at <= query.as_of)
        .subquery()
    )
    lately = each.c.last_at > query.ago(timedelta(days=90))
    found: Any = select(
        each.c.customer_id,
        func.max(case((each.c.place == 1, each.c.index))).label("effort_last_index"),
        func.avg(case((lately, each.c.index))).label("effort_mean_90_days"),
        func.max(case((each.c.ended_at.is_(None), each.c.index))).label("effort_open_max"),
        func.count(case((and_(lately, each.c.level == "high"), 1))).label("effort_high_90_days"),
    ).group_by(each.c.customer_id)
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="experience",
        select=select_effort,
        temporal=False,
        columns=[
            Fact(name="effort_last_index", type=float | None, doc=_("Effort of the last issue, 0 to 100")),
            Fact(
                name="effort_mean_90_days",
                type=float | None,
                doc=_("Mean effort of the issues of the last 90 days, 0 to 100"),
            ),
            Fact(
                name="effort_open_max",
                type=float | None,
                doc=_("The highest effort among the issues that are open, 0 to 100"),
            ),
            Fact(
                name="effort_high_90_days",
                type=int,
                default=0,
                doc=_("Issues of the last 90 days that took much effort"),
            ),
        ],
    )
]
DIMENSIONS = [
    Dimension(
        name="experience_effort",
        title=_("Effort"),
        doc=_("What effort customers had with us in the last 90 days."),
        among="has(experience.effort_mean_90_days)",
        decider=ByCutPoints(score="experience.effort_mean_90_days", points=["30", "60"], margin="2"),
        labels=[
            DimensionLabel(name="low", title=_("Little effort")),
            DimensionLabel(name="medium", title=_("Some effort")),
            DimensionLabel(name="high", title=_("Much effort")),
        ],
    )
]
