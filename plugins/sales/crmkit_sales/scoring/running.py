"""Keeping scores: computing them for all customers or some, and telling who has crossed a threshold.

In system scope, by jobs and subscriptions. What changes is written, and nothing else. Must not decide what a score is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Refused, Subscription, moment_of, operation, texts
from crmkit_sales.scoring.calculating import Definition, Line, Scored, label_for
from crmkit_sales.scoring.collecting import scores_at
from crmkit_sales.scoring.criteria import definition_of
from crmkit_sales.scoring.events import LeadCrossed
from crmkit_sales.scoring.models import Score, ScoreModel, ScoreVersion

_ = texts("crmkit_sales")

ALL = "sales.score_all"
CHUNK = 1000


@operation("sales.score.refresh", title=_("Compute scores"), permission="sales.score.run", hidden=True)
def refresh(
    session: CrmSession,
    *,
    customers: Annotated[
        tuple[UUID, ...] | None, Input(title=_("Customers"), max_length=5000, classified="internal")
    ] = None,
) -> int:
    """Compute the scores by each model that is in use, of all customers or some, and return how many have changed.
    Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Scores are computed in system scope."), fix=_("Use sales.score.run."))
    return sum(_refresh(session, model, version, customers) for model, version in in_use(session))


@operation("sales.score.run", title=_("Compute scores now"), permission="sales.score.run")
def run(session: CrmSession) -> None:
    """Have all scores computed by a worker, once this has been committed."""
    session.defer(ALL)


def in_use(session: CrmSession) -> list[tuple[ScoreModel, ScoreVersion]]:
    """Return the models that are in use, each with its published version, the usual one first."""
    query = (
        select(ScoreModel, ScoreVersion)
        .join(ScoreVersion, ScoreVersion.model_id == ScoreModel.id)
        .where(ScoreModel.active, ScoreVersion.state == "published")
        .order_by(ScoreModel.usual.desc(), ScoreModel.name)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _refresh(session: CrmSession, model: ScoreModel, version: ScoreVersion, customers: Collection[UUID] | None) -> int:
    definition = definition_of(version)
    moment = moment_of(session)
    found = scores_at(session, definition, moment, customers)
    known = {each.customer_id: each for each in _kept(session, model, customers)}
    changed = 0
    for customer_id, score in found.items():
        row = known.pop(customer_id, None)
        if row is None and not score.lines:
            continue
        changed += _keep(session, model, version, definition, row, customer_id, score, moment.as_of)
    for row in known.values():
        # Whoever is not scored any more has no score.
        session.delete(row)
    session.flush()
    return changed + len(known)


def _kept(session: CrmSession, model: ScoreModel, customers: Collection[UUID] | None) -> Sequence[Score]:
    query = select(Score).where(Score.model_id == model.id)
    if customers is None:
        return session.scalars(query).all()
    ids = sorted(customers)
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    return [each for chunk in chunks for each in session.scalars(query.where(Score.customer_id.in_(chunk)))]


def _keep(
    session: CrmSession,
    model: ScoreModel,
    version: ScoreVersion,
    definition: Definition,
    row: Score | None,
    customer_id: UUID,
    score: Scored,
    at: datetime,
) -> bool:
    before = row.label if row is not None else "cold"
    label = label_for(score.points, definition, before)
    lines = [kept_line(each) for each in score.lines]
    if row is None:
        row = Score(customer_id=customer_id, model_id=model.id, version_id=version.id, since=at, label=label)
        session.add(row)
    elif (row.points, row.label, row.version_id, row.lines) == (score.points, label, version.id, lines):
        return False
    if label != before:
        row.since = at
        session.emit(
            LeadCrossed(customer_id=customer_id, model=model.name, usual=model.usual, from_label=before, to_label=label)
        )
    row.version_id, row.points, row.label, row.lines, row.computed_at = version.id, score.points, label, lines, at
    return True


def kept_line(line: Line) -> dict[str, Any]:
    """Return a line as it is kept."""
    return {
        "words": line.words,
        "points": str(line.points),
        "count": line.count,
        "last_at": None if line.last_at is None else line.last_at.isoformat(),
    }


# --- when ------------------------------------------------------------------------------------------------------------


def score_all(session: CrmSession, tick: datetime | None = None) -> None:
    """Compute all scores: points fade though nothing happens."""
    session.run("sales.score.refresh", {})


def concerned(session: CrmSession, event: Any) -> bool:
    """Say whether an event can change a score: somebody known has done something, and a model is in use."""
    return (
        any(_customers(event))
        and session.scalar(select(ScoreVersion.id).where(ScoreVersion.state == "published").limit(1)) is not None
    )


def happened(session: CrmSession, event: Any) -> None:
    """Compute the scores anew of whom something has happened to."""
    customers = _customers(event)
    if customers:
        session.run("sales.score.refresh", {"customers": customers})


def _customers(event: Any) -> list[UUID]:
    several: Collection[UUID | None] | None = getattr(event, "customer_ids", None)
    found = several if several is not None else (getattr(event, "customer_id", None),)
    return [each for each in dict.fromkeys(found) if each is not None]


_WATCHED: Mapping[str, str] = {
    "interaction.recorded": "sales.score_recorded",
    "interaction.reversed": "sales.score_reversed",
    "interaction.resolved": "sales.score_resolved",
    "customer.updated": "sales.score_customer",
    "sales.lead.opened": "sales.score_lead",
    "sales.lead.changed": "sales.score_lead_changed",
}

OPERATIONS = [refresh, run]
SUBSCRIPTIONS = [
    Subscription(name=name, event=event, handler=happened, wanted=concerned) for event, name in _WATCHED.items()
]
JOBS = [
    Job(
        name=ALL,
        title=_("Compute all scores"),
        handler=score_all,
        cron="20 4 * * *",
        catch_up="latest",
        lease=600,
        acts_as="system",
    )
]
