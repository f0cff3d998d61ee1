"""Reading scores for pages, reports and commands: as whoever looks may see them. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer
from crmkit_value.grades.grading import GRADES, next_value
from crmkit_value.grades.models import Grade
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.rfm.models import RfmScore
from crmkit_value.scoring.models import Scoring

DOTS = 400
"""Customers on the map."""


@frozen(kw_only=True)
class Segment:
    """What customers of an RFM segment come to; amounts in minor units."""

    name: str
    title: str
    customers: int
    purchases: int
    worth_minor: int


@frozen(kw_only=True)
class Cell:
    """What customers with two scores come to: how many, and their value on average, in minor units."""

    customers: int
    mean_minor: int


@frozen(kw_only=True)
class GradeRow:
    """What customers of a grade come to, and what one is expected to be worth next time; amounts in minor units."""

    grade: str
    customers: int
    worth_minor: int
    mean_minor: int
    next_minor: int | None


def segments_of(session: CrmSession, scoring: Scoring) -> list[Segment]:
    """Return the segments of an RFM scoring by what they are worth, of the customers that the reader sees."""
    count, worth = func.count(), func.sum(RfmScore.monetary_minor)
    rows = session.execute(
        select(RfmScore.segment, count, func.sum(RfmScore.frequency), worth)
        .where(RfmScore.scoring_id == scoring.id)
        .group_by(RfmScore.segment)
    )
    titles = {each["name"]: each["title"] for each in scoring.rules["segments"]}
    found = [
        Segment(
            name=row[0],
            title=titles.get(row[0], row[0]),
            customers=row[1],
            purchases=int(row[2] or 0),
            worth_minor=int(row[3] or 0),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.worth_minor, each.name))


def grid_of(session: CrmSession, scoring: Scoring) -> dict[tuple[int, int], Cell]:
    """Return customers by scores of recency and frequency, of those that the reader sees."""
    rows = session.execute(
        select(RfmScore.recency, RfmScore.frequency_score, func.count(), func.sum(RfmScore.monetary_minor))
        .where(RfmScore.scoring_id == scoring.id)
        .group_by(RfmScore.recency, RfmScore.frequency_score)
    )
    return {(row[0], row[1]): Cell(customers=row[2], mean_minor=round(int(row[3] or 0) / row[2])) for row in rows}


def in_cell(
    session: CrmSession, scoring: Scoring, recency: int | None, frequency: int | None, segment: str | None, limit: int
) -> list[tuple[RfmScore, str]]:
    """Return the customers of a cell or a segment with their names, the most valuable first."""
    query = select(RfmScore).where(RfmScore.scoring_id == scoring.id)
    for column, value in (
        (RfmScore.recency, recency),
        (RfmScore.frequency_score, frequency),
        (RfmScore.segment, segment),
    ):
        if value is not None:
            query = query.where(column == value)
    ordered = query.order_by(RfmScore.monetary_minor.desc(), RfmScore.customer_id).limit(limit)
    found = list(session.scalars(ordered))
    names = names_of(session, [each.customer_id for each in found])
    return [(each, names.get(each.customer_id, "–")) for each in found]


def grades_of(session: CrmSession, scoring: Scoring) -> list[GradeRow]:
    """Return the grades of a scoring, of the customers that the reader sees, with what is expected next."""
    rows = session.execute(
        select(Grade.grade, func.count(), func.sum(Grade.worth_minor))
        .where(Grade.scoring_id == scoring.id)
        .group_by(Grade.grade)
    )
    sums: dict[str, tuple[int, int]] = {row[0]: (row[1], int(row[2] or 0)) for row in rows}
    means = {name: worth / count for name, (count, worth) in sums.items()}
    soon = next_value(moves_of(scoring), means, GRADES)
    return [
        GradeRow(
            grade=name,
            customers=sums[name][0],
            worth_minor=sums[name][1],
            mean_minor=round(means[name]),
            next_minor=round(soon[name]) if name in soon else None,
        )
        for name in GRADES
        if name in sums
    ]


def moves_of(scoring: Scoring) -> dict[tuple[str, str], int]:
    """Return how many customers went from which grade to which since the scoring before."""
    return {(start, to): count for start, to, count in scoring.figures.get("moves", ())}


def worths_of(session: CrmSession, scoring: Scoring) -> list[int]:
    """Return what each customer of a scoring of grades is worth, of those that the reader sees; without names."""
    return list(session.scalars(select(Grade.worth_minor).where(Grade.scoring_id == scoring.id)))


def dots_of(session: CrmSession, scoring: Scoring) -> list[tuple[LifetimeScore, str]]:
    """Return the customers of a lifetime scoring who go on the map: the most valuable ones, and as many of all others,
    evenly by id."""
    base = select(LifetimeScore).where(LifetimeScore.scoring_id == scoring.id)
    best = base.order_by(LifetimeScore.clv_minor.desc(), LifetimeScore.customer_id).limit(DOTS // 2)
    step = max(1, scoring.customers // (DOTS // 2))
    place = func.row_number().over(order_by=LifetimeScore.customer_id).label("place")
    numbered = (
        select(LifetimeScore.customer_id, place).where(LifetimeScore.scoring_id == scoring.id).subquery("numbered")
    )
    spread = base.join(numbered, numbered.c.customer_id == LifetimeScore.customer_id).where(
        numbered.c.place % step == 0
    )
    found: dict[UUID, LifetimeScore] = {}
    for query in (best, spread.limit(DOTS // 2)):
        found.update({each.customer_id: each for each in session.scalars(query)})
    names = names_of(session, list(found))
    return [(each, names.get(customer_id, "–")) for customer_id, each in found.items()]


def names_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of customers as the reader may see them."""
    return {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(customer_ids)))}


def totals_of(session: CrmSession, scoring: Scoring) -> Mapping[str, Any]:
    """Return what a lifetime scoring comes to, of the customers that the reader sees."""
    count, clv, alive, expected = session.execute(
        select(
            func.count(),
            func.sum(LifetimeScore.clv_minor),
            func.sum(LifetimeScore.p_alive),
            func.sum(LifetimeScore.expected),
        ).where(LifetimeScore.scoring_id == scoring.id)
    ).one()
    return {
        "customers": count,
        "clv_minor": int(clv or 0),
        "alive": float(alive or 0),
        "expected": float(expected or 0),
    }


def history_of(session: CrmSession, customer_id: UUID, limit: int = 12) -> Sequence[Any]:
    """Return what was said of a customer's lifetime value on which day, the newest first."""
    query = (
        select(Scoring.day, LifetimeScore.p_alive, LifetimeScore.clv_minor, Scoring.currency)
        .join(Scoring, Scoring.id == LifetimeScore.scoring_id)
        .where(LifetimeScore.customer_id == customer_id, Scoring.state == "done")
    )
    return list(session.execute(query.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(limit)))
