"""Scoring all customers by the models that count: begun, done in batches of constant size, ended.

A batch is a transaction of its own: what was killed goes on where it was, and nobody sees scores before all are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from crmkit_analytics.api import ModelRun, PurchaseDay, adopted, artifact_of, purchase_days
from sqlalchemy import delete, func, insert, select

from crmkit import CRM, Actor, CrmSession, Input, Interaction, Refused, moment_of, operation, texts
from crmkit_value.lifetimes.errors import NoModelCounts
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.lifetimes.pasts import Summary, pasts_of
from crmkit_value.lifetimes.valuing import Models, Values, models_of, terms_of, values_of
from crmkit_value.policy.operations import policy_of
from crmkit_value.scoring.models import Scoring

_ = texts("crmkit_value")

SCORE = "value.score_lifetimes"
BATCH = 2000
KEPT_DAYS = 800
"""So long scores of customers are kept."""
_PLAIN = {"synchronize_session": False}
BUYING = ("value.bg_nbd", "value.pareto_nbd")


@operation("value.score.begin", title=_("Begin to score lifetimes"), permission="value.score.run", hidden=True)
def begin(session: CrmSession, *, day: Annotated[date | None, Input(title=_("As of"))] = None) -> Scoring:
    """Begin to score as of the end of a day (by default the present), by the models that count. Raises NoModelCounts,
    Refused outside system scope, as scores do not depend on who asks."""
    _system(session)
    run = counting(session)
    if run is None:
        raise NoModelCounts(
            _("No model of buying is adopted."), fix=_("Fit one and adopt it: crmkit value fit bg-nbd --adopt")
        )
    moment = moment_of(session, day)
    policy = policy_of(session)
    spending = adopted(session, "value.gamma_gamma")
    scoring = Scoring(
        kind="lifetime",
        day=moment.today,
        as_of=moment.as_of,
        known_at=moment.known_at,
        run_id=run.id,
        currency=moment.base_currency,
        rules={
            "model": run.model,
            "run": str(run.id),
            "spending_run": None if spending is None else str(spending.id),
            "months": policy.horizon_months,
            "annual_rate": str(policy.annual_rate),
            "margin_percent": str(policy.margin_percent),
        },
    )
    session.add(scoring)
    session.flush()
    return scoring


@operation("value.score.batch", title=_("Score some lifetimes"), permission="value.score.run", hidden=True)
def batch(session: CrmSession, *, scoring_id: UUID, after: UUID | None = None, size: int = BATCH) -> UUID | None:
    """Score the next customers by id, in place of what was there of them, and return the last one's id; None where
    there are no more."""
    _system(session)
    scoring = session.get(Scoring, scoring_id)
    if scoring is None or scoring.state != "running":
        return None
    query = select(Interaction.customer_id).where(Interaction.kind == "purchase", Interaction.customer_id.is_not(None))
    query = query if after is None else query.where(Interaction.customer_id > after)
    found = session.scalars(query.distinct().order_by(Interaction.customer_id).limit(size))
    ids = [each for each in found if each is not None]
    if not ids:
        return None
    session.execute(
        delete(LifetimeScore).where(LifetimeScore.scoring_id == scoring.id, LifetimeScore.customer_id.in_(ids)),
        execution_options=_PLAIN,
    )
    rows = [
        {"scoring_id": scoring.id, **each}
        for each in scored(session, ids, scoring, _models(session, scoring), scoring.day)
    ]
    if rows:
        session.execute(insert(LifetimeScore), rows)
    scoring.customers += len(rows)
    return ids[-1] if len(ids) == size else None


@operation("value.score.end", title=_("End a scoring"), permission="value.score.run", hidden=True)
def end(session: CrmSession, *, scoring_id: UUID) -> Scoring | None:
    """Have a scoring count, with its figures, and forget what customers were scored too long ago."""
    _system(session)
    scoring = session.get(Scoring, scoring_id)
    if scoring is None or scoring.state != "running":
        return scoring
    table = LifetimeScore
    count, clv, alive = session.execute(
        select(func.count(), func.sum(table.clv_minor), func.sum(table.p_alive)).where(table.scoring_id == scoring.id)
    ).one()
    scoring.customers = count
    scoring.figures = {"clv_minor": int(clv or 0), "alive": float(alive or 0)}
    scoring.state, scoring.recorded_at = "done", session.gate.clock.now()
    old = select(Scoring.id).where(Scoring.day < scoring.day - timedelta(days=KEPT_DAYS))
    session.execute(delete(LifetimeScore).where(LifetimeScore.scoring_id.in_(old)), execution_options=_PLAIN)
    return scoring


@operation("value.score.refresh", title=_("Score lifetimes anew"), permission="value.score.run")
def refresh(session: CrmSession) -> None:
    """Have all customers scored as soon as a worker comes to it. Raises NoModelCounts."""
    if counting(session) is None:
        raise NoModelCounts(
            _("No model of buying is adopted."), fix=_("Fit one and adopt it: crmkit value fit bg-nbd --adopt")
        )
    session.defer(SCORE, unique=SCORE)


def score_now(crm: CRM, actor: Actor, day: date | None = None, size: int = BATCH) -> Scoring:
    """Score all customers as of the end of a day, batch by batch, and return the scoring."""
    scoring_id = crm.run(actor, "value.score.begin", {"day": day}).id
    after: UUID | None = None
    while True:
        after = crm.run(actor, "value.score.batch", {"scoring_id": scoring_id, "after": after, "size": size})
        if after is None:
            break
    ended: Scoring = crm.run(actor, "value.score.end", {"scoring_id": scoring_id})
    return ended


def score_job(session: CrmSession, scoring_id: str | None = None, after: str | None = None) -> None:
    """Score some customers and have the rest done by the next job."""
    found = UUID(scoring_id) if scoring_id is not None else session.run("value.score.begin", {}).id
    last = session.run("value.score.batch", {"scoring_id": found, "after": after})
    if last is None:
        session.run("value.score.end", {"scoring_id": found})
    else:
        session.defer(SCORE, scoring_id=str(found), after=str(last))


def score_nightly(session: CrmSession, tick: object = None) -> None:
    """Have lifetimes scored once a night, where a model counts."""
    if counting(session) is not None:
        session.defer(SCORE, unique=SCORE)


def counting(session: CrmSession) -> ModelRun | None:
    """Return the run of a model of buying that counts: of several the one that was adopted last."""
    found = [run for run in (adopted(session, name) for name in BUYING) if run is not None]
    return max(found, key=lambda run: (run.adopted_at, run.number), default=None)


def scored(
    session: CrmSession, ids: Sequence[UUID], moment: Scoring | None, models: Models, day: date
) -> list[dict[str, Any]]:
    """Return what models say of some customers, as rows."""
    at = moment_of(session) if moment is None else moment_of(session, moment.as_of, moment.known_at)
    policy = policy_of(session)
    terms = terms_of(policy.horizon_months, policy.annual_rate, policy.margin_percent)
    known = summary_of(session, ids, at, day)
    if known is None:
        return []
    names, summary = known
    return rows_of(names, summary, values_of(models, summary, terms), day)


def summary_of(session: CrmSession, ids: Sequence[UUID], at: Any, day: date) -> tuple[list[UUID], Summary] | None:
    """Return what is known of some customers' purchases at a moment, None where they bought nothing."""
    statement = purchase_days(session, at).where(Interaction.customer_id.in_(ids))
    found = pasts_of(PurchaseDay(*row) for row in session.execute(statement.order_by(Interaction.customer_id, "day")))
    if not found.ids:
        return None
    return found.ids, found.at(day)


def rows_of(names: Sequence[UUID], summary: Summary, found: Values, day: date) -> list[dict[str, Any]]:
    """Return values as rows of `LifetimeScore`, without the scoring."""

    def bound(bounds: tuple[Any, Any] | None, side: int, place: int) -> float | None:
        return None if bounds is None else float(bounds[side][place])

    def rounded(value: float | None) -> int | None:
        return None if value is None else round(value)

    return [
        {
            "customer_id": names[place],
            "repeats": int(summary.x[number]),
            "first_on": date.fromordinal(int(summary.first[number])),
            "last_on": date.fromordinal(int(summary.last[number])),
            "mean_minor": round(float(summary.mean[number])),
            "p_alive": float(found.p_alive[number]),
            "p_alive_low": bound(found.p_bounds, 0, number),
            "p_alive_high": bound(found.p_bounds, 1, number),
            "expected": float(found.expected[number]),
            "expected_low": bound(found.expected_bounds, 0, number),
            "expected_high": bound(found.expected_bounds, 1, number),
            "spend_minor": round(float(found.spend[number])),
            "clv_minor": round(float(found.clv[number])),
            "clv_low": rounded(bound(found.clv_bounds, 0, number)),
            "clv_high": rounded(bound(found.clv_bounds, 1, number)),
            "next_on": _next(day, float(found.next_days[number])),
        }
        for number, place in enumerate(summary.places.tolist())
    ]


def models_by(session: CrmSession, buying: ModelRun, spending: ModelRun | None) -> Models:
    """Return models as two runs have kept them."""
    return models_of(artifact_of(session, buying), None if spending is None else artifact_of(session, spending))


def _models(session: CrmSession, scoring: Scoring) -> Models:
    named = [scoring.rules["run"], scoring.rules["spending_run"]]
    wanted = [UUID(each) for each in named if each is not None]
    found = {run.id: run for run in session.scalars(select(ModelRun).where(ModelRun.id.in_(wanted)))}
    return models_by(session, found[wanted[0]], found.get(wanted[1]) if len(wanted) > 1 else None)


def _next(day: date, days: float) -> date | None:
    return None if days != days else day + timedelta(days=int(days))


def _system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


OPERATIONS = [begin, batch, end, refresh]
