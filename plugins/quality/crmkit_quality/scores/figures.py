"""The figures of groups of customers: added up from the scores that were kept of each, and kept themselves after a
check of everything, so that their course can be drawn. Must not know profiles or rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, func, insert, select

from crmkit import CrmSession, Customer, new_id
from crmkit_quality.rules.models import ASPECTS, Violation
from crmkit_quality.scores.models import CustomerScore, QualityFigure
from crmkit_quality.scores.scoring import Score, Tally

KEPT = 400
"""Checks whose figures are kept."""
_BATCH = 5000


@frozen(kw_only=True)
class Overall:
    """What a check of everything found on the whole."""

    customers: int
    violations: int
    score: float | None


@frozen(kw_only=True)
class Tallies:
    """The tallies of customers: of all of them, by owner (None: nobody), and by source (empty: unknown)."""

    every: Tally
    owners: Mapping[UUID | None, Tally]
    sources: Mapping[str, Tally]


def tallies_of(session: CrmSession) -> Tallies:
    """Return the tallies of the customers that the session may see, from the scores that were kept of each."""
    every = Tally()
    owners: dict[UUID | None, Tally] = {}
    sources: dict[str, Tally] = {}
    for owner, source, row in _scores(session):
        cells = row.cells or {}
        score = Score(total=_plain(row.score), aspects={aspect: _plain(getattr(row, aspect)) for aspect in ASPECTS})
        for tally in (every, owners.setdefault(owner, Tally()), sources.setdefault(source, Tally())):
            tally.add(score, cells)
    return Tallies(every=every, owners=owners, sources=sources)


def _scores(session: CrmSession) -> Iterator[tuple[UUID | None, str, Any]]:
    """Give owner, source and score of each customer in turn; memory stays flat."""
    last: UUID | None = None
    while True:
        query = (
            select(Customer.id, Customer.owner_id, CustomerScore)
            .join(CustomerScore, CustomerScore.customer_id == Customer.id)
            .where(Customer.deleted_at.is_(None))
            .order_by(Customer.id)
            .limit(_BATCH)
        )
        rows = session.execute(query if last is None else query.where(Customer.id > last)).all()
        if not rows:
            return
        for _id, owner, score in rows:
            yield owner, score.source, score
        last = rows[-1][0]
        for *_rest, score in rows:
            session.expunge(score)


def keep_figures(session: CrmSession) -> Overall:
    """Keep the figures of all groups as they are now, in system scope, and forget those of checks long ago."""
    now = session.gate.clock.now()
    tallies = tallies_of(session)
    counts = _violations(session)
    stamp = {"version": 1, "created_at": now, "created_by": session.actor.id, "updated_at": now, "measured_at": now}
    rows: list[dict[str, Any]] = []

    def keep(tally: Tally, grouping: str, violations: int, key: str = "", owner: UUID | None = None) -> None:
        rows.extend(
            {
                **stamp,
                "id": new_id(),
                "grouping": grouping,
                "key": key,
                "about": name,
                "owner_id": owner,
                "team_id": None,
                "customers": tally.customers,
                "violations": 0 if name else violations,
                "score": None if name else _kept(tally.mean("score")),
                **{aspect: _kept(tally.mean(aspect, name)) for aspect in ASPECTS},
            }
            for name in ("", *tally.fields)
        )

    keep(tallies.every, "all", sum(counts.values()))
    by_owner = _violations_by(session, lambda: Customer.owner_id)
    by_source = _violations_by(session, lambda: CustomerScore.source)
    for owner, tally in tallies.owners.items():
        if owner is not None:
            keep(tally, "owner", by_owner.get(owner, 0), owner=owner)
    for source, tally in tallies.sources.items():
        keep(tally, "source", by_source.get(source, 0), key=source[:120])
    if rows:
        session.execute(insert(QualityFigure), rows)
    _forget_old(session)
    return Overall(
        customers=tallies.every.customers, violations=sum(counts.values()), score=tallies.every.mean("score")
    )


def _violations(session: CrmSession) -> dict[str, int]:
    query = select(Violation.rule, func.count()).group_by(Violation.rule)
    return {row[0]: row[1] for row in session.execute(query)}


def _violations_by(session: CrmSession, column: Callable[[], Any]) -> dict[Any, int]:
    query = (
        select(column(), func.count(Violation.id))
        .select_from(Violation)
        .join(Customer, Customer.id == Violation.customer_id)
        .join(CustomerScore, CustomerScore.customer_id == Customer.id)
        .group_by(column())
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _forget_old(session: CrmSession) -> None:
    query = select(QualityFigure.measured_at).where(QualityFigure.grouping == "all", QualityFigure.about == "")
    kept = list(session.scalars(query.order_by(QualityFigure.measured_at.desc()).limit(KEPT)))
    if len(kept) == KEPT:
        old = delete(QualityFigure).where(QualityFigure.measured_at < kept[-1])
        session.execute(old, execution_options={"synchronize_session": False})


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _kept(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")
