"""What came of visits in a period, and which articles spared cases. Must not change anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.settings import settings_of
from crmkit_knowledge.suggesting.drawing import Deflection, Visited, deflection_of
from crmkit_knowledge.suggesting.models import HelpSession


@frozen(kw_only=True)
class Helped:
    """An article: in how many visits it was opened, and how many of those ended without a case."""

    article: Article
    viewed: int
    without_case: int


def window_of(session: CrmSession) -> timedelta:
    """Return how long after a visit began a case counts."""
    return timedelta(hours=settings_of(session.crm.settings).deflection_hours)


def visits_of(session: CrmSession, first: date, last: date, zone: Any) -> list[HelpSession]:
    """Return the visits of some days, both included, in the order of time."""
    place = ZoneInfo(zone) if isinstance(zone, str) else zone
    query = select(HelpSession).order_by(HelpSession.started_at, HelpSession.id)
    begins = datetime(first.year, first.month, first.day, tzinfo=place)
    ends = datetime(last.year, last.month, last.day, tzinfo=place) + timedelta(days=1)
    return list(session.scalars(query.where(HelpSession.started_at >= begins, HelpSession.started_at < ends)))


def visited(visit: HelpSession) -> Visited:
    """Return what came of a visit."""
    return Visited(
        arm=visit.arm,
        started_at=visit.started_at,
        viewed=bool(visit.articles),
        answered=visit.answered,
        case_at=visit.sent_at if visit.case_ref is not None else None,
    )


def deflection(session: CrmSession, visits: Iterable[HelpSession]) -> Deflection:
    """Return what came of visits by now."""
    return deflection_of(map(visited, visits), session.gate.clock.business_now(), window_of(session))


def helped(session: CrmSession, visits: Iterable[HelpSession], most: int = 20) -> list[Helped]:
    """Return the articles that were opened most in visits that are over, as far as the reader sees them."""
    now, window = session.gate.clock.business_now(), window_of(session)
    viewed: Counter[UUID] = Counter()
    without: Counter[UUID] = Counter()
    for visit in visits:
        what = visited(visit)
        if what.over(now, window):
            for each in map(UUID, visit.articles):
                viewed[each] += 1
                without[each] += not what.opened(window)
    found = session.scalars(select(Article).where(Article.id.in_(list(viewed))))
    rows = [Helped(article=each, viewed=viewed[each.id], without_case=without[each.id]) for each in found]
    return sorted(rows, key=lambda each: (-each.without_case, -each.viewed, each.article.number))[:most]
