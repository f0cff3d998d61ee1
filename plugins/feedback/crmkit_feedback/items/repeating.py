"""How often customers come back with the same theme: the one definition, for the loop, for themes and improvements.

Must not know what was done about it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from attrs import frozen
from sqlalchemy import or_, select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.words import OPEN

AGAIN = timedelta(days=90)
"""Within this after it was over the same theme is the same thing again."""


@frozen(kw_only=True)
class Repeat:
    """That a customer spoke of a theme (its name), and whether the same customer did ``again``."""

    feedback_id: UUID
    theme: str
    again: bool


def repeats(
    session: CrmSession, begin: datetime, end: datetime, *, now: datetime | None = None, source: str = ""
) -> Iterator[Repeat]:
    """Return of what customers said about themes within a half-open span, of one source or all, whether the same
    customer spoke of the same theme again within 90 days.

    These count from the solution for what is resolved, from when it was said for all else. Praise (a good score) is
    neither repeated nor a repetition. Only what has 90 days behind it is returned: the rest may still be said again.
    What nobody is known to have said is left out.
    """
    instant = now or session.gate.clock.business_now()
    query = (
        select(
            Feedback.customer_id,
            FeedbackTheme.theme_id,
            Theme.name,
            Feedback.id,
            Feedback.received_at,
            Feedback.resolved_at,
            Feedback.state,
            Feedback.source,
        )
        .join(FeedbackTheme, FeedbackTheme.feedback_id == Feedback.id)
        .join(Theme, Theme.id == FeedbackTheme.theme_id)
        .where(
            FeedbackTheme.state == "on",
            Feedback.customer_id.is_not(None),
            or_(Feedback.band.is_(None), Feedback.band != "good"),
            Feedback.received_at >= begin,
            Feedback.received_at <= instant,
        )
        .order_by(Feedback.customer_id, FeedbackTheme.theme_id, Feedback.received_at, Feedback.id)
    )
    for _key, rows in groupby(session.execute(query), key=lambda row: (row[0], row[1])):
        same = list(rows)
        times = [each.received_at for each in same]
        for each in same:
            if each.received_at >= end or (source and each.source != source):
                continue
            over = each.received_at
            if each.state not in OPEN and each.resolved_at is not None:
                over = max(over, each.resolved_at)
            if over + AGAIN > instant:
                continue
            following = bisect_right(times, over)
            again = following < len(times) and times[following] <= over + AGAIN
            yield Repeat(feedback_id=each.id, theme=each.name, again=again)


def repeat_rates(
    session: CrmSession, begin: datetime, end: datetime, *, now: datetime | None = None
) -> Mapping[str, Estimate]:
    """Return by the names of themes the share of what came again (0 to 1, Wilson interval) of what `repeats` tells of;
    "" is that of all feedback, each counted once."""
    again: Counter[str] = Counter()
    total: Counter[str] = Counter()
    whole: dict[UUID, bool] = defaultdict(bool)
    for each in repeats(session, begin, end, now=now):
        total[each.theme] += 1
        again[each.theme] += each.again
        whole[each.feedback_id] |= each.again
    rates = {name: wilson(again[name], count) for name, count in total.items()}
    if whole:
        rates[""] = wilson(sum(whole.values()), len(whole))
    return rates
