"""What work knows of each customer, as facts: tasks that are open, late, and due next.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, not_, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")

_TABLE = cast(Any, Task).__table__


def select_tasks(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that had a task by ``as_of``, as known at ``known_at``. A task
    that was opened again counts as open throughout."""
    table = _TABLE
    closed = and_(table.c.done_at.is_not(None), table.c.done_at <= query.as_of, table.c.done_at <= query.known_at)
    is_open = not_(closed)
    late = and_(is_open, table.c.due_at.is_not(None), table.c.due_at < query.as_of)
    done = and_(closed, table.c.state == "done")
    return (
        select(
            table.c.customer_id,
            func.count(case((is_open, 1))).label("open_tasks"),
            func.count(case((late, 1))).label("overdue_tasks"),
            func.min(case((is_open, table.c.due_at))).label("next_due_at"),
            func.count(case((done, 1))).label("done_tasks"),
            func.max(case((done, table.c.done_at))).label("last_done_at"),
        )
        .where(table.c.customer_id.is_not(None))
        .where(table.c.created_at <= query.as_of, table.c.created_at <= query.known_at)
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose tasks have changed, or become late, since."""
    due = and_(_TABLE.c.due_at >= since.as_of, _TABLE.c.due_at < query.as_of)
    changed = or_(_TABLE.c.updated_at > since.known_at, due)
    return select(_TABLE.c.customer_id).where(_TABLE.c.customer_id.is_not(None), changed)


FACTS = [
    FactSet(
        name="work",
        title=_("Work"),
        doc=_("Tasks about the customer"),
        select=select_tasks,
        touched=touched,
        columns=[
            Fact(name="open_tasks", type=int, default=0, title=_("Open tasks"), doc=_("Tasks that are open")),
            Fact(
                name="overdue_tasks",
                type=int,
                default=0,
                title=_("Overdue tasks"),
                doc=_("Open tasks whose due time has passed"),
            ),
            Fact(name="next_due_at", type=datetime | None, doc=_("When the next open task is due")),
            Fact(name="done_tasks", type=int, default=0, doc=_("Tasks that were done")),
            Fact(name="last_done_at", type=datetime | None, doc=_("When a task was done last")),
        ],
    )
]
