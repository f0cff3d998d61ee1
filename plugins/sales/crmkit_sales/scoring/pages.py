"""The page of scores: the models, what each of them gives points for, and how many customers are hot by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, Panel, texts
from crmkit_sales.scoring.models import Score, ScoreModel
from crmkit_sales.scoring.reading import models_shown
from crmkit_sales.scoring.words import DIRECTIONS, LABELS, STATES, TONES

_ = texts("crmkit_sales")

HOME = "/modules/sales/scores"
ROWS = 20


def scores(session: CrmSession) -> Mapping[str, Any]:
    """Return the models, and the customers with the highest scores by the usual one."""
    rights = session.guarding.rights
    best = (
        select(Score, Customer)
        .join(ScoreModel, ScoreModel.id == Score.model_id)
        .join(Customer, Customer.id == Score.customer_id)
        .where(ScoreModel.usual, ScoreModel.active, Score.points > 0, Customer.deleted_at.is_(None))
        .order_by(Score.points.desc(), Score.customer_id)
        .limit(ROWS)
    )
    registry = session.gate.registry
    return {
        "models": models_shown(session),
        "best": session.execute(best).all(),
        "labels": LABELS,
        "tones": TONES,
        "states": STATES,
        "directions": DIRECTIONS,
        "kinds": {name: each.title for name, each in registry.interaction_kinds.items()},
        "channels": {name: each.title for name, each in registry.tables["channel"].items()},
        "may_manage": rights.scope("sales.score_model", "manage") != "none",
        "may_run": rights.scope("sales.score", "run") != "none",
        "home": HOME,
    }


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the score of each customer who has one by the usual model, with its three greatest reasons."""
    query = (
        select(Score)
        .join(ScoreModel, ScoreModel.id == Score.model_id)
        .where(ScoreModel.usual, ScoreModel.active, Score.customer_id.in_(customer_ids))
    )
    found: list[Panel] = []
    for score in session.scalars(query):
        greatest = sorted(score.lines, key=lambda line: -abs(float(line["points"])))[:3]
        rows = [(LABELS[score.label], f"{score.points:.2f}"), *((each["words"], each["points"]) for each in greatest)]
        found.append(Panel(customer_id=score.customer_id, title=_("Score"), rows=rows))
    return found


PAGES = [
    Page(
        name="sales.scores",
        title=_("Scores"),
        path="/scores",
        template="sales/scoring/scores.html",
        context=scores,
        permission="sales.score.read",
        icon="chart-bar",
        order=24,
    )
]
