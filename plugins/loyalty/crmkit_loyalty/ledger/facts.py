"""What customers have in points, as facts, as of any day: from the postings of the accounts that are theirs.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.programs.models import Member, PointType

_ = texts("crmkit_loyalty")

LOTS = cast(Any, Lot).__table__
MEMBERS = cast(Any, Member).__table__
POSTINGS = cast(Any, Posting).__table__
TRANSACTIONS = cast(Any, Transaction).__table__
TYPES = cast(Any, PointType).__table__
YEAR = 365


def select_points(query: FactQuery) -> Select[Any]:
    """Return what each customer has in points that can be spent, of all programmes, and what came and went within a
    year."""
    year = query.ago(timedelta(days=YEAR))
    points, side, at = POSTINGS.c.points, POSTINGS.c.side, TRANSACTIONS.c.at
    own = POSTINGS.c.account_id.is_not(None)

    def total(condition: Any, amount: Any = points) -> Any:
        return func.coalesce(func.sum(case((condition, amount), else_=0)), 0)

    earned = and_(TRANSACTIONS.c.kind == "earn", own)
    found: Any = (
        select(
            POSTINGS.c.customer_id,
            total(side == "available").label("balance"),
            total(side == "pending").label("pending"),
            total(and_(earned, at > year)).label("earned_365"),
            total(and_(side == "redeemed", at > year)).label("redeemed_365"),
            total(earned).label("earned"),
            func.max(case((TRANSACTIONS.c.kind.in_(("earn", "spend", "capture")), at))).label("last_at"),
        )
        .select_from(
            POSTINGS.join(TRANSACTIONS, TRANSACTIONS.c.id == POSTINGS.c.transaction_id).join(
                TYPES, TYPES.c.id == POSTINGS.c.type_id
            )
        )
        .where(
            TYPES.c.spendable.is_(True),
            at <= query.as_of,
            TRANSACTIONS.c.recorded_at <= query.known_at,
            query.within(POSTINGS.c.customer_id),
        )
        .group_by(POSTINGS.c.customer_id)
    )
    return cast("Select[Any]", found)


def select_members(query: FactQuery) -> Select[Any]:
    """Return since when each customer has taken part in a programme."""
    here = and_(MEMBERS.c.joined_at <= query.as_of, (MEMBERS.c.left_at.is_(None)) | (MEMBERS.c.left_at > query.as_of))
    found: Any = (
        select(
            MEMBERS.c.customer_id,
            func.count(func.distinct(MEMBERS.c.program_id)).label("programs"),
            func.min(MEMBERS.c.joined_at).label("member_since"),
        )
        .where(here, query.within(MEMBERS.c.customer_id))
        .group_by(MEMBERS.c.customer_id)
    )
    if not query.present:
        found = found.where(MEMBERS.c.created_at <= query.known_at)
    return cast("Select[Any]", found)


def select_expiring(query: FactQuery) -> Select[Any]:
    """Return how many points of each customer expire soon, and when the next ones do."""
    soon = query.ago(timedelta(days=-30))
    found: Any = (
        select(
            LOTS.c.customer_id,
            func.coalesce(func.sum(case((LOTS.c.expires_at <= soon, LOTS.c.left), else_=0)), 0).label("expiring_30"),
            func.min(LOTS.c.expires_at).label("next_expiry_at"),
        )
        .where(LOTS.c.left > 0, LOTS.c.expires_at > query.as_of, query.within(LOTS.c.customer_id))
        .group_by(LOTS.c.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="loyalty",
        title=_("Loyalty"),
        doc=_("What the customer has in points"),
        select=select_points,
        columns=[
            Fact(name="balance", type=int, default=0, doc=_("Points that can be spent")),
            Fact(name="pending", type=int, default=0, doc=_("Points that wait")),
            Fact(name="earned", type=int, default=0, doc=_("Points earned ever")),
            Fact(name="earned_365", type=int, default=0, doc=_("Points earned within 365 days")),
            Fact(name="redeemed_365", type=int, default=0, doc=_("Points spent within 365 days")),
            Fact(name="last_at", type=datetime | None, doc=_("When points were earned or spent last")),
        ],
    ),
    FactSet(
        name="loyalty",
        doc=_("How the customer takes part"),
        select=select_members,
        columns=[
            Fact(name="programs", type=int, default=0, doc=_("Programmes in which the customer takes part")),
            Fact(name="member_since", type=datetime | None, doc=_("Member since")),
        ],
    ),
    FactSet(
        name="loyalty",
        doc=_("What expires"),
        select=select_expiring,
        temporal=False,
        columns=[
            Fact(name="expiring_30", type=int, default=0, doc=_("Points that expire within 30 days")),
            Fact(name="next_expiry_at", type=datetime | None, doc=_("When the next points expire")),
        ],
    ),
]
