"""How opportunities stood at any time: writing it down with each change, and reading it as of an instant.

`note` is called by every operation that changes an opportunity, once it has; `states_at` is what facts and reports are
built on. Must not know why anything changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, func, select

from crmkit import CrmSession
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.pipeline_models import Pipeline, Stage
from crmkit_sales.pipelines.stages import LOST, WON

KEPT = (
    "pipeline_id",
    "stage_id",
    "stage",
    "stage_kind",
    "stage_since",
    "category",
    "probability",
    "amount_minor",
    "currency",
    "expected_close",
    "owner_id",
    "team_id",
)
"""What a state is made of: where none of it has changed, no row is written."""

COLUMNS = ("id", "recorded_at", "opportunity_id", "customer_id", "since", "cause", *KEPT)
"""The columns of a state."""

CERTAIN = 10_000
"""What is certain, in hundredths of a percent."""


def note(session: CrmSession, opportunity: Opportunity, cause: str, *, since: datetime | None = None) -> bool:
    """Write down how an opportunity stands now, and settle what counts of it in forecasts; says whether that is new.

    ``since`` is an instant of the business's clock, now unless said otherwise; ``cause`` is one of
    `crmkit_sales.pipelines.stages.CAUSES`.
    """
    return note_all(session, [opportunity], cause, since=since) == 1


def note_all(
    session: CrmSession, opportunities: Sequence[Opportunity], cause: str, *, since: datetime | None = None
) -> int:
    """Write down how many opportunities stand now, as `note` does for one; returns how many are not as before."""
    settle(session, opportunities)
    clock = session.gate.clock
    recorded, moment = clock.now(), since or clock.business_now()
    before = {} if cause == "created" else _latest(session, opportunities)
    written = 0
    for each in opportunities:
        values = _values(each)
        if cause != "removed" and before.get(each.id) == values:
            continue
        session.add(
            OpportunityState(
                opportunity_id=each.id,
                customer_id=each.customer_id,
                recorded_at=recorded,
                since=moment,
                cause=cause,
                **values,
            )
        )
        written += 1
    session.flush()
    return written


def settle(session: CrmSession, opportunities: Sequence[Opportunity]) -> None:
    """Set what counts in forecasts, from each opportunity's own values, its stage and what the model has learnt."""
    # Flushed in between, a record would be written twice.
    with session.no_autoflush:
        for each in opportunities:
            stage, pipeline = session.get_one(Stage, each.stage_id), session.get_one(Pipeline, each.pipeline_id)
            each.effective_probability = _probability(each, stage, pipeline)
            each.effective_category = _category(each, stage)


def states_at(as_of: Any, known_at: Any = None, *, of: Any = OpportunityState) -> Subquery:
    """Return the state of each opportunity as of an instant of the business's clock, as known at one of the system's,
    without those that were removed by then.

    It has the columns of `OpportunityState`. With the model, a session shows what its actor may see; facts, which are
    not their reader's, give its table as ``of``. Both instants may be expressions of SQL.
    """
    held = getattr(of, "c", of)
    by_name = {name: getattr(held, name) for name in COLUMNS}
    place = func.row_number().over(
        partition_by=by_name["opportunity_id"], order_by=(by_name["since"].desc(), by_name["id"].desc())
    )
    ranked = select(*by_name.values(), place.label("place")).where(by_name["since"] <= as_of)
    if known_at is not None:
        ranked = ranked.where(by_name["recorded_at"] <= known_at)
    inner = ranked.subquery("sales_ranked_states")
    return (
        select(*(inner.c[name] for name in COLUMNS))
        .where(inner.c.place == 1, inner.c.cause != "removed")
        .subquery("sales_states")
    )


def _probability(opportunity: Opportunity, stage: Stage, pipeline: Pipeline) -> int:
    if stage.kind == WON:
        return CERTAIN
    if stage.kind == LOST:
        return 0
    if opportunity.probability is not None:
        return opportunity.probability * 100
    if pipeline.probability_from == "model" and opportunity.win_probability is not None:
        return round(opportunity.win_probability * CERTAIN)
    return stage.probability * 100


def _category(opportunity: Opportunity, stage: Stage) -> str:
    if stage.kind == WON:
        return "closed"
    if stage.kind == LOST:
        return "omitted"
    return opportunity.category or stage.category


def _values(opportunity: Opportunity) -> dict[str, Any]:
    own = {"category": opportunity.effective_category, "probability": opportunity.effective_probability}
    return {name: own[name] if name in own else getattr(opportunity, name) for name in KEPT}


def _latest(session: CrmSession, opportunities: Sequence[Opportunity]) -> dict[Any, dict[str, Any]]:
    """Return what was written down last of some opportunities, by id."""
    found: dict[Any, dict[str, Any]] = {}
    ids = [each.id for each in opportunities]
    for start in range(0, len(ids), 1000):
        query = (
            select(OpportunityState)
            .where(OpportunityState.opportunity_id.in_(ids[start : start + 1000]))
            .order_by(OpportunityState.since, OpportunityState.id)
        )
        for each in session.scalars(query):
            found[each.opportunity_id] = {name: getattr(each, name) for name in KEPT}
    return found
