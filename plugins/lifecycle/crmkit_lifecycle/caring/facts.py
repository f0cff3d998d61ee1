"""How far onboarding has come and what comes up, as facts. Must not use mapped classes in a select."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_lifecycle.caring.models import Checklist, ChecklistItem, Review

_ = texts("crmkit_lifecycle")

_LIST: Any = cast(Any, Checklist).__table__
_ITEM: Any = cast(Any, ChecklistItem).__table__
_REVIEW: Any = cast(Any, Review).__table__


def select_lists(query: FactQuery) -> Select[Any]:
    """Return how far the onboarding of customers had come by ``as_of``."""
    done = and_(_ITEM.c.done_at.is_not(None), _ITEM.c.done_at <= query.as_of)
    ended = and_(_LIST.c.ended_at.is_not(None), _LIST.c.ended_at <= query.as_of)
    ready = func.count(case((done, 1)))
    return (
        select(
            _LIST.c.customer_id,
            func.count(_ITEM.c.id).label("onboarding_items"),
            ready.label("onboarding_done"),
            func.count(case((and_(~done, _ITEM.c.due_at < query.as_of), 1))).label("onboarding_late"),
            func.max(case((ended, _LIST.c.ended_at))).label("onboarded_at"),
            func.min(_LIST.c.began_at).label("onboarding_began_at"),
        )
        .select_from(_LIST.join(_ITEM, _ITEM.c.checklist_id == _LIST.c.id))
        .where(_LIST.c.began_at <= query.as_of, _LIST.c.state != "stopped", query.within(_LIST.c.customer_id))
        .group_by(_LIST.c.customer_id)
    )


def select_reviews(query: FactQuery) -> Select[Any]:
    """Return what comes up with customers, and when they were looked at last."""
    open_ = or_(_REVIEW.c.done_on.is_(None), _REVIEW.c.done_on > query.day)
    planned = and_(_REVIEW.c.state != "cancelled", open_)
    return (
        select(
            _REVIEW.c.customer_id,
            func.min(case((planned, _REVIEW.c.due_on))).label("next_review"),
            func.min(case((and_(planned, _REVIEW.c.kind == "renewal"), _REVIEW.c.due_on))).label("next_renewal"),
            func.max(case((_REVIEW.c.done_on <= query.day, _REVIEW.c.done_on))).label("last_review"),
        )
        .where(query.within(_REVIEW.c.customer_id))
        .group_by(_REVIEW.c.customer_id)
    )


FACTS = [
    FactSet(
        name="lifecycle",
        doc=_("How far onboarding has come"),
        select=select_lists,
        columns=[
            Fact(name="onboarding_items", type=int, default=0, doc=_("What is on the customer's lists")),
            Fact(name="onboarding_done", type=int, default=0, doc=_("What of it is done")),
            Fact(name="onboarding_late", type=int, default=0, doc=_("What of it is late")),
            Fact(name="onboarding_began_at", type=datetime | None, doc=_("When the first list was begun")),
            Fact(name="onboarded_at", type=datetime | None, doc=_("When the last list was done")),
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("Renewals and reviews"),
        select=select_reviews,
        temporal=False,
        columns=[
            Fact(name="next_review", type=date | None, doc=_("The next renewal or review")),
            Fact(name="next_renewal", type=date | None, doc=_("The next renewal")),
            Fact(name="last_review", type=date | None, doc=_("The last review that was held")),
        ],
    ),
    FactSet(
        name="lifecycle",
        columns=[
            Fact(
                name="onboarding_share",
                type=Decimal | None,
                doc=_("What part of the lists is done"),
                expression="lifecycle.onboarding_done / lifecycle.onboarding_items",
            )
        ],
    ),
]
