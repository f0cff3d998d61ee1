"""Why the model gives an opportunity its probability: its parts, the largest first. Must not change anything.

What is known of an opportunity is read in system scope: a probability does not depend on who looks. Whose opportunity
it is decides who may ask.
"""

from __future__ import annotations

from uuid import UUID

from attrs import field, frozen

from crmkit import Actor, CrmSession, NotFound, texts
from crmkit_sales.forecasting.histories import pasts_of
from crmkit_sales.forecasting.learning import Share, learnt_of
from crmkit_sales.forecasting.past import features_at
from crmkit_sales.forecasting.training import adopted
from crmkit_sales.pipelines.choosing import stage_of
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")


@frozen(kw_only=True)
class Explained:
    """A probability of winning (0 to 1) with what it is made of, beside the one of the stage and the one that counts.

    ``probability`` and ``shares`` are missing where no model is adopted, or the opportunity is closed.
    """

    opportunity: Opportunity
    typed: float
    counts: float
    probability: float | None = None
    number: int | None = None
    shares: tuple[Share, ...] = field(default=(), converter=tuple)


def explained(session: CrmSession, opportunity_id: UUID) -> Explained:
    """Return why an opportunity has its probability. Raises NotFound for one that the actor does not see."""
    opportunity = session.get(Opportunity, opportunity_id)
    if opportunity is None:
        raise NotFound(_("There is no opportunity {id}."), id=opportunity_id)
    found = Explained(
        opportunity=opportunity,
        typed=stage_of(session, opportunity).probability / 100,
        counts=opportunity.effective_probability / 10_000,
    )
    model = adopted(session)
    if model is None or not opportunity.is_open:
        return found
    now = session.gate.clock.business_now()
    with session.crm.session(Actor.system("explaining a win probability")) as whole:
        pasts = list(pasts_of(whole, [opportunity.id]))
    learnt = learnt_of(model.parameters)
    features = features_at(pasts[0], now)
    return Explained(
        opportunity=opportunity,
        typed=found.typed,
        counts=found.counts,
        probability=learnt.probability(features),
        number=model.number,
        shares=learnt.shares(features),
    )
