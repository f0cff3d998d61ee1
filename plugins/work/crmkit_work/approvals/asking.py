"""Asking for approval, and deciding: each vote is written under the version of the request, so that two who decide at
once are heard one after the other.

What is asked for is rehearsed first, and undone: whoever asks is told at once what would stand in the way. Must not
carry anything out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import evolve
from msgspec import json, to_builtins

from crmkit import Conflict, CrmSession, Customer, Input, InvalidInput, NotFound, Problem, Refused, operation, texts
from crmkit_work.approvals.chains import approved, chain_named, steps_of
from crmkit_work.approvals.events import ApprovalDecided, ApprovalEnded, ApprovalRequested
from crmkit_work.approvals.models import Approval, ApprovalEntry
from crmkit_work.approvals.steps import Progress, Vote, current, deciders, fields_of, holds, read, resolved, write
from crmkit_work.calendars.clock import NoWorkingTime
from crmkit_work.calendars.reading import calendar_for, working_calendar
from crmkit_work.notices.telling import NewNotice, notify
from crmkit_work.refs import customer_of

_ = texts("crmkit_work")

REQUEST, DECIDE = "work.approval.request", "work.approval.decide"
RUN, EXPIRE = "work.run_approved", "work.expire_approval"

Reason = Annotated[str, Input(title=_("Why"), max_length=2000, multiline=True)]


class _Rehearsed(Exception):
    """Undoes a rehearsal that went well."""


@operation("work.approval.request", title=_("Ask for approval"), permission=REQUEST)
def request(
    session: CrmSession,
    *,
    chain: Annotated[str, Input(title=_("Chain of approval"), max_length=60, classified="internal")],
    values: Annotated[Mapping[str, Any], Input(title=_("Values of the operation"), max_length=200)],
    target_id: Annotated[UUID | None, Input(title=_("Record"), classified="internal")] = None,
    title: Annotated[str, Input(title=_("Title"), max_length=300, classified="internal")] = "",
    reason: Reason = "",
) -> UUID:
    """Ask others to agree to an operation, which is then run as whoever asks, exactly once; returns the request's id.

    Raises whatever the operation would raise if it were run now, NotFound for a chain that there is not, InvalidInput
    where nobody could decide, Refused for who is no user.
    """
    user_id = _acting(session)
    found = chain_named(session, chain)
    plain: dict[str, Any] = to_builtins(dict(values))
    record = _rehearse(session, found.operation, plain, target_id)
    customer = _customer(session, record, plain)
    now = session.gate.clock.now()
    approval = Approval(
        title=title.strip() or found.title,
        chain_id=found.id,
        operation=found.operation,
        target_id=target_id,
        values=plain,
        fingerprint=fingerprint(session, found.operation, target_id, plain),
        requester_id=user_id,
        customer_id=customer.id if customer is not None else None,
        due_at=_due(session, now, found.expires_minutes),
    )
    needed = not found.condition.strip() or holds(session, found.condition, fields_of(session, found.operation), plain)
    progress = (
        resolved(session, steps_of(found), plain, found.operation, user_id, customer) if needed else list[Progress]()
    )
    approval.progress = write(progress)
    session.add(approval)
    session.flush()
    log(session, approval, "request", reason)
    session.emit(
        ApprovalRequested(
            approval_id=approval.id,
            operation=approval.operation,
            requester_id=user_id,
            customer_id=approval.customer_id,
        )
    )
    if current(progress) < len(progress):
        session.defer(EXPIRE, run_at=approval.due_at, approval_id=str(approval.id))
    else:
        log(session, approval, "skip", "")
    _go_on(session, approval, progress)
    return approval.id


ApprovalId = Annotated[UUID, Input(title=_("Request"), classified="internal")]


@operation("work.approval.approve", title=_("Approve"), permission=DECIDE)
def approve(session: CrmSession, *, approval_id: ApprovalId, reason: Reason = "") -> None:
    """Agree to what is asked, for oneself or in place of somebody who is absent.

    Raises NotFound for a request that is none of one's business, Refused for one of one's own, Conflict where it was
    decided already.
    """
    session.run("work.approval.decide", {"agrees": True, "reason": reason}, target=approval_id)


@operation("work.approval.reject", title=_("Reject"), permission=DECIDE)
def reject(session: CrmSession, *, approval_id: ApprovalId, reason: Reason) -> None:
    """Refuse what is asked, and say why: one refusal ends the request. Raises as approving does, InvalidInput without a
    reason."""
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say why."), field="reason")])
    session.run("work.approval.decide", {"agrees": False, "reason": reason}, target=approval_id)


@operation("work.approval.withdraw", title=_("Withdraw"), permission=REQUEST)
def withdraw(session: CrmSession, *, approval_id: ApprovalId, reason: Reason = "") -> None:
    """Take back what one has asked for. Raises NotFound for what others ask for, Conflict where it is decided."""
    session.run("work.approval.take_back", {"reason": reason}, target=approval_id)


@operation("work.approval.retry", title=_("Try again"), permission=REQUEST)
def retry(session: CrmSession, *, approval_id: ApprovalId) -> None:
    """Have what was approved carried out again, where that failed. Raises NotFound for what others ask for, Conflict
    where it did not fail."""
    session.run("work.approval.begin_again", target=approval_id)


# A request is read by nobody by right, so these find it as their target, and say who they are for themselves.


@operation("work.approval.take_back", title=_("Withdraw"), permission=REQUEST, effect="update", hidden=True)
def take_back(session: CrmSession, approval: Approval, *, reason: Reason = "") -> None:
    """Take a request back. Raises as withdrawing does."""
    _require_own(session, approval)
    if approval.state != "open":
        raise Conflict(_("It is decided already."))
    end(session, approval, "withdrawn", "withdraw", reason)


@operation("work.approval.begin_again", title=_("Try again"), permission=REQUEST, effect="update", hidden=True)
def begin_again(session: CrmSession, approval: Approval) -> None:
    """Have a request carried out again. Raises as trying again does."""
    _require_own(session, approval)
    if approval.state != "failed":
        raise Conflict(_("It has not failed."))
    approval.state, approval.problem, approval.ended_at = "approved", None, None
    log(session, approval, "retry", "")
    session.defer(RUN, approval_id=str(approval.id))


@operation("work.approval.decide", title=_("Decide"), permission=DECIDE, effect="update", hidden=True)
def decide(
    session: CrmSession,
    approval: Approval,
    *,
    agrees: Annotated[bool, Input(title=_("Agrees"), classified="internal")],
    reason: Reason = "",
) -> None:
    """Decide a request. Raises as approving and rejecting do."""
    _decide(session, approval, agrees=agrees, reason=reason)


def _decide(session: CrmSession, approval: Approval, *, agrees: bool, reason: str) -> None:
    user_id = _acting(session)
    progress = read(approval.progress)
    number = current(progress)
    if user_id == approval.requester_id:
        raise Refused(_("Nobody decides about a request of their own."))
    places = deciders(session, progress[number], approval.requester_id) if number < len(progress) else {}
    known = any(user_id in step.asked or user_id in {vote.user_id for vote in step.votes} for step in progress)
    if user_id not in places and not known:
        raise NotFound(_("There is no such record: {id}."), id=approval.id)
    if approval.state != "open" or number == len(progress):
        raise Conflict(_("It is decided already."))
    if user_id not in places:
        raise Conflict(_("This is not yours to decide, or you have decided."))
    vote = Vote(user_id=user_id, for_id=places[user_id], approved=agrees)
    progress[number] = evolve(progress[number], votes=(*progress[number].votes, vote))
    approval.progress = write(progress)
    log(session, approval, "approve" if agrees else "reject", reason, step=number, for_id=vote.for_id)
    if not agrees:
        approval.state = "rejected"
        approval.decided_at = approval.ended_at = session.gate.clock.now()
        tell(session, approval, [approval.requester_id], _("{who} has rejected: {title}"))
    else:
        _go_on(session, approval, progress, before=number)
    session.emit(
        ApprovalDecided(
            approval_id=approval.id,
            operation=approval.operation,
            approved=agrees,
            state=approval.state,
            user_id=user_id,
            customer_id=approval.customer_id,
        )
    )


def _go_on(session: CrmSession, approval: Approval, progress: Sequence[Progress], before: int = -1) -> None:
    """Ask who decides next, or have it carried out where nobody has to."""
    number = current(progress)
    approval.step = number
    if number == len(progress):
        approval.state, approval.decided_at = "approved", session.gate.clock.now()
        session.defer(RUN, approval_id=str(approval.id))
        return
    if number != before:
        asked = list(deciders(session, progress[number], approval.requester_id))
        tell(session, approval, asked, _("Your approval is asked for: {title}"))


def _rehearse(session: CrmSession, name: str, values: Mapping[str, Any], target_id: UUID | None) -> Any:
    """Run an operation and undo it; returns the record that it acts on. Raises what it raises."""
    try:
        with session.gate.savepoint(session), approved(session, name):
            session.run(name, values, target=target_id)
            raise _Rehearsed
    except _Rehearsed:
        pass
    model = session.gate.registry.operation(name).target
    return session.get(model, target_id) if model is not None and target_id is not None else None


def _customer(session: CrmSession, record: Any, values: Mapping[str, Any]) -> Customer | None:
    found = customer_of(record) if record is not None else None
    named = values.get("customer_id")
    if found is None and named is not None:
        try:
            found = UUID(str(named))
        except ValueError:
            return None
    customer: Customer | None = session.get(Customer, found) if found is not None else None
    return customer


def _due(session: CrmSession, now: datetime, minutes: int) -> datetime:
    calendar = calendar_for(session)
    worked = timedelta(minutes=minutes)
    if calendar is None:
        return now + worked
    try:
        return working_calendar(session, calendar).add(now, worked)
    except (NoWorkingTime, OverflowError):
        return now + worked


# --- what deciding and carrying out have in common --------------------------------------------------------------------


def fingerprint(session: CrmSession, name: str, target_id: UUID | None, values: Mapping[str, Any]) -> str:
    """Return a keyed hash of what would be run."""
    text = json.encode([name, str(target_id), values], order="deterministic").decode()
    found: str = session.crm.vault.fingerprint(text)
    return found


def end(session: CrmSession, approval: Approval, state: str, action: str, reason: str = "") -> None:
    """Note that a request is over."""
    approval.state, approval.ended_at = state, session.gate.clock.now()
    log(session, approval, action, reason)
    session.emit(
        ApprovalEnded(
            approval_id=approval.id, operation=approval.operation, state=state, customer_id=approval.customer_id
        )
    )


def log(
    session: CrmSession,
    approval: Approval,
    action: str,
    reason: str,
    *,
    step: int = 0,
    for_id: UUID | None = None,
) -> None:
    """Note what happened to a request."""
    user_id = session.actor.user_id
    session.add(
        ApprovalEntry(
            approval_id=approval.id,
            customer_id=approval.customer_id,
            action=action,
            step=step,
            user_id=user_id,
            for_id=for_id if for_id != user_id else None,
            reason=reason.strip() or None,
            at=session.gate.clock.now(),
        )
    )


def path_of(approval_id: UUID) -> str:
    """Return the page of a request."""
    return f"/modules/work/approval?id={approval_id}"


def tell(session: CrmSession, approval: Approval, users: Sequence[UUID | None], title: str) -> None:
    """Tell users about a request."""
    notify(
        session,
        users,
        NewNotice(
            kind="approval",
            title=title,
            values={"who": session.actor.name or _("Somebody"), "title": approval.title},
            ref=f"work.approval:{approval.id}",
            path=path_of(approval.id),
            customer_id=approval.customer_id,
        ),
    )


def _acting(session: CrmSession) -> UUID:
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user asks for approval or gives it."))
    return user_id


def _require_own(session: CrmSession, approval: Approval) -> None:
    if approval.requester_id is None or approval.requester_id != session.guarding.rights.user_id:
        raise NotFound(_("There is no such record: {id}."), id=approval.id)


OPERATIONS = [request, approve, reject, withdraw, retry, take_back, begin_again, decide]
