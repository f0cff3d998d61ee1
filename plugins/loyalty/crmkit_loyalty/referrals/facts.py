"""How many others customers have brought, and whether they were brought themselves, as of any day.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, case, func, literal, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_loyalty.programs.models import Member
from crmkit_loyalty.referrals.models import Referral, ReferralChange

_ = texts("crmkit_loyalty")

REFERRALS = cast(Any, Referral).__table__
CHANGES = cast(Any, ReferralChange).__table__
MEMBERS = cast(Any, Member).__table__


def _latest(query: FactQuery, name: str) -> Any:
    """Return the state of each referral, as of then."""
    column = CHANGES.c
    place = func.row_number().over(
        partition_by=column.referral_id, order_by=(column.at.desc(), column.recorded_at.desc(), column.id.desc())
    )
    ranked = (
        select(column.referral_id, column.after, place.label("place"))
        .where(column.at <= query.as_of, column.recorded_at <= query.known_at)
        .subquery(f"{name}_ranked")
    )
    return select(ranked.c.referral_id, ranked.c.after).where(ranked.c.place == 1).subquery(name)


def select_referrers(query: FactQuery) -> Select[Any]:
    """Return how many referrals of each customer were rewarded, and how many are under way."""
    latest = _latest(query, "loyalty_referrals_made")
    found: Any = (
        select(
            MEMBERS.c.customer_id,
            func.coalesce(func.sum(case((latest.c.after == "rewarded", 1), else_=0)), 0).label("referrals"),
            func.coalesce(func.sum(case((latest.c.after.in_(("open", "qualified")), 1), else_=0)), 0).label(
                "referrals_open"
            ),
        )
        .select_from(
            REFERRALS.join(latest, latest.c.referral_id == REFERRALS.c.id).join(
                MEMBERS, MEMBERS.c.id == REFERRALS.c.referrer_id
            )
        )
        .where(query.within(MEMBERS.c.customer_id))
        .group_by(MEMBERS.c.customer_id)
    )
    return cast("Select[Any]", found)


def select_referred(query: FactQuery) -> Select[Any]:
    """Return who was brought by a member, from when the code was checked."""
    latest = _latest(query, "loyalty_referrals_got")
    found: Any = (
        select(REFERRALS.c.customer_id, literal(True).label("referred"))
        .select_from(REFERRALS.join(latest, latest.c.referral_id == REFERRALS.c.id))
        .where(latest.c.after.in_(("open", "qualified", "rewarded")), query.within(REFERRALS.c.customer_id))
        .group_by(REFERRALS.c.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="loyalty",
        doc=_("Whom the customer has invited"),
        select=select_referrers,
        columns=[
            Fact(name="referrals", type=int, default=0, doc=_("Referrals that were rewarded")),
            Fact(name="referrals_open", type=int, default=0, doc=_("Referrals that are under way")),
        ],
    ),
    FactSet(
        name="loyalty",
        doc=_("Whether the customer was invited"),
        select=select_referred,
        columns=[Fact(name="referred", type=bool, default=False, doc=_("Was invited by a member"))],
    ),
]
