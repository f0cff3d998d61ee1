"""Reading scores: whose are the highest, and where each point of one comes from, now or as of another day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen
from sqlalchemy import func, select

from crmkit import Actor, CrmSession, Customer, NotFound, moment_of, texts
from crmkit_sales.scoring.calculating import Definition, Line, Scored, label_for
from crmkit_sales.scoring.collecting import scores_at
from crmkit_sales.scoring.criteria import definition_of
from crmkit_sales.scoring.models import Score, ScoreModel, ScoreVersion
from crmkit_sales.scoring.operations import drafted, published
from crmkit_sales.scoring.running import in_use

_ = texts("crmkit_sales")


@frozen(kw_only=True)
class Explained:
    """A score with the lines that it is the sum of. ``definition`` is the version by which it was computed."""

    model: str
    title: str
    usual: bool
    version: int
    points: Decimal
    label: str
    at: datetime
    definition: Definition
    lines: tuple[Line, ...] = attrs.field(default=(), converter=tuple)


@frozen(kw_only=True)
class ModelShown:
    """A model with what it says: what is published, and what is drafted."""

    model: ScoreModel
    published: ScoreVersion | None
    draft: ScoreVersion | None
    definition: Definition | None
    counts: Mapping[str, int]


def explained(session: CrmSession, customer_id: UUID) -> list[Explained]:
    """Return the scores of a customer by each model in use, as they were computed last, the usual one first."""
    rows = {each.model_id: each for each in session.scalars(select(Score).where(Score.customer_id == customer_id))}
    found: list[Explained] = []
    for model, version in in_use(session):
        row = rows.get(model.id)
        if row is not None:
            found.append(
                Explained(
                    model=model.name,
                    title=model.title,
                    usual=model.usual,
                    version=version.number,
                    points=row.points,
                    label=row.label,
                    at=row.computed_at,
                    definition=definition_of(version),
                    lines=lines_of(row),
                )
            )
    return found


def explained_as_of(
    session: CrmSession, customer_id: UUID, as_of: date | datetime, known_at: date | datetime | None = None
) -> list[Explained]:
    """Return the scores of a customer as of another day, by what was known at another one.

    They are computed in system scope, as a score does not depend on who looks; who looks has to see the customer. The
    label is the one without any past. Raises NotFound.
    """
    if session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    with session.crm.session(Actor.system("explaining a score as of another day")) as whole:
        moment = moment_of(whole, as_of, known_at)
        found: list[Explained] = []
        for model, version in in_use(whole):
            definition = definition_of(version)
            score = scores_at(whole, definition, moment, [customer_id]).get(customer_id, Scored())
            found.append(
                Explained(
                    model=model.name,
                    title=model.title,
                    usual=model.usual,
                    version=version.number,
                    points=score.points,
                    label=label_for(score.points, definition),
                    at=moment.as_of,
                    definition=definition,
                    lines=score.lines,
                )
            )
        return found


def lines_of(score: Score) -> list[Line]:
    """Return the lines of a score."""
    return [
        Line(
            words=each["words"],
            points=Decimal(each["points"]),
            count=each["count"],
            last_at=None if each["last_at"] is None else datetime.fromisoformat(each["last_at"]),
        )
        for each in score.lines
    ]


def labels_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, tuple[Decimal, str]]:
    """Return the score and the label of each of some customers by the usual model."""
    query = (
        select(Score.customer_id, Score.points, Score.label)
        .join(ScoreModel, ScoreModel.id == Score.model_id)
        .where(ScoreModel.usual, ScoreModel.active, Score.customer_id.in_(customer_ids))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def models_shown(session: CrmSession) -> list[ModelShown]:
    """Return the models with what they say and how many customers have which label, the usual one first."""
    counts: dict[Any, dict[str, int]] = {}
    query = select(Score.model_id, Score.label, func.count(Score.id)).group_by(Score.model_id, Score.label)
    for model_id, label, number in session.execute(query):
        counts.setdefault(model_id, {})[label] = number
    found: list[ModelShown] = []
    for model in session.scalars(select(ScoreModel).order_by(ScoreModel.usual.desc(), ScoreModel.name)):
        last, draft = published(session, model), drafted(session, model)
        shown = last or draft
        found.append(
            ModelShown(
                model=model,
                published=last,
                draft=draft,
                definition=definition_of(shown) if shown is not None else None,
                counts=counts.get(model.id, {}),
            )
        )
    return found
