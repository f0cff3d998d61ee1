"""Keeps what a search has found: new pairs, those known already as they are now, and those no longer found away.

What was decided stays decided: a pair that is no duplicate is not brought up again, whatever a search says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import delete, insert, or_, select, update

from crmkit import CrmSession, new_id
from crmkit_quality.duplicates.index import parts
from crmkit_quality.duplicates.models import DEFERRED, DISTINCT, OPEN, Pair
from crmkit_quality.settings import settings_of

Ends = tuple[UUID, UUID]


@frozen(kw_only=True)
class Stored:
    """How many pairs are open now of those that were searched for, and how many of them are new."""

    found: int
    fresh: int


@frozen(kw_only=True)
class Held:
    """A pair that is kept, with what a search may change of it."""

    id: UUID
    version: int
    probability: float
    weight: float
    band: str
    gain: float

    def is_as(self, values: Mapping[str, Any]) -> bool:
        """Say whether a search has found it as it is: then nobody who looks at it is disturbed."""
        near = all(abs(getattr(self, name) - values[name]) < 1e-6 for name in ("probability", "weight", "gain"))
        return near and self.band == values["band"]


@frozen(kw_only=True)
class Known:
    """The pairs that are kept, by their two customers: those to be decided, and those told apart."""

    waiting: Mapping[Ends, tuple[Held, ...]] = field(factory=dict)
    apart: frozenset[Ends] = frozenset()


def ends(first: UUID, second: UUID) -> Ends:
    """Return two customers in the order of their ids: a pair may be kept in either."""
    return (first, second) if first < second else (second, first)


def known_pairs(session: CrmSession, among: Collection[UUID] | None = None) -> Known:
    """Return the pairs that are kept, of all customers or with one of some in them."""
    waiting: dict[Ends, tuple[Held, ...]] = {}
    apart: set[Ends] = set()
    figures = (Pair.id, Pair.version, Pair.probability, Pair.weight, Pair.band, Pair.gain)
    columns = select(Pair.first_id, Pair.second_id, Pair.state, *figures).where(Pair.first_id != Pair.second_id)
    chunks: Sequence[Any] = [None] if among is None else list(parts(among, 400))
    for part in chunks:
        query = columns if part is None else columns.where(or_(Pair.first_id.in_(part), Pair.second_id.in_(part)))
        for first, second, state, *rest in session.execute(query):
            both = ends(first, second)
            held = Held(**dict(zip(("id", "version", "probability", "weight", "band", "gain"), rest, strict=True)))
            if state == DISTINCT:
                apart.add(both)
            elif state in (OPEN, DEFERRED) and held not in waiting.get(both, ()):
                waiting[both] = (*waiting.get(both, ()), held)
    return Known(waiting=waiting, apart=frozenset(apart))


def store(
    session: CrmSession, pairs: Sequence[Any], worth: Mapping[UUID, float], among: Collection[UUID] | None
) -> Stored:
    """Keep the pairs that a search over all customers, or ``among`` some, has found; in system scope.

    ``pairs`` are `crmkit_quality.matching.CandidatePair`; ``worth`` is how much looking at a customer is worth.
    """
    settings = settings_of(session.crm.settings)
    known = known_pairs(session, among)
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    met: set[Ends] = set()
    for pair in pairs:
        both = ends(pair.first, pair.second)
        if pair.probability < settings.review or both in known.apart or both in met:
            continue
        met.add(both)
        values = _values(pair, worth, settings.automatic)
        held = known.waiting.get(both)
        if held is None:
            fresh.append({"id": new_id(), "version": 1, "first_id": both[0], "second_id": both[1], **values})
        elif not held[0].is_as(values):
            again.append({"id": held[0].id, "version": held[0].version, **values})
    if fresh:
        for part in parts(fresh):
            session.execute(insert(Pair), part)
    if again:
        for part in parts(again):
            session.execute(update(Pair), part)
    gone = [each.id for both, held in known.waiting.items() for each in (held if both not in met else held[1:])]
    for part in parts(gone):
        session.execute(delete(Pair).where(Pair.id.in_(part)))
    session.expire_all()
    return Stored(found=len(met), fresh=len(fresh))


def _values(pair: Any, worth: Mapping[UUID, float], automatic: float) -> dict[str, Any]:
    clear = pair.probability >= automatic and not pair.conflict
    value = 1.0 + worth.get(pair.first, 0.0) + worth.get(pair.second, 0.0)
    return {
        "probability": pair.probability,
        "weight": pair.weight,
        "band": "automatic" if clear else "review",
        "conflict": pair.conflict,
        "gain": uncertainty(pair.probability) * value,
        "evidence": [
            {"comparison": each.comparison, "level": each.level, "weight": round(each.weight, 2)}
            for each in pair.evidence
        ],
    }


def uncertainty(probability: float) -> float:
    """Return in bits how much is learnt when somebody says whether it is so: most at one half, nothing when it is
    certain (the entropy of Shannon 1948)."""
    if not 0 < probability < 1:
        return 0.0
    other = 1 - probability
    return -probability * math.log2(probability) - other * math.log2(other)
