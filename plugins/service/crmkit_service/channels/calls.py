"""Notes on telephone calls: somebody has called, or was called; it opens a case or goes into one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

import attrs
from sqlalchemy import select

from crmkit import CrmSession, Input, Interaction, operation, texts
from crmkit_service.cases.changing import enter, require_here
from crmkit_service.cases.history import note, ref_of
from crmkit_service.cases.inputs import Body, CustomerId, Instant, QueueName, Subject, TypeName, case_numbered, problem
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.channels.handling import spent

_ = texts("crmkit_service")

Number = Annotated[int, Input(title=_("Number of the case"), minimum=1, classified="internal")]
CallMinutes = Annotated[float, Input(title=_("Minutes"), minimum=0, maximum=1440, classified="internal")]


@attrs.frozen(kw_only=True)
class Call:
    """A telephone call: with whom, about which case (a new one without its number), what was said, how long it took,
    and whether that solved it. ``at`` (with a zone) is when it began: so long ago as it took, unless said otherwise."""

    customer_id: CustomerId
    body: Body
    number: Number | None = None
    subject: Subject = ""
    direction: Annotated[
        Literal["in", "out"],
        Input(title=_("Who called"), choices={"in": _("The customer"), "out": _("We did")}, classified="internal"),
    ] = "in"
    minutes: CallMinutes = 0
    solved: Annotated[bool, Input(title=_("That solved it"), classified="internal")] = False
    type: TypeName | None = None
    queue: QueueName | None = None
    at: Instant | None = None


@operation("service.call.log", title=_("Note a call"), permission="service.case.create", effect="create")
def log_call(session: CrmSession, call: Call) -> Case:
    """Note a call with a customer, in a case that is open, or in a new one, and return that.

    Somebody spoke with the customer: so it counts as an answer, too. Raises NotFound for a customer or case that there
    is not, InvalidInput for a case of somebody else and a new one without a subject; what changing the state raises.
    """
    case = case_numbered(session, call.number) if call.number is not None else None
    if case is not None:
        require_here(session, case)
        if case.customer_id != call.customer_id:
            raise problem("number", _("This is no case of the customer."))
    elif not call.subject.strip():
        raise problem("subject", _("Say what it is about."))
    now = session.gate.clock.business_now()
    at = call.at or now - timedelta(minutes=call.minutes)
    interaction = _record(session, call, case, at)
    known = session.scalar(select(CaseMessage).where(CaseMessage.interaction_id == interaction.id).limit(1))
    if known is not None:
        return session.get_one(Case, known.case_id)
    if case is None:
        case = _open(session, call, interaction, at)
    elif call.direction == "in":
        case = session.run(
            "service.case.receive", {"interaction_id": interaction.id, "channel": "phone", "at": at}, target=case
        )
    assert case is not None
    _answered(session, case, call, interaction, at)
    if call.minutes:
        spent(session, case, round(call.minutes * 60), "phone", at=at)
    if call.solved:
        session.run("service.case.set_state", {"state": "resolved"}, target=case)
    elif case.state in ("new", "reopened"):
        enter(session, case, "open", at=now)
    return case


def _record(session: CrmSession, call: Call, case: Case | None, at: Any) -> Interaction:
    given: dict[str, Any] = {
        "kind": "call",
        "direction": call.direction,
        "customer_id": call.customer_id,
        "occurred_at": at,
        "subject": call.subject or (case.subject if case is not None else None),
        "body": call.body,
        "duration": round(call.minutes * 60) or None,
        "payload": {"answered": True},
        "thread": ref_of(case) if case is not None else None,
    }
    found: Interaction = session.run("interaction.record", given)
    return found


def _open(session: CrmSession, call: Call, interaction: Interaction, at: Any) -> Case:
    given: dict[str, Any] = {
        "customer_id": call.customer_id,
        "subject": call.subject,
        "channel": "phone",
        "type": call.type,
        "queue": call.queue,
        "owner_id": session.actor.user_id if not call.queue else None,
        "opened_at": at,
        # What we said first is no message of the customer.
        "interaction_id": interaction.id if call.direction == "in" else None,
    }
    found: Case = session.run("service.case.create", given)
    return found


def _answered(session: CrmSession, case: Case, call: Call, interaction: Interaction, at: Any) -> None:
    """Write down that a person has spoken with the customer: when the call ended."""
    until = at + timedelta(minutes=call.minutes)
    if call.direction == "out":
        given = {"body": call.body, "channel": "phone", "interaction_id": interaction.id, "at": until}
        session.run("service.case.reply", given, target=case)
        return
    message = session.scalar(select(CaseMessage.id).where(CaseMessage.interaction_id == interaction.id).limit(1))
    case.last_out_at = until
    note(session, case, "agent_message", after="phone", at=until, message_id=message)


OPERATIONS = [log_call]
