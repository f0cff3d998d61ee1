"""What quality knows of each customer, as facts; and the dimension by which customers are classified.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, select

from crmkit import ByCutPoints, Dimension, DimensionLabel, Fact, FactQuery, FactSet, texts
from crmkit_quality.rules.models import ASPECTS
from crmkit_quality.scores.models import CustomerScore

_ = texts("crmkit_quality")

_TABLE = cast(Any, CustomerScore).__table__
_NAMES = ("score", *ASPECTS, "violations", "errors", "checked_at")


def select_scores(query: FactQuery) -> Select[Any]:
    """Return the scores that were kept of each customer."""
    columns = [_TABLE.c[name] for name in _NAMES]
    return select(_TABLE.c.customer_id, *columns).where(query.within(_TABLE.c.customer_id))


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers that were checked since."""
    return select(_TABLE.c.customer_id).where(_TABLE.c.checked_at > since.known_at)


_DOCS = {
    "completeness": _("How much of what is expected of the customer is there"),
    "validity": _("How much of what is there is valid"),
    "uniqueness": _("How much of what identifies the customer no other customer has"),
    "consistency": _("How much of what has to agree agrees"),
    "timeliness": _("How fresh what is known is"),
}

FACTS = [
    FactSet(
        name="quality",
        title=_("Data quality"),
        doc=_("The quality of the customer's data, from 0 to 1, as it was checked last"),
        temporal=False,
        select=select_scores,
        touched=touched,
        columns=[
            Fact(name="score", type=Decimal | None, title=_("Quality score"), doc=_("The whole score, from 0 to 1")),
            *(Fact(name=name, type=Decimal | None, title=ASPECTS[name], doc=doc) for name, doc in _DOCS.items()),
            Fact(name="violations", type=int, default=0, doc=_("Field rules that do not hold")),
            Fact(name="errors", type=int, default=0, doc=_("Field rules that do not hold and are errors")),
            Fact(name="checked_at", type=datetime | None, doc=_("When it was checked")),
        ],
    )
]

DIMENSIONS = [
    Dimension(
        name="quality",
        title=_("Data quality"),
        doc=_("How good what is known of the customer is, by its quality score."),
        among="has(quality.score)",
        decider=ByCutPoints(score="quality.score", points=["0.5", "0.8"], margin="0.02"),
        labels=[
            DimensionLabel(name="poor", title=_("Poor data")),
            DimensionLabel(name="fair", title=_("Fair data")),
            DimensionLabel(name="good", title=_("Good data")),
        ],
    )
]
