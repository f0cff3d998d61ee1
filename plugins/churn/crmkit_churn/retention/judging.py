"""Judging treatments once their days are over: whether the customer had left by then. Must not know what was done."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Refused, operation, texts
from crmkit_churn.retention.models import Treatment
from crmkit_churn.scoring.models import Departure

_ = texts("crmkit_churn")

JOB = "churn.judge_treatments"


@operation("churn.playbook.judge", title=_("Judge treatments"), permission="churn.playbook.manage", hidden=True)
def judge(session: CrmSession) -> int:
    """Write down what became of treatments whose days are over, and return how many. Raises Refused outside system
    scope: both groups are looked at by the same eyes."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    zone = ZoneInfo(session.crm.config.get(session).zone)
    due = session.scalars(
        select(Treatment)
        .where(Treatment.left.is_(None), Treatment.judged_on <= session.today())
        .order_by(Treatment.judged_on, Treatment.id)
        .limit(5000)
    ).all()
    for each in due:
        begun = each.started_at.replace(tzinfo=each.started_at.tzinfo or UTC).astimezone(zone).date()
        query = select(Departure.since).where(
            Departure.customer_id == each.customer_id,
            Departure.since >= begun,
            Departure.since <= each.judged_on,
        )
        each.left_on = session.scalar(query.order_by(Departure.since).limit(1))
        each.left = each.left_on is not None
    return len(due)


def judge_job(session: CrmSession, tick: object = None) -> None:
    """Judge what is due: the job of the night."""
    session.run("churn.playbook.judge", {})


OPERATIONS = [judge]
