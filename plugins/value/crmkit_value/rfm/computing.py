"""Computing RFM scores of all customers: one statement over the purchases, boundaries, scores, and what is kept.

Set-based, in system scope. A purchase that is neither reversed nor a reversal counts; refunds are subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import BigInteger, case, cast, delete, func, insert, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Input, Interaction, Moment, Refused, local_day, moment_of, operation, query_of, texts
from crmkit_value.policy.models import ValuePolicy
from crmkit_value.policy.operations import policy_of
from crmkit_value.rfm.models import RfmScore
from crmkit_value.rfm.scores import (
    SCORES,
    Boundaries,
    Named,
    Ties,
    boundaries_of,
    recency_score,
    score,
    segment_of,
    segments_of,
)
from crmkit_value.scoring.models import Scoring

_ = texts("crmkit_value")

COMPUTE = "value.compute_rfm"
CHUNK = 5000
KEPT = 60
"""So many scorings are kept."""
_PLAIN = {"synchronize_session": False}


@frozen(kw_only=True)
class Rules:
    """By what scores are computed."""

    bins: int
    ties: Ties
    boundaries: Boundaries
    segments: Sequence[Named]

    def document(self) -> dict[str, Any]:
        """Return the rules as they are kept with a scoring: the boundaries are printed with every result."""
        return {
            "bins": self.bins,
            "ties": self.ties,
            "boundaries": {name: list(getattr(self.boundaries, name)) for name in SCORES},
            "segments": [
                {
                    "name": each.name,
                    "title": each.title,
                    **{name: list(getattr(each, name)) for name in SCORES},
                }
                for each in self.segments
            ],
        }


def bought(session: CrmSession, moment: Moment, margin: float = 1.0) -> Iterator[tuple[Any, int, int, int]]:
    """Return for each customer who had bought something their id, the days since, how many purchases, and what they
    came to less refunds, in minor units of the base currency, times a share that stays."""
    dialect = str(session.get_bind().dialect.name)
    query = query_of(moment, dialect)
    back = aliased(Interaction)
    known = [] if query.present else [back.recorded_at <= query.known_at]
    undone = select(back.reverses_id).where(back.reverses_id.is_not(None), back.occurred_at <= query.as_of, *known)
    purchase = Interaction.kind == "purchase"
    amount = query.in_base(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at)
    signed = func.sum(case((purchase, amount), else_=-amount))
    count = func.count(case((purchase, 1)))
    last = func.max(case((purchase, Interaction.occurred_at)), type_=Interaction.occurred_at.type)
    sums = (
        select(
            Interaction.customer_id,
            last.label("last"),
            count.label("count"),
            cast(func.coalesce(signed, 0), BigInteger).label("amount"),
        )
        .where(
            Interaction.kind.in_(("purchase", "refund")),
            Interaction.customer_id.is_not(None),
            Interaction.occurred_at <= query.as_of,
            Interaction.reverses_id.is_(None),
            Interaction.id.not_in(undone),
            *([] if query.present else [Interaction.recorded_at <= query.known_at]),
        )
        .group_by(Interaction.customer_id)
        .having(count > 0)
        .subquery()
    )
    day = local_day(sums.c.last, query.zone, query.dialect)
    rows = select(sums.c.customer_id, day, sums.c.count, sums.c.amount).execution_options(yield_per=CHUNK)
    today = moment.today
    for customer_id, on, number, total in session.execute(rows):
        yield customer_id, (today - on).days, number, total if margin == 1 else round(total * margin)


def rules_of(policy: ValuePolicy, values: Sequence[tuple[Any, int, int, int]]) -> Rules:
    """Return the rules of a policy for what customers bought: boundaries by quantiles where it has none of its own."""
    given = policy.rfm_cuts
    found = {
        name: tuple(given[name]) if name in given else boundaries_of([row[place] for row in values], policy.rfm_bins)
        for place, name in enumerate(SCORES, 1)
    }
    ties: Ties = "strictly_below" if policy.rfm_ties == "strictly_below" else "half_open"
    return Rules(
        bins=policy.rfm_bins,
        ties=ties,
        boundaries=Boundaries(**found),
        segments=segments_of(policy.rfm_segments, policy.rfm_bins),
    )


def scored(values: Sequence[tuple[Any, int, int, int]], rules: Rules) -> Iterator[dict[str, Any]]:
    """Return the scores of customers by rules, as rows of `RfmScore` without the scoring."""
    edges, ties = rules.boundaries, rules.ties
    names: dict[tuple[int, int, int], str] = {}
    for customer_id, days, number, amount in values:
        three = (
            recency_score(days, edges.recency, ties),
            score(number, edges.frequency, ties),
            score(amount, edges.monetary, ties),
        )
        if three not in names:
            names[three] = segment_of(*three, rules.segments)
        yield {
            "customer_id": customer_id,
            "recency_days": days,
            "frequency": number,
            "monetary_minor": amount,
            "recency": three[0],
            "frequency_score": three[1],
            "monetary": three[2],
            "segment": names[three],
        }


@operation("value.rfm.compute", title=_("Compute RFM scores"), permission="value.score.run", hidden=True)
def compute(
    session: CrmSession, *, day: Annotated[date | None, Input(title=_("As of"), classified="internal")] = None
) -> Scoring:
    """Compute the scores of all customers as of the end of a day, by default the present. Raises Refused outside
    system scope, as scores do not depend on who asks."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policy, moment = policy_of(session), moment_of(session, day)
    margin = float(policy.margin_percent) / 100 if policy.rfm_measure == "margin" else 1.0
    values = list(bought(session, moment, margin))
    rules = rules_of(policy, values)
    scoring = Scoring(
        kind="rfm",
        day=moment.today,
        as_of=moment.as_of,
        known_at=moment.known_at,
        currency=moment.base_currency,
        customers=len(values),
        rules={**rules.document(), "measure": policy.rfm_measure},
    )
    session.add(scoring)
    session.flush()
    rows: list[dict[str, Any]] = []
    totals: dict[str, list[int]] = {}
    for each in scored(values, rules):
        own = totals.setdefault(each["segment"], [0, 0, 0])
        own[0], own[1], own[2] = own[0] + 1, own[1] + each["frequency"], own[2] + each["monetary_minor"]
        rows.append({"scoring_id": scoring.id, **each})
        if len(rows) == CHUNK:
            session.execute(insert(RfmScore), rows)
            rows = []
    if rows:
        session.execute(insert(RfmScore), rows)
    scoring.figures = {"segments": totals}
    scoring.state, scoring.recorded_at = "done", session.gate.clock.now()
    _forget(session)
    return scoring


@operation("value.rfm.refresh", title=_("Compute RFM scores anew"), permission="value.score.run")
def refresh(session: CrmSession) -> None:
    """Have the scores of all customers computed as soon as a worker comes to it."""
    session.defer(COMPUTE, unique=COMPUTE)


def compute_job(session: CrmSession, tick: object = None) -> None:
    """Compute the scores of all customers: the job of every night, and of who asks for it."""
    session.run("value.rfm.compute", {})


def _forget(session: CrmSession) -> None:
    kept = select(Scoring.id).where(Scoring.kind == "rfm", Scoring.state == "done")
    newest = list(session.scalars(kept.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(KEPT + 1)))
    if len(newest) > KEPT:
        old = select(Scoring.id).where(Scoring.kind == "rfm", Scoring.id.not_in(newest[:KEPT]))
        session.execute(delete(RfmScore).where(RfmScore.scoring_id.in_(old)), execution_options=_PLAIN)


OPERATIONS = [compute, refresh]
