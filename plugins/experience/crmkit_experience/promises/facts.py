"""What was promised to a customer and what became of it, as facts, as it stands now.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Float, Select, and_, case, cast as sql_cast, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_experience.promises.models import Promise
from crmkit_experience.promises.words import BROKEN, KEPT, OPEN

_ = texts("crmkit_experience")

_PROMISE: Any = cast(Any, Promise).__table__


def select_promises(query: FactQuery) -> Select[Any]:
    """Return how many promises each customer has by what became of them; one that is open and over counts as not
    kept in the share."""
    row = _PROMISE.c
    open_ = row.state == OPEN
    over = and_(open_, row.due_at <= query.as_of)
    broken = row.state == BROKEN

    def count(condition: Any) -> Any:
        return func.count(case((condition, 1)))

    kept = count(row.state == KEPT)
    settled = kept + count(broken) + count(over)
    found: Any = (
        select(
            row.customer_id,
            count(open_).label("open_promises"),
            count(over).label("overdue_promises"),
            kept.label("kept_promises"),
            count(broken).label("broken_promises"),
            count(and_(broken, row.due_at > query.ago(timedelta(days=90)))).label("broken_promises_90_days"),
            case((settled > 0, sql_cast(kept, Float) / sql_cast(settled, Float))).label("promises_kept_share"),
            func.min(case((open_, row.due_at))).label("next_promise_at"),
        )
        .where(query.within(row.customer_id))
        .group_by(row.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="experience",
        title=_("Experience"),
        doc=_("What was promised to the customer, and whether it was kept"),
        select=select_promises,
        temporal=False,
        columns=[
            Fact(name="open_promises", type=int, default=0, doc=_("Promises that are open")),
            Fact(name="overdue_promises", type=int, default=0, doc=_("Promises that are open and whose time is over")),
            Fact(name="kept_promises", type=int, default=0, doc=_("Promises that were kept in time")),
            Fact(name="broken_promises", type=int, default=0, doc=_("Promises that were broken or kept too late")),
            Fact(
                name="broken_promises_90_days",
                type=int,
                default=0,
                doc=_("Promises for the last 90 days that were broken or kept too late"),
            ),
            Fact(
                name="promises_kept_share",
                type=float | None,
                doc=_("Of the promises that are settled or overdue: the share that was kept in time, 0 to 1"),
            ),
            Fact(name="next_promise_at", type=datetime | None, doc=_("When the next open promise is due")),
        ],
    )
]
