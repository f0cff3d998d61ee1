"""Reading pairs as whoever looks: the queue, counts, and what is said of a pair in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Customer
from crmkit_quality.duplicates.models import DEFERRED, DISTINCT, OPEN, Pair


def undecided(query: Select[Any], pair: Any = Pair) -> Select[Any]:
    """Return a query on pairs for those that wait for a decision: of two customers that are there, and that nobody has
    told apart by another pair of them."""
    first, second, other = aliased(Customer), aliased(Customer), aliased(Pair)
    same = or_(
        and_(other.first_id == pair.first_id, other.second_id == pair.second_id),
        and_(other.first_id == pair.second_id, other.second_id == pair.first_id),
    )
    return (
        query.where(pair.state.in_((OPEN, DEFERRED)), pair.first_id != pair.second_id)
        .where(exists(select(first.id).where(first.id == pair.first_id, first.deleted_at.is_(None))))
        .where(exists(select(second.id).where(second.id == pair.second_id, second.deleted_at.is_(None))))
        .where(~exists(select(other.id).where(same, or_(other.state == DISTINCT, _earlier(other, pair)))))
    )


def _earlier(other: Any, pair: Any) -> Any:
    """Return the condition that another pair of the same customers stands for both, after a merge has made two."""
    return and_(other.state.in_((OPEN, DEFERRED)), other.id < pair.id)


def in_order(query: Select[Any]) -> Select[Any]:
    """Return a query on pairs in the order in which they are looked at: first what nobody has put off, and of that
    where most is learnt."""
    return query.order_by(case((Pair.state == OPEN, 0), else_=1), Pair.gain.desc(), Pair.id)


def queue(session: CrmSession, limit: int = 50, *, band: str | None = None) -> list[Pair]:
    """Return the pairs to be looked at, that where most is learnt first."""
    query = in_order(undecided(select(Pair)))
    return list(session.scalars((query if band is None else query.where(Pair.band == band)).limit(limit)))


def next_pair(session: CrmSession, after: UUID | None = None) -> Pair | None:
    """Return the pair to be looked at next; not the one just looked at, while there is another."""
    found = queue(session, 2)
    return next((pair for pair in found if pair.id != after), found[0] if found else None)


@frozen(kw_only=True)
class Counts:
    """How many pairs wait for a decision, of those that the reader may see."""

    waiting: int
    clear: int
    deferred: int


def counts(session: CrmSession) -> Counts:
    """Return how many pairs wait for a decision."""
    query = undecided(
        select(
            func.count(Pair.id),
            func.count(case((and_(Pair.band == "automatic", Pair.state == OPEN), 1))),
            func.count(case((Pair.state == DEFERRED, 1))),
        )
    )
    waiting, clear, deferred = session.execute(query).one()
    return Counts(waiting=waiting, clear=clear, deferred=deferred)


def open_pairs_of(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Pair]:
    """Return the pairs of some customers that wait for a decision, the surest first."""
    query = undecided(select(Pair)).where(or_(Pair.first_id.in_(customer_ids), Pair.second_id.in_(customer_ids)))
    return list(session.scalars(query.order_by(Pair.probability.desc(), Pair.id)))


def names_of(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Return customers by their ids."""
    wanted = sorted(set(ids))
    found: dict[UUID, Customer] = {}
    for start in range(0, len(wanted), 1000):
        query = select(Customer).where(Customer.id.in_(wanted[start : start + 1000]))
        found.update({each.id: each for each in session.scalars(query)})
    return found


@frozen(kw_only=True)
class SearchStatus:
    """How searching stands. ``pairs`` and ``customers`` are told to who sees all customers, else None."""

    state: str = ""
    kind: str = ""
    done: int = 0
    finished_at: datetime | None = None
    error: str = ""
    customers: int | None = None
    pairs: int | None = None
    fresh: int | None = None
    seconds: float | None = None
    changed: bool = False
    """Whether customers have changed since."""


def search_status(session: CrmSession) -> SearchStatus:
    """Return how the search that is under way stands, else how the last one ended."""
    from crmkit_quality.duplicates.models import UNDER_WAY, Search
    from crmkit_quality.duplicates.searching import WHY, up_to_date

    crm = session.crm
    whole = session.gate.rights(session).scope("customer", "read") == "all"
    with crm.session(crm.system(WHY)) as system:
        newest = select(Search).order_by(
            case((Search.state.in_(UNDER_WAY), 0), else_=1), Search.created_at.desc(), Search.id.desc()
        )
        search = system.scalar(newest.limit(1))
        if search is None:
            return SearchStatus()
        return SearchStatus(
            state=search.state,
            kind=search.kind,
            done=search.done,
            finished_at=search.finished_at,
            error=search.error or "",
            customers=search.customers if whole else None,
            pairs=search.found if whole else None,
            fresh=search.fresh if whole else None,
            seconds=search.seconds if whole else None,
            changed=not up_to_date(system),
        )
