"""What sales knows of each customer, as facts, exact as of any day by the history of opportunities.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, literal, or_, select

from crmkit import Fact, FactQuery, FactSet, Interaction, Money, texts
from crmkit_sales.pipelines.history import CERTAIN, COLUMNS, states_at
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")

STATES: Any = cast(Any, OpportunityState).__table__
STAGES: Any = cast(Any, Stage).__table__
_OPPORTUNITIES: Any = cast(Any, Opportunity).__table__
_INTERACTIONS: Any = cast(Any, Interaction).__table__


def opportunities_of(query: FactQuery) -> Any:
    """Return opportunities as they stood, with the columns of their states, as a subquery: for facts of all rooms."""
    if not query.present:
        return states_at(query.as_of, query.known_at, of=STATES)
    # At present the last state of each is what stands in its own row.
    own = {
        "id": _OPPORTUNITIES.c.id,
        "recorded_at": _OPPORTUNITIES.c.updated_at,
        "opportunity_id": _OPPORTUNITIES.c.id,
        "since": func.coalesce(_OPPORTUNITIES.c.closed_at, _OPPORTUNITIES.c.stage_since),
        "cause": literal(""),
        "category": _OPPORTUNITIES.c.effective_category,
        "probability": _OPPORTUNITIES.c.effective_probability,
    }
    columns = [own.get(name, _OPPORTUNITIES.c.get(name)).label(name) for name in COLUMNS]
    return select(*columns).where(query.within(_OPPORTUNITIES.c.customer_id)).subquery("sales_states")


def select_opportunities(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that had an opportunity by ``as_of``, as known at ``known_at``.

    Amounts are in the base currency at the rate of the day of ``as_of``, those of closed ones of the day they closed.
    """
    states = opportunities_of(query)
    column = states.c
    is_open, is_won = column.stage_kind == OPEN_KIND, column.stage_kind == WON
    source: Any = states
    rotting: Any = literal(0)
    if "rotting_count" in query.wanted:
        source, rotten = _with_rot(query, states)
        rotting = func.count(case((rotten, 1)))
    at = case((is_open, query.as_of), else_=column.since)
    base = query.in_base(column.amount_minor, column.currency, at)
    weighted = weigh(base, column.probability)
    has_amount = column.amount_minor.is_not(None)
    return (
        select(
            column.customer_id,
            func.count(case((is_open, 1))).label("open_count"),
            func.count(case((is_won, 1))).label("won_count"),
            func.count(case((column.stage_kind == LOST, 1))).label("lost_count"),
            func.min(case((is_open, column.expected_close))).label("next_close"),
            func.sum(case((is_open, base))).label("open_amount"),
            func.sum(case((is_open, weighted))).label("weighted_amount"),
            func.sum(case((is_won, base))).label("won_amount"),
            func.count(case((and_(is_open, has_amount, base.is_(None)), 1))).label("unconverted_count"),
            rotting.label("rotting_count"),
            func.max(column.since).label("last_change_at"),
        )
        .select_from(source)
        .where(query.within(column.customer_id))
        .group_by(column.customer_id)
    )


def weigh(amount: Any, probability: Any) -> Any:
    """Return an amount by its probability in hundredths of a percent, halves rounded up, without passing 64 bits."""
    return amount // CERTAIN * probability + (amount % CERTAIN * probability + CERTAIN // 2) // CERTAIN


def select_last(query: FactQuery) -> Select[Any]:
    """Return a select with the stage of the opportunity of each customer in which something happened last: an open one
    where there is one."""
    states = opportunities_of(query)
    column = states.c
    place = func.row_number().over(
        partition_by=column.customer_id,
        order_by=(case((column.stage_kind == OPEN_KIND, 0), else_=1), column.since.desc(), column.id.desc()),
    )
    ranked = (
        select(
            column.customer_id,
            column.stage.label("last_stage"),
            column.stage_kind.label("last_kind"),
            column.stage_since.label("stage_since"),
            place.label("place"),
        )
        .where(query.within(column.customer_id))
        .subquery("sales_last")
    )
    names = ("customer_id", "last_stage", "last_kind", "stage_since")
    return select(*(ranked.c[name] for name in names)).where(ranked.c.place == 1)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose opportunities anything has changed since, or that have any which is open: what they
    amount to, and whether they rot, changes with the days."""
    changed = select(STATES.c.customer_id).where(STATES.c.recorded_at > since.known_at)
    still = select(_OPPORTUNITIES.c.customer_id).where(
        or_(_OPPORTUNITIES.c.stage_kind == OPEN_KIND, _OPPORTUNITIES.c.updated_at > since.known_at)
    )
    return changed.union(still).subquery().select()


def _with_rot(query: FactQuery, states: Any) -> tuple[Any, Any]:
    """Return the states joined with what says whether they rot, and the condition for it."""
    latest = (
        select(_INTERACTIONS.c.customer_id, func.max(_INTERACTIONS.c.occurred_at).label("at"))
        .where(_INTERACTIONS.c.occurred_at <= query.as_of, _INTERACTIONS.c.recorded_at <= query.known_at)
        .where(_INTERACTIONS.c.customer_id.in_(select(states.c.customer_id).where(states.c.stage_kind == OPEN_KIND)))
        .group_by(_INTERACTIONS.c.customer_id)
        .subquery("sales_heard")
    )
    source = states.join(STAGES, STAGES.c.id == states.c.stage_id).outerjoin(
        latest, latest.c.customer_id == states.c.customer_id
    )
    entered = states.c.stage_since
    last = case((latest.c.at > entered, latest.c.at), else_=entered)
    if query.dialect == "sqlite":
        days: Any = func.julianday(query.as_of) - func.julianday(last)
    else:
        days = func.extract("epoch", query.as_of - last) / 86400
    return source, and_(states.c.stage_kind == OPEN_KIND, STAGES.c.rot_days.is_not(None), days >= STAGES.c.rot_days)


FACTS = [
    FactSet(
        name="sales",
        title=_("Sales"),
        select=select_opportunities,
        touched=touched,
        doc=_("Opportunities of the customer"),
        columns=[
            Fact(name="open_count", type=int, default=0, doc=_("Open opportunities")),
            Fact(name="won_count", type=int, default=0, doc=_("Opportunities won")),
            Fact(name="lost_count", type=int, default=0, doc=_("Opportunities lost")),
            Fact(name="next_close", type=date | None, doc=_("First day on which an open one is expected to close")),
            Fact(name="open_amount", type=Money | None, doc=_("Amount of the open opportunities")),
            Fact(name="weighted_amount", type=Money | None, doc=_("Amount of the open ones by their probability")),
            Fact(name="won_amount", type=Money | None, doc=_("Amount of the opportunities won")),
            Fact(
                name="unconverted_count",
                type=int,
                default=0,
                doc=_("Open opportunities whose amount cannot be converted, and is in no sum"),
            ),
            Fact(
                name="rotting_count",
                type=int,
                default=0,
                doc=_("Open opportunities that are longer in their stage than they should be, with nothing heard"),
            ),
            Fact(name="last_change_at", type=datetime | None, doc=_("When an opportunity changed last")),
        ],
    ),
    FactSet(
        name="sales",
        select=select_last,
        touched=touched,
        doc=_("The opportunity of the customer in which something happened last"),
        columns=[
            Fact(name="last_stage", type=str | None, doc=_("Stage of the last opportunity, an open one first")),
            Fact(
                name="last_kind",
                type=str | None,
                options=("open", "won", "lost"),
                doc=_("Whether the last opportunity is open, won or lost"),
            ),
            Fact(name="stage_since", type=datetime | None, doc=_("Since when the last opportunity is in its stage")),
        ],
    ),
]
