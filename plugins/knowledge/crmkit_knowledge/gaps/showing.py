"""Gaps as a reader sees them: counted over the records whose customers they see, and shown where these are three at
least. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.gaps.clustering import FEWEST_CUSTOMERS
from crmkit_knowledge.gaps.models import AlikePair, Gap, GapRecord

USUAL = 300
"""Seconds that a record counts where nobody noted any time at all."""


@frozen(kw_only=True)
class ShownGap:
    """A gap as a reader sees it: records and customers, the median of the seconds that one took (None where nobody
    noted it), and the product, in hours, by which gaps are ranked."""

    gap: Gap
    volume: int
    customers: int
    seconds: int | None
    hours: float
    refs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return its words."""
        return ", ".join(map(str, self.gap.label))


def shown_gaps(
    session: CrmSession, *, states: tuple[str, ...] = ("open", "writing"), most: int = 100
) -> list[ShownGap]:
    """Return the gaps in some states, those that cost most first. Where nobody noted the time of any record of a gap,
    the median of all gaps stands in for it."""
    query = select(GapRecord, Gap).join(Gap, Gap.id == GapRecord.gap_id).where(Gap.volume > 0, Gap.state.in_(states))
    rows: dict[UUID, list[GapRecord]] = defaultdict(list)
    gaps: dict[UUID, Gap] = {}
    for record, gap in session.execute(query.order_by(GapRecord.nearness.desc(), GapRecord.id)):
        rows[gap.id].append(record)
        gaps[gap.id] = gap
    spent = {id_: [each.seconds for each in own if each.seconds is not None] for id_, own in rows.items()}
    medians = [median(each) for each in spent.values() if each]
    usual = median(medians) if medians else USUAL
    found = [
        ShownGap(
            gap=gaps[id_],
            volume=len(own),
            customers=len({each.customer_id for each in own}),
            seconds=round(median(spent[id_])) if spent[id_] else None,
            hours=len(own) * (median(spent[id_]) if spent[id_] else usual) / 3600,
            refs=tuple(each.ref for each in own[:3]),
        )
        for id_, own in rows.items()
        if len({each.customer_id for each in own}) >= FEWEST_CUSTOMERS
    ]
    return sorted(found, key=lambda each: (-each.hours, -each.volume, each.title))[:most]


def shown_pairs(session: CrmSession, most: int = 50) -> list[tuple[AlikePair, Article, Article]]:
    """Return the pairs of articles that are alike, the most alike first."""
    query = select(AlikePair).where(AlikePair.dismissed.is_(False)).order_by(AlikePair.likeness.desc(), AlikePair.id)
    found = []
    for pair in session.scalars(query.limit(most)):
        first, second = session.get(Article, pair.first_id), session.get(Article, pair.second_id)
        if first is not None and second is not None:
            found.append((pair, first, second))
    return found
