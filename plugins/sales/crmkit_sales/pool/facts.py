"""What pools know of each customer, as facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_sales.pool.models import Holding, Pool

_ = texts("crmkit_sales")


def select_holdings(query: FactQuery) -> Select[Any]:
    """Return a select of who is in which pool, as it stands now: pools keep no history of it but their log."""
    holding: Any = Holding.__table__
    pool: Any = Pool.__table__
    return (
        select(
            holding.c.customer_id,
            pool.c.name.label("pool"),
            holding.c.state.label("pool_state"),
            holding.c.since.label("pool_since"),
        )
        .join(pool, pool.c.id == holding.c.pool_id)
        .where(query.within(holding.c.customer_id))
    )


FACTS = [
    FactSet(
        name="sales",
        select=select_holdings,
        temporal=False,
        columns=[
            Fact(name="pool", type=str | None, doc=_("The pool that the customer is in")),
            Fact(name="pool_state", type=str | None, doc=_("What it is there: free, held or locked")),
            Fact(name="pool_since", type=datetime | None, doc=_("Since when it is that")),
        ],
    )
]
