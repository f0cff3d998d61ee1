"""What is said in a case: the customer's messages, the answers, and the notes among colleagues.

Must not know how messages travel: an answer that has to be sent waits, and whoever sends it listens to
``service.case.answered``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import Attachment, CrmSession, Input, Interaction, operation, texts
from crmkit_service.cases.changing import enter, moves_from, put, require_here
from crmkit_service.cases.complaints import acknowledge
from crmkit_service.cases.events import CaseAnswered, CaseMessageReceived
from crmkit_service.cases.history import note, ref_of
from crmkit_service.cases.inputs import (
    Body,
    ByChannel,
    ExternalId,
    Files,
    Flag,
    Instant,
    InteractionId,
    Source,
    Subject,
    problem,
    survivor_of,
)
from crmkit_service.cases.models import Case, CaseMessage, CaseType
from crmkit_service.cases.words import ANSWERED_BY, INTERACTIONS, WAITING

_ = texts("crmkit_service")

SEND = "messaging.send"
"""The operation by which mails leave, where plugin messaging is there."""


@operation("service.case.receive", title=_("The customer wrote"), permission="service.case.receive", effect="update")
def receive(
    session: CrmSession,
    case: Case,
    *,
    body: Body | None = None,
    subject: Subject | None = None,
    interaction_id: InteractionId | None = None,
    channel: ByChannel | None = None,
    source: Source | None = None,
    external_id: ExternalId | None = None,
    at: Instant | None = None,
    automatic: Flag = False,
) -> Case:
    """Add what the customer wrote, and return the case in which it stands: this one; what it was merged into; or, where
    it had been over for longer than its type says, a new one that continues it.

    A case that was waiting is open again, one that was resolved lately is reopened; an ``automatic`` message changes
    no state. What is known by its interaction, or by source and external id, is added once. Raises InvalidInput without
    a text and an interaction, or for an interaction of another customer.
    """
    case = survivor_of(session, case)
    if interaction_id is None and not (body or "").strip():
        raise problem("body", _("Say what the customer wrote."))
    when, by = at or session.gate.clock.business_now(), channel or case.channel
    if interaction_id is None:
        interaction_id = record(
            session, case, by, "in", body=body, subject=subject, at=when, source=source, external_id=external_id
        ).id
    known = _known(session, interaction_id)
    if known is not None:
        return session.get_one(Case, known.case_id)
    try:
        with session.begin_nested():
            return _take(session, case, interaction_id, by, when, subject=subject, automatic=automatic)
    except IntegrityError:
        # Two at once: the other one was first.
        known = _known(session, interaction_id)
        if known is None:
            raise
        return session.get_one(Case, known.case_id)


def _take(
    session: CrmSession,
    case: Case,
    interaction_id: UUID,
    channel: str,
    at: datetime,
    *,
    subject: str | None,
    automatic: bool,
) -> Case:
    from crmkit_service.cases.opening import continue_case

    if automatic:
        add_incoming(session, case, interaction_id, channel, at, automatic=True)
        return case
    if _is_over_for_good(session, case, at):
        return continue_case(session, case, interaction_id, channel, at, subject=subject)
    wake(session, case, add_incoming(session, case, interaction_id, channel, at), at)
    return case


@operation("service.case.reply", title=_("Answer"), permission="service.case.reply", effect="update")
def reply(
    session: CrmSession,
    case: Case,
    *,
    body: Body,
    channel: ByChannel | None = None,
    state: Annotated[
        Literal["open", "waiting_customer", "waiting_third_party", "on_hold", "resolved"] | None,
        Input(title=_("Then"), classified="internal", help=_("The state in which the case is afterwards.")),
    ] = None,
    files: Files = (),
    interaction_id: InteractionId | None = None,
    at: Instant | None = None,
    automatic: Flag = False,
) -> CaseMessage:
    """Answer the customer, and return the message.

    It goes by the channel of the case unless said otherwise: what came by a form is answered by mail. Where mails can
    be sent it waits until that is done; by any other channel it is recorded at once. A case that is new or was reopened
    is open then unless said otherwise; a machine's answer changes no state and is nobody's contact with the customer.

    Raises GoneElsewhere for a merged case, InvalidInput without a text, or for files that are not the customer's;
    MoveRefused and NotResolvable as a change of state does.
    """
    require_here(session, case)
    if not body.strip():
        raise problem("body", _("Write an answer."))
    _check_files(session, case, files)
    when = at or session.gate.clock.business_now()
    by = channel or ANSWERED_BY.get(case.channel, case.channel)
    waits = interaction_id is None and by == "mail" and SEND in session.gate.registry.operations
    message = CaseMessage(
        case_id=case.id,
        customer_id=case.customer_id,
        direction="out",
        channel=by,
        author_id=None if automatic else session.actor.user_id,
        at=when,
        automatic=automatic,
        body=body,
        files=[str(each) for each in files],
        delivery="waiting" if waits else "none",
    )
    if interaction_id is not None:
        message.interaction_id = _of_customer(session, case, interaction_id).id
    elif not waits:
        message.interaction_id = record(session, case, by, "out", body=body, subject=None, at=when).id
    session.add(message)
    session.flush()
    if not automatic:
        case.last_out_at = when
    note(session, case, "auto_message" if automatic else "agent_message", after=by, at=when, message_id=message.id)
    # Whatever tells the customer that a complaint has come in acknowledges it.
    acknowledge(session, case, when)
    if not automatic:
        if state is not None:
            enter(session, case, state, message_id=message.id, at=when)
        elif case.state in ("new", "reopened"):
            enter(session, case, "open", message_id=message.id, at=when)
    session.emit(
        CaseAnswered(
            case_id=case.id,
            customer_id=case.customer_id,
            message_id=message.id,
            interaction_id=message.interaction_id,
            channel=by,
            delivery=message.delivery,
            automatic=automatic,
        )
    )
    return message


@operation("service.case.note", title=_("Add an internal note"), permission="service.case.note", effect="update")
def add_note(session: CrmSession, case: Case, *, body: Body) -> CaseMessage:
    """Add a note that colleagues see and the customer never does. Raises GoneElsewhere for a merged case, InvalidInput
    without a text."""
    require_here(session, case)
    if not body.strip():
        raise problem("body", _("Write a note."))
    now = session.gate.clock.business_now()
    message = CaseMessage(
        case_id=case.id,
        customer_id=case.customer_id,
        direction="internal",
        channel=case.channel,
        author_id=session.actor.user_id,
        at=now,
        body=body,
    )
    session.add(message)
    session.flush()
    note(session, case, "note", at=now, message_id=message.id)
    return message


@operation(
    "service.message.settle",
    title=_("Note what became of an answer"),
    permission="service.case.reply",
    effect="update",
    hidden=True,
)
def settle(
    session: CrmSession,
    message: CaseMessage,
    *,
    delivery: Annotated[Literal["waiting", "sent", "failed"], Input(title=_("Delivery"), classified="internal")],
    interaction_id: InteractionId | None = None,
) -> CaseMessage:
    """Note how far the delivery of an answer is, and as which interaction it was recorded."""
    message.delivery = delivery
    if interaction_id is not None:
        message.interaction_id = interaction_id
    return message


# --- for the rooms of service -----------------------------------------------------------------------------------------


def add_incoming(
    session: CrmSession, case: Case, interaction_id: UUID, channel: str, at: datetime, *, automatic: bool = False
) -> CaseMessage:
    """Add what the customer said to a case; a machine's message is nobody's. Raises InvalidInput for an interaction of
    another customer."""
    interaction = _of_customer(session, case, interaction_id)
    message = CaseMessage(
        case_id=case.id,
        customer_id=case.customer_id,
        interaction_id=interaction.id,
        direction="in",
        channel=channel,
        at=at,
        automatic=automatic,
    )
    session.add(message)
    session.flush()
    if not automatic:
        case.last_in_at = at
        note(session, case, "customer_message", after=channel, at=at, message_id=message.id)
    session.emit(
        CaseMessageReceived(
            case_id=case.id,
            customer_id=case.customer_id,
            message_id=message.id,
            interaction_id=interaction.id,
            channel=channel,
            automatic=automatic,
        )
    )
    return message


def wake(session: CrmSession, case: Case, message: CaseMessage, at: datetime) -> None:
    """Let a case be worked on again because the customer wrote: one that was waiting is open, one that was over is
    reopened."""
    if case.state in WAITING:
        put(session, case, "open", by_customer=True, message_id=message.id, at=at)
    elif case.phase == "resolved" or case.state == "closed":
        put(session, case, "reopened", by_customer=True, message_id=message.id, at=at)


def record(
    session: CrmSession,
    case: Case,
    channel: str,
    direction: str,
    *,
    body: str | None,
    subject: str | None,
    at: datetime,
    source: str | None = None,
    external_id: str | None = None,
) -> Interaction:
    """Record what was said as an interaction of the kind that belongs to a channel."""
    kind, way = INTERACTIONS[channel]
    given: dict[str, Any] = {
        "kind": kind,
        "channel": way,
        "direction": direction,
        "customer_id": case.customer_id,
        "occurred_at": at,
        "subject": subject or case.subject,
        "body": body,
        "thread": ref_of(case),
    }
    if kind == "service.message":
        given["payload"] = {"number": case.number}
    if source is not None and external_id is not None:
        given |= {"source": source, "external_id": external_id}
    found: Interaction = session.run("interaction.record", given)
    return found


@attrs.frozen(kw_only=True)
class Said:
    """A message as people read it: with its text, whether that stands in the message or in its interaction."""

    message: CaseMessage
    subject: Any
    body: Any


def thread_of(session: CrmSession, case: Case, *, public: bool = False) -> list[Said]:
    """Return what was said in a case, the first first; ``public`` leaves out what is internal."""
    query = (
        select(CaseMessage, Interaction)
        .outerjoin(Interaction, Interaction.id == CaseMessage.interaction_id)
        .where(CaseMessage.case_id == case.id)
        .order_by(CaseMessage.at, CaseMessage.id)
    )
    if public:
        query = query.where(CaseMessage.direction != "internal")
    found: list[Said] = []
    for message, interaction in session.execute(query):
        own = message.body
        body = own if own is not None or interaction is None else interaction.body
        found.append(Said(message=message, subject=interaction.subject if interaction is not None else None, body=body))
    return found


def _known(session: CrmSession, interaction_id: UUID) -> CaseMessage | None:
    return session.scalar(select(CaseMessage).where(CaseMessage.interaction_id == interaction_id).limit(1))


def _of_customer(session: CrmSession, case: Case, interaction_id: UUID) -> Interaction:
    found = session.get(Interaction, interaction_id)
    if found is None or found.customer_id != case.customer_id:
        raise problem("interaction_id", _("This is no interaction with the customer of the case."))
    return found


def _check_files(session: CrmSession, case: Case, files: tuple[UUID, ...]) -> None:
    for place, each in enumerate(files):
        found = session.get(Attachment, each)
        if found is None or found.customer_id != case.customer_id:
            raise problem(f"files.{place}", _("This is no file of the customer."))


def _is_over_for_good(session: CrmSession, case: Case, at: datetime) -> bool:
    """Say whether a case has been over for longer than its type lets it be opened again, or cannot be."""
    if case.state not in ("resolved", "closed"):
        return False
    kind = session.get_one(CaseType, case.type_id)
    if "reopened" not in moves_from(kind, case.state):
        return True
    over = case.resolved_at or case.closed_at or case.state_since
    return at - over > timedelta(days=kind.follow_up_days)


OPERATIONS = [receive, reply, add_note, settle]
