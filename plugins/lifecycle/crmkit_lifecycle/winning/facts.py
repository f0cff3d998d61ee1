"""How active customers are by their own gap, and what is being tried with them, as facts as of any day.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, literal, select

from crmkit import Customer, Fact, FactQuery, FactSet, texts
from crmkit_lifecycle.winning.models import ActivityPolicy, Attempt, CarePlan
from crmkit_lifecycle.winning.words import STATES
from crmkit_lifecycle.words import ACTIVITIES

_ = texts("crmkit_lifecycle")

_POLICY: Any = cast(Any, ActivityPolicy).__table__
_ATTEMPT: Any = cast(Any, Attempt).__table__
_PLAN: Any = cast(Any, CarePlan).__table__
_CUSTOMER: Any = cast(Any, Customer).__table__
USUAL_DAYS, LEAST_DAYS = 90, 3


def select_policy(query: FactQuery) -> Select[Any]:
    """Return how activity was judged by ``as_of``: the same for everybody."""
    column = _POLICY.c
    known = column.since <= query.as_of
    if not query.present:
        known = and_(known, column.recorded_at <= query.known_at)

    def last(name: str, otherwise: Any) -> Any:
        found = select(column[name]).where(known).order_by(column.since.desc(), column.id.desc()).limit(1)
        return func.coalesce(found.scalar_subquery(), otherwise)

    return select(
        _CUSTOMER.c.id.label("customer_id"),
        last("usual_days", literal(USUAL_DAYS)).label("usual_gap_days"),
        last("least_days", literal(LEAST_DAYS)).label("own_gap_from_days"),
        last("silent_factor", literal(Decimal(1), column.silent_factor.type)).label("silent_factor"),
        last("lost_factor", literal(Decimal(3), column.lost_factor.type)).label("lost_factor"),
    ).where(query.within(_CUSTOMER.c.id))


def select_attempts(query: FactQuery) -> Select[Any]:
    """Return what had been tried with customers by ``as_of``, as known at ``known_at``."""
    column = _ATTEMPT.c
    known = column.began_at <= query.as_of
    if not query.present:
        known = and_(known, column.recorded_at <= query.known_at)
    state = case((column.ended_at <= query.as_of, column.state), else_="open")
    place = func.row_number().over(partition_by=column.customer_id, order_by=(column.began_at.desc(), column.id.desc()))
    number = func.count().over(partition_by=column.customer_id)
    ranked = (
        select(
            column.customer_id,
            _PLAN.c.name.label("winback_plan"),
            state.label("winback_state"),
            column.arm.label("winback_group"),
            column.began_at.label("winback_at"),
            number.label("winback_count"),
            place.label("place"),
        )
        .select_from(_ATTEMPT.join(_PLAN, _PLAN.c.id == column.plan_id))
        .where(known, query.within(column.customer_id))
        .subquery("lifecycle_attempts")
    )
    names = ("customer_id", "winback_plan", "winback_state", "winback_group", "winback_at", "winback_count")
    return select(*(ranked.c[name] for name in names)).where(ranked.c.place == 1)


_OWN = "purchase.days >= lifecycle.own_gap_from_days and has(purchase.gap_p90_days)"
_SINCE = "days_since(purchase.last_at)"
_LOST = f"{_SINCE} > lifecycle.gap_days * lifecycle.lost_factor"
_SILENT = f"{_SINCE} > lifecycle.gap_days * lifecycle.silent_factor"

FACTS = [
    FactSet(
        name="lifecycle",
        doc=_("How activity is judged"),
        select=select_policy,
        columns=[
            Fact(name="usual_gap_days", type=int, default=USUAL_DAYS, unit=_("days"), doc=_("The usual gap")),
            Fact(
                name="own_gap_from_days",
                type=int,
                default=LEAST_DAYS,
                doc=_("Days of purchases from which the own gap counts"),
            ),
            Fact(name="silent_factor", type=Decimal, default=Decimal(1), doc=_("Silent after so many gaps")),
            Fact(name="lost_factor", type=Decimal, default=Decimal(3), doc=_("Lost after so many gaps")),
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("Activity by the own gap between purchases"),
        columns=[
            Fact(
                name="gap_days",
                type=int,
                unit=_("days"),
                doc=_(
                    "The gap that counts: nine in ten of the own ones are no longer; the usual one for few purchases"
                ),
                expression=f"{_OWN} ? max(1, ceil(purchase.gap_p90_days)) : lifecycle.usual_gap_days",
            ),
            Fact(
                name="activity",
                type=str,
                options=tuple(ACTIVITIES),
                doc=_("Whether the customer is active, silent or lost by the own gap"),
                expression=f'purchase.count == 0 ? "none" : ({_LOST} ? "lost" : ({_SILENT} ? "silent" : "active"))',
            ),
            Fact(
                name="silent_in_days",
                type=int | None,
                unit=_("days"),
                doc=_("In how many days the customer counts as silent, unless something is bought"),
                expression=f"ceil(lifecycle.gap_days * lifecycle.silent_factor) - {_SINCE} + 1",
            ),
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("What was tried last with the customer, to keep or to win back"),
        select=select_attempts,
        columns=[
            Fact(name="winback_plan", type=str | None, doc=_("The plan, by its name")),
            Fact(name="winback_state", type=str | None, options=tuple(STATES), doc=_("What has come of it")),
            Fact(
                name="winback_group",
                type=str | None,
                options=("treated", "control"),
                doc=_("Whether the customer is treated or left alone for comparison"),
            ),
            Fact(name="winback_at", type=datetime | None, doc=_("When it began")),
            Fact(name="winback_count", type=int, default=0, doc=_("How often something was tried")),
        ],
    ),
]
