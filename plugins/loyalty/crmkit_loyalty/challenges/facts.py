"""How many challenges customers completed, and their badges, as of any day.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_loyalty.challenges.models import Badge, ChallengeCompletion

_ = texts("crmkit_loyalty")

COMPLETIONS = cast(Any, ChallengeCompletion).__table__
BADGES = cast(Any, Badge).__table__


def select_completed(query: FactQuery) -> Select[Any]:
    """Return how many challenges each customer had completed and not lost again, and when the last one."""
    column = COMPLETIONS.c
    found: Any = (
        select(
            column.customer_id,
            func.count().label("challenges_completed"),
            func.max(column.completed_at).label("last_challenge_at"),
        )
        .where(
            column.completed_at <= query.as_of,
            column.created_at <= query.known_at,
            or_(column.ended_at.is_(None), column.ended_at > query.as_of),
            query.within(column.customer_id),
        )
        .group_by(column.customer_id)
    )
    return cast("Select[Any]", found)


def select_badges(query: FactQuery) -> Select[Any]:
    """Return how many badges each customer has now."""
    column = BADGES.c
    found: Any = (
        select(column.customer_id, func.count().label("badges"))
        .where(column.state == "given", query.within(column.customer_id))
        .group_by(column.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="loyalty",
        doc=_("What the customer completed"),
        select=select_completed,
        columns=[
            Fact(name="challenges_completed", type=int, default=0, doc=_("Challenges completed")),
            Fact(name="last_challenge_at", type=datetime | None, doc=_("When a challenge was completed last")),
        ],
    ),
    FactSet(
        name="loyalty",
        doc=_("Which badges the customer has"),
        select=select_badges,
        temporal=False,
        columns=[Fact(name="badges", type=int, default=0, doc=_("Badges"))],
    ),
]
