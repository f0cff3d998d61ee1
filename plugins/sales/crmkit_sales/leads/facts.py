"""What is known of leads, as facts, as of any day. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_sales.leads.models import LeadChange, LeadSource
from crmkit_sales.leads.words import ABILITIES, CLOSED, INTENTS, STATES, TIMINGS

_ = texts("crmkit_sales")

_CHANGE = cast(Any, LeadChange).__table__
_SOURCE = cast(Any, LeadSource).__table__


def _known(query: FactQuery) -> Any:
    had_been = _CHANGE.c.since <= query.as_of
    known = had_been if query.present else and_(had_been, _CHANGE.c.recorded_at <= query.known_at)
    return and_(known, query.within(_CHANGE.c.customer_id))


def select_last(query: FactQuery) -> Select[Any]:
    """Return what the last lead of each customer was by ``as_of``, as known at ``known_at``."""
    place = func.row_number().over(
        partition_by=_CHANGE.c.customer_id,
        order_by=(_CHANGE.c.since.desc(), _CHANGE.c.recorded_at.desc(), _CHANGE.c.id.desc()),
    )
    names = ("customer_id", "state", "intent", "ability", "timing", "source_id", "since")
    ranked = (
        select(*(_CHANGE.c[name] for name in names), place.label("place")).where(_known(query)).subquery("lead_change")
    )
    found: Any = (
        select(
            ranked.c.customer_id,
            ranked.c.state.label("lead_state"),
            _SOURCE.c.name.label("lead_source"),
            ranked.c.intent,
            ranked.c.ability,
            ranked.c.timing,
        )
        .select_from(ranked.outerjoin(_SOURCE, _SOURCE.c.id == ranked.c.source_id))
        .where(ranked.c.place == 1)
    )
    return cast("Select[Any]", found)


def select_counts(query: FactQuery) -> Select[Any]:
    """Return how many leads of each customer there had been, and when they came how far."""
    cause = _CHANGE.c.cause

    def when(name: str) -> Any:
        return func.max(case((cause == name, _CHANGE.c.since)))

    found: Any = (
        select(
            _CHANGE.c.customer_id,
            func.count(_CHANGE.c.lead_id.distinct()).label("lead_count"),
            when("opened").label("lead_opened_at"),
            when("qualified").label("qualified_at"),
            when("accepted").label("accepted_at"),
            when("converted").label("lead_converted_at"),
            func.count(case((cause == "rejected", 1))).label("lead_rejections"),
        )
        .where(_known(query))
        .group_by(_CHANGE.c.customer_id)
    )
    return cast("Select[Any]", found)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose leads something has happened or become known between two moments."""
    later = or_(_CHANGE.c.recorded_at > since.known_at, _CHANGE.c.since > since.as_of, _CHANGE.c.since > query.as_of)
    return select(_CHANGE.c.customer_id).where(later).distinct()


FACTS = [
    FactSet(
        name="sales",
        doc=_("The last lead of the customer"),
        select=select_last,
        touched=touched,
        columns=[
            Fact(name="lead_state", type=str | None, options=tuple(STATES), doc=_("The state of the last lead")),
            Fact(name="lead_source", type=str | None, doc=_("The source of the last lead, by its name")),
            Fact(name="intent", type=str | None, options=tuple(INTENTS), doc=_("How much the customer wants to buy")),
            Fact(name="ability", type=str | None, options=tuple(ABILITIES), doc=_("Whether there is a budget for it")),
            Fact(name="timing", type=str | None, options=tuple(TIMINGS), doc=_("When the customer wants it")),
        ],
    ),
    FactSet(
        name="sales",
        doc=_("Leads of the customer"),
        select=select_counts,
        touched=touched,
        columns=[
            Fact(name="lead_count", type=int, default=0, doc=_("Leads that there have been")),
            Fact(name="lead_opened_at", type=datetime | None, doc=_("When the last lead came in")),
            Fact(name="qualified_at", type=datetime | None, doc=_("When marketing qualified a lead last")),
            Fact(name="accepted_at", type=datetime | None, doc=_("When sales accepted a lead last")),
            Fact(name="lead_converted_at", type=datetime | None, doc=_("When a lead was converted last")),
            Fact(name="lead_rejections", type=int, default=0, doc=_("How often sales has rejected a lead")),
        ],
    ),
    FactSet(
        name="sales",
        columns=[
            Fact(
                name="has_open_lead",
                type=bool,
                default=False,
                doc=_("Whether a lead of the customer is open"),
                expression=f'has(sales.lead_state) and not (sales.lead_state in ["{CLOSED[0]}", "{CLOSED[1]}"])',
            )
        ],
    ),
]
