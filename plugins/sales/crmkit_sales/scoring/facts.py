"""Scores as facts: by model, and by the usual one. Must not use mapped classes in a select: facts are not the
reader's.

They are what was computed last. A score as of another day is computed anew by `crmkit_sales.scoring.reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, case, func, select

from crmkit import CrmSession, Fact, FactQuery, FactSet, texts
from crmkit_sales.scoring.models import Score, ScoreModel
from crmkit_sales.scoring.words import LABELS

_ = texts("crmkit_sales")

_SCORE = cast(Any, Score).__table__
_MODEL = cast(Any, ScoreModel).__table__


def select_by_model(query: FactQuery) -> Select[Any]:
    """Return the score and the label of each customer by each of the models that are asked about."""
    columns: list[Any] = []
    for number, key in enumerate(query.keys):
        this = _MODEL.c.name == key
        columns.append(func.max(case((this, _SCORE.c.points)), type_=_SCORE.c.points.type).label(f"score:{number}"))
        columns.append(func.max(case((this, _SCORE.c.label))).label(f"score_label:{number}"))
    return _rows(query, *columns).where(_MODEL.c.name.in_(query.keys)).group_by(_SCORE.c.customer_id)


def select_usual(query: FactQuery) -> Select[Any]:
    """Return the score and the temperature of each customer by the usual model."""
    return (
        _rows(
            query,
            func.max(_SCORE.c.points, type_=_SCORE.c.points.type).label("lead_score"),
            func.max(_SCORE.c.label).label("temperature"),
            func.max(_SCORE.c.since).label("temperature_since"),
        )
        .where(_MODEL.c.usual)
        .group_by(_SCORE.c.customer_id)
    )


def _rows(query: FactQuery, *columns: Any) -> Any:
    found = select(_SCORE.c.customer_id, *columns).join(_MODEL, _MODEL.c.id == _SCORE.c.model_id)
    return found.where(_MODEL.c.active, query.within(_SCORE.c.customer_id))


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose scores were computed anew since."""
    return select(_SCORE.c.customer_id).where(_SCORE.c.updated_at > since.known_at)


def models(session: CrmSession) -> Sequence[str]:
    """Return the names of the models that are in use."""
    return session.scalars(select(ScoreModel.name).where(ScoreModel.active).order_by(ScoreModel.name)).all()


FACTS = [
    FactSet(
        name="sales",
        keyed=_("score model"),
        keys=models,
        select=select_by_model,
        touched=touched,
        temporal=False,
        columns=[
            Fact(name="score", type=Decimal | None, doc=_("The score of the customer by a model")),
            Fact(
                name="score_label",
                type=str | None,
                options=tuple(LABELS),
                doc=_("Whether the customer is cold, warm or hot by a model"),
            ),
        ],
    ),
    FactSet(
        name="sales",
        select=select_usual,
        touched=touched,
        temporal=False,
        columns=[
            Fact(name="lead_score", type=Decimal | None, doc=_("The score of the customer by the usual model")),
            Fact(
                name="temperature",
                type=str | None,
                options=tuple(LABELS),
                doc=_("Whether the customer is cold, warm or hot by the usual model"),
            ),
            Fact(name="temperature_since", type=datetime | None, doc=_("Since when the temperature is what it is")),
        ],
    ),
]
