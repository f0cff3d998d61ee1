"""The next step of an opportunity: said with it, and made a task of its owner's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit_work.api import NewTask, create_task
from sqlalchemy import or_, select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_sales.pipelines.inputs import require_open
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.stages import OPEN_KIND

_ = texts("crmkit_sales")

SOURCE = "sales"
DUE_AT = time(17)
"""When on its day a next step is due, by the company's clocks."""


@operation(
    "sales.opportunity.plan",
    title=_("Plan the next step"),
    permission="sales.opportunity.update",
    effect="update",
)
def plan_opportunity(
    session: CrmSession,
    opportunity: Opportunity,
    *,
    what: Annotated[str, Input(title=_("What"), max_length=200, classified="internal")],
    on: Annotated[date, Input(title=_("On"), classified="internal")],
) -> UUID:
    """Say what is to be done next and on which day, and make it a task of the opportunity's owner; returns the task's
    id.

    Raises Conflict for an opportunity that is closed, InvalidInput for a day that has passed or nothing to do.
    """
    require_open(opportunity)
    words = " ".join(what.split())
    if not words:
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="what")])
    if on < session.today():
        raise InvalidInput([Problem(InvalidInput.code, _("This day has passed."), field="on")])
    opportunity.next_step, opportunity.next_step_on = words, on
    task = create_task(
        session,
        NewTask(
            title=words,
            customer_id=opportunity.customer_id,
            due_at=_moment(session, on),
            owner_id=opportunity.owner_id,
            ref=f"sales.opportunity:{opportunity.id}",
            source=SOURCE,
        ),
    )
    found: UUID = task.id
    return found


def unplanned(session: CrmSession, *, limit: int, owner_id: UUID | None = None) -> Sequence[Opportunity]:
    """Return open opportunities without a next step, or with one whose day has passed, those that close first at the
    top; of an owner, or all that the actor sees."""
    query = (
        select(Opportunity)
        .where(Opportunity.stage_kind == OPEN_KIND)
        .where(
            or_(
                Opportunity.next_step_on < session.today(),
                Opportunity.next_step_on.is_(None) & Opportunity.next_step.is_(None),
            )
        )
    )
    if owner_id is not None:
        query = query.where(Opportunity.owner_id == owner_id)
    ordered = query.order_by(Opportunity.expected_close.asc().nulls_last(), Opportunity.id)
    return session.scalars(ordered.limit(limit)).all()


def _moment(session: CrmSession, day: date) -> datetime:
    zone = ZoneInfo(session.gate.crm.config.get(session).zone)
    return datetime.combine(day, DUE_AT, zone).astimezone(UTC)


OPERATIONS = [plan_opportunity]
