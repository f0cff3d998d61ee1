"""How members moved between tiers from one day to another one. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.tiers.models import Tier, TierChange

NONE = ""
"""Stands for no tier: not yet a member."""


@frozen(kw_only=True)
class Migration:
    """Members by the tier that they had at the end of one day and of another one. ``tiers`` are names, the lowest
    first, with `NONE` before them; ``counts`` has how many went from one to the other."""

    first: date
    last: date
    tiers: Sequence[str] = field(converter=tuple)
    titles: Mapping[str, str]
    counts: Mapping[tuple[str, str], int]

    def whole(self, tier: str) -> int:
        """Return how many had a tier in the beginning."""
        return sum(number for (before, _after), number in self.counts.items() if before == tier)


def migration_of(session: CrmSession, program: Program, first: date, last: date) -> Migration:
    """Return how members of a programme moved between tiers, by days of the company's zone."""
    tiers = session.scalars(select(Tier).where(Tier.program_id == program.id).order_by(Tier.level)).all()
    before, after = _held(session, program, first), _held(session, program, last)
    counts: dict[tuple[str, str], int] = {}
    for member_id in before.keys() | after.keys():
        pair = before.get(member_id, NONE), after.get(member_id, NONE)
        counts[pair] = counts.get(pair, 0) + 1
    return Migration(
        first=first,
        last=last,
        tiers=[NONE, *(each.name for each in tiers)],
        titles={each.name: each.title for each in tiers},
        counts=counts,
    )


def _held(session: CrmSession, program: Program, day: date) -> dict[UUID, str]:
    """Return the tier of each member at the end of a day: the one of the last change."""
    place = func.row_number().over(
        partition_by=TierChange.member_id,
        order_by=(TierChange.on_day.desc(), TierChange.at.desc(), TierChange.recorded_at.desc(), TierChange.id.desc()),
    )
    last = (
        select(TierChange.member_id, TierChange.after, place.label("place"))
        .where(TierChange.program_id == program.id, TierChange.on_day <= day)
        .subquery()
    )
    rows = session.execute(select(last.c.member_id, last.c.after).where(last.c.place == 1))
    return {row[0]: row[1] for row in rows}
