"""What ``crmkit doctor`` says of notices: messages that nobody knows of whether they have arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, texts
from crmkit_work.notices.models import NoticeDelivery

_ = texts("crmkit_work")

LOOKED_BACK = timedelta(days=7)


def undelivered(session: CrmSession) -> Sequence[Finding]:
    """Return what was not delivered for sure within the last week, by state."""
    since = session.gate.clock.now() - LOOKED_BACK
    rows = session.execute(
        select(NoticeDelivery.state, func.count(NoticeDelivery.id))
        .where(NoticeDelivery.ended_at >= since, NoticeDelivery.state.in_(("uncertain", "failed", "refused")))
        .group_by(NoticeDelivery.state)
    ).all()
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    if not counts:
        return [Finding(level="ok", code="work.notices", message=_("All notices were delivered."))]
    return [
        Finding(
            level="warning",
            code="work.notices",
            message=_(
                "Within a week {failed} messages of notices were given up, {refused} refused, of {uncertain} nobody "
                "knows."
            ),
            hint=_("Whose they are sees them under Notices, Where I am told what."),
            values={name: counts.get(name, 0) for name in ("failed", "refused", "uncertain")},
        )
    ]


CHECKS = [Check(name="work.notices", title=_("Notices arrive"), run=undelivered)]
