"""Reading what customers are expected to bring: as it was scored, or computed for any day. Must not change anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from attrs import frozen
from crmkit_analytics.api import ModelRun, adopted
from sqlalchemy import select

from crmkit import CrmSession, moment_of
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.lifetimes.scoring import BUYING, counting, models_by, rows_of, summary_of
from crmkit_value.lifetimes.valuing import terms_of, values_of
from crmkit_value.policy.operations import policy_of
from crmkit_value.scoring.reading import latest

CHUNK = 2000


@frozen(kw_only=True)
class Lifetime:
    """What a customer is expected to bring; as `LifetimeScore` has it, which says what each field means."""

    customer_id: UUID
    repeats: int
    first_on: date
    last_on: date
    mean_minor: int
    p_alive: float
    p_alive_low: float | None
    p_alive_high: float | None
    expected: float
    expected_low: float | None
    expected_high: float | None
    spend_minor: int
    clv_minor: int
    clv_low: int | None
    clv_high: int | None
    next_on: date | None


FIELDS = tuple(Lifetime.__annotations__)


def clv_of(
    session: CrmSession, customer_ids: Iterable[UUID], as_of: date | datetime | None = None
) -> dict[UUID, Lifetime]:
    """Return what customers are expected to bring as they were scored last before a moment (by default the present), in
    minor units of the base currency of then; who was not scored is left out."""
    scoring = latest(session, "lifetime", as_of)
    found: dict[UUID, Lifetime] = {}
    if scoring is None:
        return found
    columns = [getattr(LifetimeScore, name) for name in FIELDS]
    for part in _chunks(customer_ids):
        query = select(*columns).where(LifetimeScore.scoring_id == scoring.id, LifetimeScore.customer_id.in_(part))
        for row in session.execute(query):
            found[row.customer_id] = Lifetime(**row._mapping)
    return found


def lifetimes_at(
    session: CrmSession,
    customer_ids: Iterable[UUID],
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
    *,
    fitted_before: bool = False,
    run: ModelRun | None = None,
) -> dict[UUID, Lifetime]:
    """Return what customers are expected to bring, computed from what they had bought at a moment and what was known of
    it at another one.

    The parameters are those of ``run``, else of the model that counts; with ``fitted_before`` those of the last run,
    counting now or before, whose data ends by ``as_of``: nothing that came later is then in the answer. Without such a
    run nobody is in it.
    """
    moment = moment_of(session, as_of, known_at)
    buying = run if run is not None else _run(session, BUYING, moment.today if fitted_before else None)
    found: dict[UUID, Lifetime] = {}
    if buying is None:
        return found
    spending = _run(session, ("value.gamma_gamma",), moment.today if fitted_before else None)
    models = models_by(session, buying, spending)
    policy = policy_of(session)
    terms = terms_of(policy.horizon_months, policy.annual_rate, policy.margin_percent)
    for part in _chunks(customer_ids):
        known = summary_of(session, part, moment, moment.today)
        if known is not None:
            ids, summary = known
            rows: Sequence[Mapping[str, object]] = rows_of(
                ids, summary, values_of(models, summary, terms), moment.today
            )
            found.update({row["customer_id"]: Lifetime(**row) for row in rows})  # type: ignore[arg-type,misc]
    return found


def p_alive(
    session: CrmSession,
    customer_ids: Iterable[UUID],
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
    *,
    fitted_before: bool = False,
    run: ModelRun | None = None,
) -> dict[UUID, float]:
    """Return the probability that customers have not left for good, by what they had bought at a moment.

    As `lifetimes_at`; who had bought nothing by then is left out.
    """
    found = lifetimes_at(session, customer_ids, as_of, known_at, fitted_before=fitted_before, run=run)
    return {customer_id: each.p_alive for customer_id, each in found.items()}


def _run(session: CrmSession, names: Sequence[str], until: date | None) -> ModelRun | None:
    if until is None:
        return counting(session) if names == BUYING else adopted(session, names[0])
    query = select(ModelRun).where(ModelRun.model.in_(names), ModelRun.state.in_(("adopted", "retired")))
    query = query.where(ModelRun.data_until <= until)
    return session.scalars(query.order_by(ModelRun.data_until.desc(), ModelRun.number.desc()).limit(1)).first()


def _chunks(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    rest = iter(ids)
    while part := list(islice(rest, CHUNK)):
        yield part
