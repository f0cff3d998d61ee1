"""What articles did for a customer, as facts, as of any day by the dates of links.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_knowledge.capturing.models import ArticleLink

_ = texts("crmkit_knowledge")

_LINK: Any = cast(Any, ArticleLink).__table__


def select_links(query: FactQuery) -> Select[Any]:
    """Return how many of each customer's cases an article has solved, and how many articles were sent, by ``as_of``."""
    row = _LINK.c
    held = and_(row.at <= query.as_of, or_(row.removed_at.is_(None), row.removed_at > query.as_of))
    if not query.present:
        held = and_(held, row.created_at <= query.known_at)
    case_ = row.ref.like("service.case:%")
    found: Any = (
        select(
            row.customer_id,
            func.count(func.distinct(case((and_(row.kind == "solved_by", case_), row.ref)))).label(
                "cases_solved_by_article"
            ),
            func.count(case((row.kind == "sent", 1))).label("articles_sent"),
        )
        .where(held, row.customer_id.is_not(None), query.within(row.customer_id))
        .group_by(row.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="knowledge",
        doc=_("What articles did for the customer"),
        select=select_links,
        columns=[
            Fact(name="cases_solved_by_article", type=int, default=0, doc=_("Cases that an article has solved")),
            Fact(name="articles_sent", type=int, default=0, doc=_("Articles that were sent to the customer")),
        ],
    )
]
