"""What is known of a customer, as facts, as of any day by the history of insights.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crmkit import Fact, FactQuery, FactSet, json_type, texts
from crmkit_knowledge.insights.models import Insight, InsightEvent, InsightTopic
from crmkit_knowledge.insights.words import CURRENT, PROMISE

_ = texts("crmkit_knowledge")

_INSIGHT: Any = cast(Any, Insight).__table__
_EVENT: Any = cast(Any, InsightEvent).__table__
_TOPIC: Any = cast(Any, InsightTopic).__table__


def _stood(query: FactQuery) -> Any:
    """Return insights as they stood, as a subquery: what was last said of each until ``as_of``."""
    known = _EVENT.c.at <= query.as_of
    if not query.present:
        known = and_(known, _EVENT.c.recorded_at <= query.known_at)
    order = (_EVENT.c.at.desc(), _EVENT.c.recorded_at.desc(), _EVENT.c.id.desc())
    ranked = (
        select(
            _EVENT.c.insight_id,
            _EVENT.c.customer_id,
            _EVENT.c.state,
            _EVENT.c.expires_on,
            _EVENT.c.due_on,
            func.row_number().over(partition_by=_EVENT.c.insight_id, order_by=order).label("place"),
        )
        .where(known, query.within(_EVENT.c.customer_id))
        .subquery("knowledge_ranked")
    )
    return (
        select(
            ranked.c.customer_id,
            ranked.c.state,
            ranked.c.expires_on,
            ranked.c.due_on,
            _INSIGHT.c.kind,
            _INSIGHT.c.topic_id,
            _INSIGHT.c.learnt_at,
        )
        .select_from(ranked.join(_INSIGHT, _INSIGHT.c.id == ranked.c.insight_id))
        .where(ranked.c.place == 1)
        .subquery("knowledge_stood")
    )


def _holds(row: Any, query: FactQuery) -> Any:
    return and_(row.state == CURRENT, or_(row.expires_on.is_(None), row.expires_on >= query.day))


def select_counts(query: FactQuery) -> Select[Any]:
    """Return how much is known of each customer, and what became of promises, by ``as_of`` as known at ``known_at``."""
    row = _stood(query).c
    holds = _holds(row, query)
    promise = row.kind == PROMISE
    open_ = and_(promise, holds)

    def count(condition: Any) -> Any:
        return func.count(case((condition, 1)))

    found: Any = (
        select(
            row.customer_id,
            count(holds).label("insights"),
            count(and_(holds, row.kind == "preference")).label("preferences"),
            count(and_(holds, row.kind == "constraint")).label("constraints"),
            count(and_(holds, row.kind == "fact")).label("known_facts"),
            count(open_).label("open_promises"),
            count(and_(open_, row.due_on < query.day)).label("overdue_promises"),
            count(and_(promise, row.state == "kept")).label("kept_promises"),
            count(and_(promise, row.state == "broken")).label("broken_promises"),
            func.min(case((open_, row.due_on))).label("next_promise_on"),
            func.max(case((row.state != "withdrawn", row.learnt_at))).label("last_learnt_at"),
        )
        .where(query.within(row.customer_id))
        .group_by(row.customer_id)
    )
    return cast("Select[Any]", found)


def select_topics(query: FactQuery) -> Select[Any]:
    """Return the topics on which something is known of each customer, by their names."""
    stood = _stood(query)
    named = (
        select(stood.c.customer_id, _TOPIC.c.name)
        .select_from(stood.join(_TOPIC, _TOPIC.c.id == stood.c.topic_id))
        .where(_holds(stood.c, query))
        .distinct()
        .subquery("knowledge_topics")
    )
    row = named.c
    if query.dialect == "postgresql":
        array: Any = func.jsonb_agg(aggregate_order_by(row.name, row.name.collate("C")), type_=json_type())
        found: Any = select(row.customer_id, array.label("insight_topics")).group_by(row.customer_id)
        return cast("Select[Any]", found)
    # In an aggregate SQLite keeps no order; over a window it does.
    array = func.json_group_array(row.name, type_=json_type()).over(
        partition_by=row.customer_id, order_by=row.name, rows=(None, None)
    )
    found = select(row.customer_id, array.label("insight_topics")).distinct()
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="knowledge",
        title=_("Insights"),
        doc=_("What is known of the customer"),
        select=select_counts,
        columns=[
            Fact(name="insights", type=int, default=0, doc=_("Insights that hold")),
            Fact(name="preferences", type=int, default=0, doc=_("Preferences that hold")),
            Fact(name="constraints", type=int, default=0, doc=_("Constraints that hold")),
            Fact(name="known_facts", type=int, default=0, doc=_("Facts that hold, as somebody noted them")),
            Fact(name="open_promises", type=int, default=0, doc=_("Promises that are open")),
            Fact(name="overdue_promises", type=int, default=0, doc=_("Promises that are open and whose day is over")),
            Fact(name="kept_promises", type=int, default=0, doc=_("Promises that were kept")),
            Fact(name="broken_promises", type=int, default=0, doc=_("Promises that were broken")),
            Fact(name="next_promise_on", type=date | None, doc=_("The first day of an open promise")),
            Fact(name="last_learnt_at", type=datetime | None, doc=_("When something was learnt last")),
        ],
    ),
    FactSet(
        name="knowledge",
        doc=_("On what something is known of the customer"),
        select=select_topics,
        columns=[
            Fact(
                name="insight_topics",
                type=list[str],
                default=(),
                doc=_("Topics on which something is known, by their names"),
            )
        ],
    ),
]
