"""Which opportunities rot: longer in their stage than it says, with nothing heard of the customer in that time.

The fact ``sales.rotting_count`` says the same of all customers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Interaction
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Stage

DAY = timedelta(days=1)


def days_rotting(session: CrmSession, opportunities: Sequence[Opportunity]) -> Mapping[UUID, int]:
    """Return for those that rot how many days nothing has happened, by their ids."""
    limits = _limits(session, opportunities)
    watched = [each for each in opportunities if each.is_open and limits.get(each.stage_id) is not None]
    now = session.gate.clock.business_now()
    due = [each for each in watched if now - each.stage_since >= limits[each.stage_id] * DAY]
    heard = _heard(session, {each.customer_id for each in due}, now)
    found: dict[UUID, int] = {}
    for each in due:
        silent = (now - max(each.stage_since, heard.get(each.customer_id, each.stage_since))) // DAY
        if silent >= limits[each.stage_id]:
            found[each.id] = silent
    return found


def _limits(session: CrmSession, opportunities: Sequence[Opportunity]) -> Mapping[UUID, int]:
    ids = {each.stage_id for each in opportunities}
    query = select(Stage.id, Stage.rot_days).where(Stage.id.in_(ids), Stage.rot_days.is_not(None))
    return {id_: int(days) for id_, days in session.execute(query)}


def _heard(session: CrmSession, customers: set[UUID], now: datetime) -> Mapping[UUID, datetime]:
    query = (
        select(Interaction.customer_id, func.max(Interaction.occurred_at))
        .where(Interaction.customer_id.in_(customers), Interaction.occurred_at <= now)
        .group_by(Interaction.customer_id)
    )
    return {customer_id: at for customer_id, at in session.execute(query) if customer_id is not None}
