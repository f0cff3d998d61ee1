"""Warnings as facts. Must not use mapped classes in a select: facts are not the reader's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_churn.watching.models import ChurnWarning

_ = texts("crmkit_churn")

_WARNING = cast(Any, ChurnWarning).__table__


def select_warnings(query: FactQuery) -> Select[Any]:
    """Return how many warnings of each customer are open, and when the last one was."""
    is_open = or_(_WARNING.c.closed_at.is_(None), _WARNING.c.closed_at > query.as_of)
    return (
        select(
            _WARNING.c.customer_id,
            func.count(case((is_open, 1))).label("open_warnings"),
            func.max(_WARNING.c.opened_at).label("last_warning_at"),
        )
        .where(
            _WARNING.c.opened_at <= query.as_of,
            _WARNING.c.created_at <= query.known_at,
            query.within(_WARNING.c.customer_id),
        )
        .group_by(_WARNING.c.customer_id)
    )


FACTS = [
    FactSet(
        name="churn",
        select=select_warnings,
        columns=[
            Fact(name="open_warnings", type=int, default=0, title=_("Open warnings"), doc=_("Warnings not settled")),
            Fact(name="last_warning_at", type=datetime | None, title=_("Last warning"), doc=_("When the last one was")),
        ],
    )
]
