"""Why a customer's figures are what they are: the days of buying, the parameters, and each step of the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_analytics.api import ModelRun, PurchaseDay, purchase_days
from sqlalchemy import select

from crmkit import CrmSession, Interaction, moment_of
from crmkit_value.extras import library
from crmkit_value.grades.models import Grade
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.lifetimes.pasts import Summary
from crmkit_value.lifetimes.scoring import models_by
from crmkit_value.lifetimes.valuing import without_end
from crmkit_value.rfm.models import RfmScore
from crmkit_value.scoring.models import Scoring
from crmkit_value.scoring.reading import latest


@frozen(kw_only=True)
class Explanation:
    """What is said of a customer, with what it was computed from; what there is not is None.

    ``days`` are the days of buying that the models counted, ``parameters`` those of the model of buying and of
    spending. ``dert`` are all purchases still to come, discounted, and ``without_end_minor`` is the margin of them:
    None where nothing is discounted, as then they would have no bound.
    """

    customer_id: UUID
    lifetime: LifetimeScore | None
    lifetime_scoring: Scoring | None
    rfm: RfmScore | None
    rfm_scoring: Scoring | None
    grade: Grade | None
    grade_scoring: Scoring | None
    days: Sequence[PurchaseDay]
    buying: ModelRun | None
    spending: ModelRun | None
    dert: float | None = None
    without_end_minor: int | None = None

    @property
    def currency(self) -> str | None:
        """Return the currency of the amounts."""
        for scoring in (self.lifetime_scoring, self.rfm_scoring, self.grade_scoring):
            if scoring is not None:
                return scoring.currency
        return None

    def parameters(self) -> Mapping[str, float]:
        """Return the parameters of both models by name."""
        found: dict[str, float] = {}
        for run in (self.buying, self.spending):
            found.update(run.parameters if run is not None else {})
        return found


def explain(session: CrmSession, customer_id: UUID) -> Explanation:
    """Return what is said of a customer whom the reader may see, and why."""
    scorings = {kind: latest(session, kind) for kind in ("lifetime", "rfm", "grade")}
    lifetime = _of(session, LifetimeScore, scorings["lifetime"], customer_id)
    scoring = scorings["lifetime"]
    days: list[PurchaseDay] = []
    if lifetime is not None and scoring is not None:
        moment = moment_of(session, scoring.as_of, scoring.known_at)
        statement = purchase_days(session, moment).where(Interaction.customer_id == customer_id)
        days = [PurchaseDay(*row) for row in session.execute(statement.order_by("day"))]
    buying, spending = _run(session, scoring, "run"), _run(session, scoring, "spending_run")
    dert = None if buying is None or lifetime is None else _dert(session, lifetime, scoring, buying, spending)
    return Explanation(
        customer_id=customer_id,
        lifetime=lifetime,
        lifetime_scoring=scoring if lifetime is not None else None,
        rfm=_of(session, RfmScore, scorings["rfm"], customer_id),
        rfm_scoring=scorings["rfm"],
        grade=_of(session, Grade, scorings["grade"], customer_id),
        grade_scoring=scorings["grade"],
        days=days,
        buying=buying,
        spending=spending,
        dert=dert,
        without_end_minor=None
        if dert is None or lifetime is None or scoring is None
        else round(dert * lifetime.spend_minor * float(scoring.rules["margin_percent"]) / 100),
    )


def _dert(
    session: CrmSession, life: LifetimeScore, scoring: Scoring | None, buying: ModelRun, spending: ModelRun | None
) -> float | None:
    rate = 0.0 if scoring is None else float(scoring.rules["annual_rate"]) / 100
    if scoring is None or rate <= 0:
        return None
    np = library("numpy")
    known = Summary(
        places=np.array([0]),
        x=np.array([float(life.repeats)]),
        first=np.array([life.first_on.toordinal()]),
        last=np.array([life.last_on.toordinal()]),
        until=scoring.day.toordinal(),
        net=np.array([0.0]),
        mean=np.array([float(life.mean_minor)]),
    )
    return float(without_end(models_by(session, buying, spending), known, rate)[0])


def _of(session: CrmSession, model: type[Any], scoring: Scoring | None, customer_id: UUID) -> Any:
    if scoring is None:
        return None
    query = select(model).where(model.scoring_id == scoring.id, model.customer_id == customer_id)
    return session.scalars(query).first()


def _run(session: CrmSession, scoring: Scoring | None, name: str) -> ModelRun | None:
    if scoring is None or scoring.rules.get(name) is None:
        return None
    return session.scalars(select(ModelRun).where(ModelRun.id == UUID(scoring.rules[name]))).first()
