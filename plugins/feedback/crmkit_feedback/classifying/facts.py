"""What customers' feedback is about and thinks, as facts of the present: what it is said to be about may change later.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

ITEMS: Any = cast(Any, Feedback).__table__
LABELS: Any = cast(Any, FeedbackTheme).__table__
THEMES: Any = cast(Any, Theme).__table__
RECENT = timedelta(days=90)


def select_themes(query: FactQuery) -> Select[Any]:
    """Return of each customer the theme of the last feedback that has one; of several the surest, a person's first."""
    place = func.row_number().over(
        partition_by=ITEMS.c.customer_id,
        order_by=(
            ITEMS.c.received_at.desc(),
            ITEMS.c.id.desc(),
            case((LABELS.c.way == "person", 0), else_=1),
            func.coalesce(LABELS.c.confidence, 0).desc(),
            THEMES.c.name,
        ),
    )
    ranked = (
        select(ITEMS.c.customer_id, THEMES.c.name.label("last_theme"), place.label("place"))
        .select_from(
            ITEMS.join(LABELS, LABELS.c.feedback_id == ITEMS.c.id).join(THEMES, THEMES.c.id == LABELS.c.theme_id)
        )
        .where(LABELS.c.state == "on", ITEMS.c.received_at <= query.as_of, query.within(ITEMS.c.customer_id))
        .subquery("feedback_last_themes")
    )
    found: Any = select(ranked.c.customer_id, ranked.c.last_theme).where(ranked.c.place == 1)
    return cast("Select[Any]", found)


def select_thoughts(query: FactQuery) -> Select[Any]:
    """Return how often each customer said something negative lately."""
    lately = and_(ITEMS.c.received_at > query.ago(RECENT), ITEMS.c.received_at <= query.as_of)
    found: Any = (
        select(ITEMS.c.customer_id, func.count(ITEMS.c.id).label("negative_90_days"))
        .where(lately, ITEMS.c.sentiment == "negative", query.within(ITEMS.c.customer_id))
        .group_by(ITEMS.c.customer_id)
    )
    return cast("Select[Any]", found)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose feedback, or what it is said to be about, has changed between two moments."""
    aged = and_(ITEMS.c.received_at > since.ago(RECENT), ITEMS.c.received_at <= query.ago(RECENT))
    changed = or_(
        ITEMS.c.updated_at > since.known_at,
        ITEMS.c.received_at > since.as_of,
        aged,
        select(LABELS.c.id).where(LABELS.c.feedback_id == ITEMS.c.id, LABELS.c.updated_at > since.known_at).exists(),
    )
    found: Any = select(ITEMS.c.customer_id).where(changed, ITEMS.c.customer_id.is_not(None)).distinct()
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="feedback",
        doc=_("What the customer's feedback is about"),
        select=select_themes,
        touched=touched,
        temporal=False,
        columns=[Fact(name="last_theme", type=str | None, doc=_("Name of the theme of the customer's last feedback"))],
    ),
    FactSet(
        name="feedback",
        doc=_("What the customer's feedback thinks"),
        select=select_thoughts,
        touched=touched,
        temporal=False,
        columns=[
            Fact(name="negative_90_days", type=int, default=0, doc=_("Negative feedback of the customer in 90 days"))
        ],
    ),
]
