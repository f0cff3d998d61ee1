"""What a segment would be before it is saved: how many and who, what would change, and how even-handed it is.

Must not write.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func

from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable, readable
from crmkit.engines.segments.figures import (
    MOST_COMPARED,
    Count,
    Reach,
    Worth,
    condition,
    overlap,
    reach,
    sample,
    size,
    worth,
)
from crmkit.engines.segments.resolving import PROTECTED, all_segments, check_segment, fact_of, protected_among
from crmkit.errors import CrmkitError, DefinitionError
from crmkit.hooks.segments import Segment

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

GROUP = 30
"""Fewest customers of whom a rate is told: that of fewer says more of chance than of the segment."""
EVEN = 0.8
"""The lowest rate divided by the highest, below which groups are treated unevenly ("four-fifths rule", Uniform
Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D)."""


@frozen(kw_only=True)
class Neighbour:
    """A segment with which another one overlaps: customers in both, and the Jaccard index."""

    segment: str
    both: int
    jaccard: float


@frozen(kw_only=True)
class Preview:
    """What a segment would be. ``entering`` and ``leaving`` are counted against the segment of that name as it is now,
    both None where there is none; ``protected`` are the protected facts that would decide."""

    count: Count
    entering: int | None
    leaving: int | None
    sample: tuple[UUID, ...]
    overlaps: tuple[Neighbour, ...]
    worth: Worth
    reach: tuple[Reach, ...]
    protected: tuple[str, ...]
    balance: tuple[Balance, ...]


def preview(session: CrmSession, segment: Segment, moment: Moment, *, purpose: str = "marketing") -> Preview:
    """Return what a segment would be among the customers whom the reader may see; ``purpose`` is that for which reach
    is told. Nothing is saved.

    Raises DefinitionError with everything that is wrong with it, UnknownFact.
    """
    problems = [each for each in check_segment(session, segment) if each.field != "justification"]
    if problems:
        raise DefinitionError(problems)
    where = condition(session, where=segment.where)
    names = [name for name in _comparable(session, moment) if name != segment.name][: MOST_COMPARED - 1]
    before = segment.name if segment.name in all_segments(session) else None
    found = overlap(session, [*([before] if before else []), *names], moment, where=where)
    place = {name: number for number, name in enumerate(found.names)}
    near = [
        Neighbour(segment=name, both=found.both[0][place[name]], jaccard=found.jaccard(0, place[name]))
        for name in names
    ]
    same = found.both[0][place[before]] if before else 0
    catalogue = catalogue_of(session)
    return Preview(
        count=size(session, where, moment),
        entering=found.both[0][0] - same if before else None,
        leaving=found.both[place[before]][place[before]] - same if before else None,
        sample=tuple(each.id for each in sample(session, where, moment)),
        overlaps=tuple(sorted((each for each in near if each.both), key=lambda each: (-each.jaccard, each.segment))),
        worth=worth(session, where, moment),
        reach=tuple(reach(session, where, moment, purpose)),
        protected=tuple(protected_among(session, catalogue.closure(sorted(where.facts)))),
        balance=tuple(balance(session, where, moment)),
    )


def _comparable(session: CrmSession, moment: Moment) -> Iterable[str]:
    for name, item in sorted(all_segments(session).items()):
        try:
            check_readable(session, [fact_of(name)])
        except CrmkitError:
            continue
        if item.in_effect(moment.as_of):
            yield name


# --- even-handedness -------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Group:
    """Customers who share a value of a protected fact: how many, and how many of them are in the segment."""

    value: str
    customers: int
    members: int

    @property
    def rate(self) -> float:
        """Return the part of the group that is in the segment."""
        return self.members / self.customers


@frozen(kw_only=True)
class Balance:
    """How a segment treats the groups of a protected fact; groups of fewer than 30 are left out. ``ratio`` is the
    lowest rate divided by the highest, None where there are not two groups or nobody is in the segment."""

    fact: str
    groups: tuple[Group, ...]

    @property
    def ratio(self) -> float | None:
        """Return the lowest rate divided by the highest."""
        rates = [group.rate for group in self.groups]
        return min(rates) / max(rates) if len(rates) > 1 and max(rates) else None

    @property
    def uneven(self) -> bool:
        """Say whether a group is chosen at less than four fifths of the rate of another, by whatever facts."""
        return self.ratio is not None and self.ratio < EVEN


def balance(session: CrmSession, where: Expression, moment: Moment) -> list[Balance]:
    """Return how even-handed a condition is to the groups of every protected fact that the reader may read: it may
    single them out by other facts that go along with that."""
    catalogue = catalogue_of(session)
    found: list[Balance] = []
    for name in session.crm.config.get(session).options.get(PROTECTED, {}):
        if name not in catalogue.facts or not readable(session, ref := catalogue.ref(name)):
            continue
        facts = joined(session, [ref, *where.facts], moment)
        inside = where.where(facts.columns, moment.surroundings(session.get_bind().dialect.name))
        value = facts.columns[ref]
        counted = facts.select(value, func.count(), func.count(case((inside, 1))))
        rows: Any = session.execute(counted.where(value.is_not(None)).group_by(value).order_by(value)).all()
        groups = [Group(value=str(row[0]), customers=row[1], members=row[2]) for row in rows if row[1] >= GROUP]
        found.append(Balance(fact=name, groups=tuple(groups)))
    return found
