"""Opening cases: by a person, by what came in, and as what continues a case that is over. Must not know channels."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmkit_work.api import Queue, main_team
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, Customer, operation, texts
from crmkit_service.cases.complaint_models import Complaint
from crmkit_service.cases.events import CaseOpened
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import (
    NewCase,
    check_about,
    check_purchase,
    problem,
    queue_named,
    require_case,
    require_customer,
    require_user,
    type_named,
)
from crmkit_service.cases.models import Case, CaseMessage, CaseType
from crmkit_service.cases.numbers import next_number
from crmkit_service.cases.talking import add_incoming, record
from crmkit_service.cases.teams import usual_team

_ = texts("crmkit_service")

COUNTER = "case"


@operation("service.case.create", title=_("Open a case"), effect="create")
def create_case(session: CrmSession, new: NewCase) -> Case:
    """Open a case of a customer, and return it, or the one that was opened for the same external id before.

    Raises NotFound for a customer, type, queue, owner or case that there is not, InvalidInput for an empty subject, an
    external id without its source, a purchase or an interaction of somebody else.
    """
    known = _known(session, new)
    if known is not None:
        return known
    customer = require_customer(session, new.customer_id)
    kind = type_named(session, new.type)
    queue = queue_named(session, new.queue)
    if new.owner_id is not None:
        require_user(session, new.owner_id)
    if not new.subject.strip():
        raise problem("subject", _("This cannot be empty."))
    check_purchase(session, customer.id, new.purchase_id)
    check_about(new.about)
    follows = require_case(session, new.follows_id) if new.follows_id is not None else None
    try:
        with session.begin_nested():
            return _begun(session, new, customer, kind, queue, follows)
    except IntegrityError:
        # Two at once: the other one was first.
        known = _known(session, new)
        if known is None:
            raise
        return known


def _begun(
    session: CrmSession, new: NewCase, customer: Customer, kind: CaseType, queue: Queue | None, follows: Case | None
) -> Case:
    return begin(
        session,
        Case(
            customer_id=customer.id,
            owner_id=new.owner_id,
            team_id=_team(session, new, customer, queue),
            subject=" ".join(new.subject.split()),
            priority=new.priority or kind.default_priority,
            severity=new.severity,
            channel=new.channel,
            queue_id=queue.id if queue is not None else None,
            intent=new.intent,
            language=new.language or customer.language,
            product_id=new.product_id,
            purchase_id=new.purchase_id,
            about=new.about,
            follows_id=follows.id if follows is not None else None,
            source=new.source,
            external_id=new.external_id,
        ),
        kind,
        at=new.opened_at,
        body=new.body,
        interaction_id=new.interaction_id,
    )


def _team(session: CrmSession, new: NewCase, customer: Customer, queue: Queue | None) -> UUID | None:
    """Return the team that was named, or that of the owner, the queue, the customer, or the usual one."""
    owner = main_team(session, new.owner_id) if new.owner_id is not None else None
    of_queue = queue.fallback_team_id if queue is not None else None
    return new.team_id or owner or of_queue or customer.team_id or usual_team(session)


def begin(
    session: CrmSession,
    case: Case,
    kind: CaseType,
    *,
    at: datetime | None = None,
    body: str | None = None,
    interaction_id: UUID | None = None,
) -> Case:
    """Let a case that was filled in begin: with its number, type, first state, history and what the customer said."""
    now = at or session.gate.clock.business_now()
    case.number = next_number(session, COUNTER)
    case.type_id, case.kind = kind.id, kind.kind
    case.state, case.phase, case.state_since, case.opened_at = "new", "open", now, now
    case.reopened, case.breached = 0, False
    session.add(case)
    session.flush()
    if case.kind == "complaint":
        session.add(Complaint(case_id=case.id, customer_id=case.customer_id))
    note(session, case, "opened", after="new", at=now)
    for name, value in (("queue", case.queue_id), ("owner", case.owner_id), ("team", case.team_id)):
        if value is not None:
            note(session, case, name, after=value, at=now)
    session.emit(
        CaseOpened(
            case_id=case.id,
            customer_id=case.customer_id,
            number=case.number,
            kind=case.kind,
            channel=case.channel,
            priority=case.priority,
            follows_id=case.follows_id,
        )
    )
    if interaction_id is None and (body or "").strip():
        interaction_id = record(session, case, case.channel, "in", body=body, subject=None, at=now).id
    if interaction_id is not None:
        add_incoming(session, case, interaction_id, case.channel, now)
    return case


def continue_case(
    session: CrmSession, case: Case, interaction_id: UUID, channel: str, at: datetime, *, subject: str | None = None
) -> Case:
    """Open the case that continues one which is over, with what the customer said in an interaction."""
    kind = session.get_one(CaseType, case.type_id)
    fresh = Case(
        customer_id=case.customer_id,
        team_id=case.team_id,
        subject=" ".join((subject or "").split())[:300] or case.subject,
        priority=kind.default_priority,
        channel=channel,
        queue_id=case.queue_id,
        language=case.language,
        product_id=case.product_id,
        purchase_id=case.purchase_id,
        about=case.about,
        follows_id=case.id,
    )
    begin(session, fresh, kind, at=at, interaction_id=interaction_id)
    note(session, case, "linked", after=f"continued_by {fresh.number}", at=at)
    return fresh


def _known(session: CrmSession, new: NewCase) -> Case | None:
    """Return the case that was opened for the same external id, or the same interaction, before."""
    if new.external_id is not None:
        if new.source is None:
            raise problem("source", _("Source and external id are given together."))
        query = select(Case).where(Case.source == new.source, Case.external_id == new.external_id)
        found = session.scalar(query)
        if found is not None:
            return found
    if new.interaction_id is not None:
        message = session.scalar(select(CaseMessage).where(CaseMessage.interaction_id == new.interaction_id).limit(1))
        if message is not None:
            return session.get_one(Case, message.case_id)
    return None


OPERATIONS = [create_case]
