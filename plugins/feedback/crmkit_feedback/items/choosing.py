"""Which policy holds for feedback: how soon somebody has to see to it, and who. Must not know what follows from it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from crmkit_work.api import NoWorkingTime, calendar_for, working_calendar
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, customers_where, texts
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.models import Feedback, LoopPolicy

_ = texts("crmkit_feedback")


def policy_for(session: CrmSession, feedback: Feedback) -> LoopPolicy | None:
    """Return the first active policy that fits, by position and name, or None."""
    policies = session.scalars(
        select(LoopPolicy).where(LoopPolicy.active.is_(True)).order_by(LoopPolicy.position, LoopPolicy.name)
    ).all()
    themes: Collection[str] | None = None
    for each in policies:
        if each.theme and themes is None:
            themes = themes_of(session, feedback)
        if _fits(each, feedback, themes or ()) and _holds(session, each, feedback.customer_id):
            return each
    return None


def themes_of(session: CrmSession, feedback: Feedback) -> list[str]:
    """Return the names of what feedback is about."""
    query = (
        select(Theme.name)
        .join(FeedbackTheme, FeedbackTheme.theme_id == Theme.id)
        .where(FeedbackTheme.feedback_id == feedback.id, FeedbackTheme.state == "on")
    )
    return list(session.scalars(query.order_by(Theme.name)))


def due_for(session: CrmSession, feedback: Feedback, start: datetime, hours: int) -> datetime:
    """Return when so many working hours have gone by since an instant, by the calendar of its customer, its team
    or the usual one; by the clock where none is laid down, or where it is never open."""
    found = calendar_for(session, customer_id=feedback.customer_id, team_id=feedback.team_id)
    if found is not None:
        try:
            return working_calendar(session, found).add(start, timedelta(hours=hours))
        except NoWorkingTime:
            pass
    return start + timedelta(hours=hours)


def _fits(policy: LoopPolicy, feedback: Feedback, themes: Collection[str]) -> bool:
    return (
        (not policy.bands or feedback.band in policy.bands)
        and (not policy.sources or feedback.source in policy.sources)
        and (not policy.touchpoints or feedback.touchpoint in policy.touchpoints)
        and (not policy.theme or policy.theme in themes)
    )


def _holds(session: CrmSession, policy: LoopPolicy, customer_id: UUID | None) -> bool:
    """Say whether the condition of a policy holds, whatever facts its asker may read; not for one that cannot be used,
    nor for nobody."""
    if not policy.condition:
        return True
    if customer_id is None:
        return False
    try:
        if session.guarding.rights.unrestricted:
            return bool(session.scalars(customers_where(session, policy.condition, among=[customer_id])).all())
        with session.crm.session(session.crm.system("which policy holds for feedback")) as reading:
            return bool(reading.scalars(customers_where(reading, policy.condition, among=[customer_id])).all())
    except CrmkitError:
        return False
