"""How often customers come back with the same theme. Must not know what was done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.models import Feedback

AGAIN = timedelta(days=90)


def repeat_rates(
    session: CrmSession, begin: datetime, end: datetime, *, now: datetime | None = None
) -> Mapping[str, Estimate]:
    """Return by the names of themes in which share (0 to 1, Wilson interval) of what customers said about them within a
    half-open span the same customer spoke of the same theme again within 90 days; "" is the share of all together.

    Only what is at least 90 days old counts: the rest may still be said again. What nobody is known to have said does
    not count.
    """
    instant = now or session.gate.clock.business_now()
    following = (
        func.lead(Feedback.received_at, type_=Feedback.received_at.type)
        .over(partition_by=(Feedback.customer_id, FeedbackTheme.theme_id), order_by=(Feedback.received_at, Feedback.id))
        .label("following")
    )
    inner = (
        select(Theme.name.label("name"), Feedback.received_at.label("at"), following)
        .join(FeedbackTheme, FeedbackTheme.feedback_id == Feedback.id)
        .join(Theme, Theme.id == FeedbackTheme.theme_id)
        .where(
            FeedbackTheme.state == "on",
            Feedback.customer_id.is_not(None),
            Feedback.received_at >= begin,
            Feedback.received_at < end + AGAIN,
        )
    ).subquery()
    query = select(inner.c.name, inner.c.at, inner.c.following).where(inner.c.at < end)
    again: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for name, at, later in session.execute(query):
        if at + AGAIN > instant:
            continue
        repeated = later is not None and later <= at + AGAIN
        for key in (name, ""):
            total[key] += 1
            again[key] += repeated
    return {name: wilson(again[name], count) for name, count in total.items()}
