"""How lately, how often and for how much customers bought, as scores and segments; as facts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_value.rfm.models import RfmScore
from crmkit_value.scoring.facts import counting

_ = texts("crmkit_value")

_TABLE = cast(Any, RfmScore).__table__


def select_scores(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer who was scored last at the two times."""
    table = _TABLE
    return select(
        table.c.customer_id,
        table.c.recency.label("recency_score"),
        table.c.frequency_score,
        table.c.monetary.label("monetary_score"),
        (table.c.recency * 100 + table.c.frequency_score * 10 + table.c.monetary).label("rfm"),
        table.c.segment.label("rfm_segment"),
    ).where(table.c.scoring_id == counting("rfm", query), query.within(table.c.customer_id))


FACTS = [
    FactSet(
        name="value",
        select=select_scores,
        doc=_("How lately, how often and for how much the customer bought, as it was scored last"),
        columns=[
            Fact(
                name="recency_score",
                type=int | None,
                title=_("Recency score"),
                doc=_("Score of the days since the last purchase: the fewer the higher"),
            ),
            Fact(
                name="frequency_score",
                type=int | None,
                title=_("Frequency score"),
                doc=_("Score of how many purchases there were"),
            ),
            Fact(
                name="monetary_score",
                type=int | None,
                title=_("Monetary score"),
                doc=_("Score of what purchases came to, less refunds"),
            ),
            Fact(
                name="rfm",
                type=int | None,
                title=_("RFM"),
                doc=_("The three scores side by side, such as 555: recency times 100, frequency times 10, monetary"),
            ),
            Fact(
                name="rfm_segment",
                type=str | None,
                title=_("RFM segment"),
                doc=_("The first segment of the policy that the three scores belong to"),
            ),
        ],
    )
]
