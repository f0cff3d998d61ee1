"""Scoring all customers by the adopted model, in batches of constant memory, and noting who has left.

What has changed is written, and nothing else. Jobs read without a transaction and write each batch in one of its own; a
pass that was broken off is made anew and writes what is missing. Must not know formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import attrs
from crmkit_analytics.api import ModelRun, adopted, artifact_of
from sqlalchemy import func, insert, select

from crmkit import CRM, Actor, CrmSession, Input, Refused, moment_of, new_id, operation, texts
from crmkit_churn.defining.features import Cut, features_of, read
from crmkit_churn.defining.operations import usual_definition
from crmkit_churn.defining.outcomes import gone_at, is_timeless, outcomes
from crmkit_churn.defining.values import Definition, definition_in, definition_of
from crmkit_churn.errors import NoModel
from crmkit_churn.learning.drift import ACT, psi, standing
from crmkit_churn.learning.encoding import Value
from crmkit_churn.learning.fitting import SCORE
from crmkit_churn.learning.metrics import quality
from crmkit_churn.learning.scorer import Scored, Scorer, scorer_of
from crmkit_churn.scoring.events import CustomerLeft, CustomerReturned, DriftFound
from crmkit_churn.scoring.models import ChurnPass, ChurnScore, Departure

_ = texts("crmkit_churn")

RISK = "churn.risk"
JOB, NIGHT, LOOK = "churn.score", "churn.score_nightly", "churn.look"
BATCH = 2000
CHUNK = 500
CHANGED = 0.005
"""By less than this a probability is not written anew."""
AGAIN = timedelta(days=30)
"""After so long it is, so that one can see that it was looked at."""
SAMPLE = 20_000
"""Of so many customers shifts are measured."""
SCORE_RIGHT = "churn.score.run"


@attrs.frozen(kw_only=True)
class Said:
    """What is to be kept of one customer."""

    customer_id: UUID
    probability: float
    reasons: Annotated[tuple[Mapping[str, Any], ...], Input(classified="internal", max_length=20)] = ()


@attrs.frozen(kw_only=True)
class Model:
    """The model that counts: its run, its scorer and the definition that it was learnt by."""

    run: ModelRun
    scorer: Scorer
    definition: Definition


def model_in_use(session: CrmSession) -> Model | None:
    """Return the model that is adopted, if any."""
    run = adopted(session, RISK)
    artifact = None if run is None else artifact_of(session, run)
    if run is None or artifact is None:
        return None
    return Model(run=run, scorer=scorer_of(artifact["scorer"]), definition=definition_of(artifact["definition"]))


def score_all(crm: CRM, actor: Actor, tick: datetime | None = None) -> dict[str, Any] | None:
    """Score everybody whom the model is about and keep what has changed; the job. Nothing happens without a model."""
    with crm.session(actor) as session:
        model = model_in_use(session)
        if model is None:
            return None
        moment = moment_of(session)
        cut = Cut(moment=moment, timeless=is_timeless(session, model.definition))
        gone = set() if cut.timeless else set(gone_at(session, model.definition, moment))
        features = features_of(session, model.scorer.names)
        counts, total, written, expected = [0] * 10, 0, 0, 0.0
        held: dict[str, list[Value]] = {each.text: [] for each in features}
        probabilities: list[Value] = []
        for batch in read(session, features, cut, among=_among(model.definition), size=BATCH):
            rows = [place for place, identity in enumerate(batch.ids) if identity not in gone]
            columns = {name: [values[row] for row in rows] for name, values in batch.columns.items()}
            found = model.scorer.score(columns) if rows else []
            items = [said(batch.ids[row], each) for row, each in zip(rows, found, strict=True)]
            if items:
                values = {"run_id": model.run.id, "as_of": moment.as_of, "items": items}
                written += crm.run(actor, "churn.score.keep", {**values, "horizon": model.definition.horizon_days})
            total += len(found)
            expected += sum(each.probability for each in found)
            for each in found:
                counts[min(int(each.probability * 10), 9)] += 1
            if len(probabilities) < SAMPLE:
                probabilities.extend(each.probability for each in found)
                for name, values_ in columns.items():
                    held[name].extend(values_)
        drift = shifts(model.scorer, held, probabilities)
    done = {
        "run_id": model.run.id,
        "as_of": moment.as_of,
        "horizon": model.definition.horizon_days,
        "scored": total,
        "written": written,
        "expected": expected,
        "drift": drift,
        "counts": counts,
    }
    crm.run(actor, "churn.score.finish", done)
    judge(crm, actor)
    return done


def said(identity: UUID, found: Scored) -> dict[str, Any]:
    """Return what is kept of one customer."""
    reasons = [{"feature": e.feature, "value": e.value, "log_odds": e.log_odds} for e in found.reasons]
    return {"customer_id": identity, "probability": round(found.probability, 6), "reasons": reasons}


def shifts(scorer: Scorer, columns: Mapping[str, Sequence[Value]], probabilities: Sequence[Value]) -> dict[str, float]:
    """Return the population stability index of each feature and of the probability, against those who taught."""
    found: dict[str, float] = {}
    for name, reference in scorer.reference.items():
        values = probabilities if name == SCORE else columns.get(name, ())
        if values:
            found[name] = round(psi(values, reference), 4)
    return found


@operation("churn.score.keep", title=_("Keep scores"), permission=SCORE_RIGHT, effect="create", hidden=True)
def keep(
    session: CrmSession,
    *,
    run_id: UUID,
    as_of: datetime,
    horizon: int,
    items: Annotated[tuple[Said, ...], Input(max_length=BATCH, classified="internal")],
) -> int:
    """Keep what was said of some customers where it has changed, and return of how many. Raises Refused outside system
    scope: what is said does not depend on who asks."""
    _system_only(session)
    known = _known(session, [each.customer_id for each in items])
    now = session.gate.clock.now()
    rows: list[dict[str, Any]] = []
    for each in items:
        last = known.get(each.customer_id)
        if last is not None and last[2] == run_id:
            near = abs(last[1] - each.probability) < CHANGED and as_of - last[0] < AGAIN
            if near or last[0] >= as_of:
                continue
        rows.append(
            {
                "id": new_id(),
                "customer_id": each.customer_id,
                "as_of": as_of,
                "recorded_at": now,
                "run_id": run_id,
                "horizon_days": horizon,
                "probability": each.probability,
                "reasons": [dict(reason) for reason in each.reasons],
            }
        )
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(ChurnScore), rows[start : start + CHUNK])
    return len(rows)


def _known(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, float, UUID]]:
    found: dict[UUID, tuple[datetime, float, UUID]] = {}
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        query = select(ChurnScore.customer_id, ChurnScore.as_of, ChurnScore.probability, ChurnScore.run_id)
        query = query.where(ChurnScore.customer_id.in_(some)).order_by(ChurnScore.as_of, ChurnScore.recorded_at)
        found.update({row[0]: (row[1], row[2], row[3]) for row in session.execute(query)})
    return found


@operation("churn.score.finish", title=_("Note a pass"), permission=SCORE_RIGHT, effect="create", hidden=True)
def finish(
    session: CrmSession,
    *,
    run_id: UUID,
    as_of: datetime,
    horizon: int,
    scored: int,
    written: int,
    expected: float,
    drift: Annotated[Mapping[str, float], Input(classified="internal")],
    counts: Annotated[tuple[int, ...], Input(classified="internal", max_length=10)],
) -> ChurnPass:
    """Note a pass over all customers, and tell where they are no longer like those whom the model has learnt from."""
    _system_only(session)
    worst = max(drift.values(), default=0.0)
    before = session.scalars(select(ChurnPass).order_by(ChurnPass.as_of.desc()).limit(1)).first()
    row = ChurnPass(
        run_id=run_id,
        as_of=as_of,
        horizon_days=horizon,
        scored=scored,
        written=written,
        expected=expected,
        standing=standing(worst),
        worst=worst,
        drift=dict(drift),
        counts=list(counts),
    )
    session.add(row)
    if row.standing == "act" and (before is None or before.standing != "act" or before.run_id != run_id):
        session.emit(DriftFound(run_id=run_id, worst=worst, features=[n for n, v in drift.items() if v > ACT]))
    return row


def judge(crm: CRM, actor: Actor) -> int:
    """Judge passes whose horizon is over by what became of the customers, and return how many there were."""
    done = 0
    with crm.session(actor) as session:
        now = session.gate.clock.business_now()
        passes = session.scalars(select(ChurnPass).where(ChurnPass.judged_at.is_(None)).order_by(ChurnPass.as_of)).all()
        due = [each for each in passes if each.as_of + timedelta(days=each.horizon_days) <= now][:3]
        definition = usual_definition(session)
        if definition is None or not due:
            return 0
        figures: dict[UUID, dict[str, Any]] = {}
        for each in due:
            moment = moment_of(session, each.as_of)
            known = outcomes(session, definition_in(definition), moment, each.horizon_days)
            pairs = [(p, known[who].left) for who, p in _said_at(session, each.as_of) if who in known]
            if pairs:
                found = quality([p for p, _left in pairs], [left for _p, left in pairs]).document()
                figures[each.id] = {name: value for name, value in found.items() if name != "bands"}
            else:
                figures[each.id] = {"n": 0}
    for identity, found in figures.items():
        crm.run(actor, "churn.score.judge", {"figures": found}, target=identity)
        done += 1
    return done


def _said_at(session: CrmSession, as_of: datetime) -> list[tuple[UUID, float]]:
    """Return what had been said last of each customer by an instant."""
    latest = (
        select(ChurnScore.customer_id, func.max(ChurnScore.as_of).label("at"))
        .where(ChurnScore.as_of <= as_of)
        .group_by(ChurnScore.customer_id)
        .subquery()
    )
    query = select(ChurnScore.customer_id, ChurnScore.probability).join(
        latest, (latest.c.customer_id == ChurnScore.customer_id) & (latest.c.at == ChurnScore.as_of)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


@operation(
    "churn.score.judge", title=_("Note what became of a pass"), permission=SCORE_RIGHT, effect="update", hidden=True
)
def keep_judged(
    session: CrmSession, made: ChurnPass, *, figures: Annotated[Mapping[str, Any], Input(classified="internal")]
) -> ChurnPass:
    """Keep how good what was said has turned out to be."""
    made.judged, made.judged_at = dict(figures), session.gate.clock.business_now()
    return made


@operation("churn.score.refresh", title=_("Score all customers"), permission=SCORE_RIGHT)
def refresh(session: CrmSession) -> None:
    """Have all customers scored by a worker. Raises NoModel where none is adopted."""
    if adopted(session, RISK) is None:
        raise NoModel(_("No model of churn is adopted, so nothing can be said."), fix=_("Train one, and adopt it."))
    session.defer(JOB, unique=JOB)


# --- who has left ----------------------------------------------------------------------------------------------------


def look(crm: CRM, actor: Actor, tick: datetime | None = None) -> tuple[int, int]:
    """Note who has left by the usual definition and who has come back, and return how many; the job of the night."""
    with crm.session(actor) as session:
        row = usual_definition(session)
        if row is None:
            return 0, 0
        definition, moment = definition_in(row), moment_of(session)
        gone = gone_at(session, definition, moment)
        known = {
            each.customer_id: each
            for each in session.scalars(
                select(Departure).where(Departure.definition == definition.name, Departure.returned_on.is_(None))
            )
        }
        left = [(who, each.since) for who, each in sorted(gone.items()) if who not in known]
        back = [each.id for who, each in sorted(known.items()) if who not in gone]
    for start in range(0, len(left), CHUNK):
        items = [{"customer_id": who, "since": since} for who, since in left[start : start + CHUNK]]
        crm.run(actor, "churn.departure.note", {"definition": definition.name, "items": items})
    for start in range(0, len(back), CHUNK):
        crm.run(actor, "churn.departure.end", {"departures": back[start : start + CHUNK]})
    return len(left), len(back)


@attrs.frozen(kw_only=True)
class Left:
    """Who has left, and since when."""

    customer_id: UUID
    since: date


@operation("churn.departure.note", title=_("Note who has left"), permission=SCORE_RIGHT, effect="create", hidden=True)
def note_departures(
    session: CrmSession,
    *,
    definition: Annotated[str, Input(max_length=60, classified="internal")],
    items: Annotated[tuple[Left, ...], Input(max_length=CHUNK, classified="internal")],
) -> int:
    """Note that customers have left."""
    now = session.gate.clock.business_now()
    for each in items:
        session.add(Departure(customer_id=each.customer_id, definition=definition, since=each.since, noticed_at=now))
        session.emit(CustomerLeft(customer_id=each.customer_id, definition=definition, since=each.since))
    return len(items)


@operation(
    "churn.departure.end", title=_("Note who has come back"), permission=SCORE_RIGHT, effect="update", hidden=True
)
def end_departures(
    session: CrmSession, *, departures: Annotated[tuple[UUID, ...], Input(max_length=CHUNK, classified="internal")]
) -> int:
    """Note that customers have come back."""
    for row in session.scalars(select(Departure).where(Departure.id.in_(departures)).order_by(Departure.id)):
        row.returned_on = session.today()
        session.emit(CustomerReturned(customer_id=row.customer_id, definition=row.definition))
    return len(departures)


def adopted_anew(session: CrmSession, event: Any) -> None:
    """Have everybody scored once another model counts."""
    session.defer(JOB, unique=JOB)


def _among(definition: Definition) -> str:
    among = definition.among or "true"
    return f"({among}) and purchase.count > 0" if definition.kind in ("gap", "alive") else among


def _system_only(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


OPERATIONS = [keep, finish, keep_judged, refresh, note_departures, end_departures]
