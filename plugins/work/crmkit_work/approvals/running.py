"""Carrying out what was approved: as whoever asked, with the rights that they have now, exactly once.

The operation and the note that it was run are one transaction; so it may be begun again after a crash, and is run once.
Must not decide anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from crmkit import CRM, Actor, Conflict, CrmkitError, CrmSession, Input, Model, NotFound, Refused, operation, texts
from crmkit.errors import StoreError
from crmkit_work.approvals.asking import REQUEST, end, fingerprint, tell
from crmkit_work.approvals.chains import approved
from crmkit_work.approvals.models import Approval
from crmkit_work.approvals.steps import current, deciders, read

_ = texts("crmkit_work")

ApprovalId = Annotated[UUID, Input(title=_("Request"), classified="internal")]


def run_approved(crm: CRM, actor: Actor, *, approval_id: str) -> None:
    """Carry out a request that was approved: the job."""
    identity = UUID(approval_id)
    with crm.session(actor) as session:
        approval = session.get(Approval, identity)
        if approval is None or approval.state != "approved" or approval.requester_id is None:
            return
        requester, values = Actor.user(approval.requester_id), dict(approval.values)
    try:
        crm.run(requester, "work.approval.carry_out", {"values": values}, target=identity)
    except StoreError:
        raise
    except CrmkitError as error:
        given = {"approval_id": identity, "code": error.code, "problem": error.render("en")[:1000]}
        crm.run(actor, "work.approval.fail", given)


@operation("work.approval.carry_out", title=_("Carry out"), permission=REQUEST, hidden=True)
def carry_out(
    session: CrmSession,
    approval: Approval,
    *,
    values: Annotated[Mapping[str, Any], Input(title=_("Values of the operation"), max_length=200)],
) -> None:
    """Run what was approved, as whoever asked for it, and note that it was. Raises NotFound for what others asked for,
    Conflict where it is not approved or was run, Refused for values that nobody has agreed to, and what the operation
    raises."""
    if approval.requester_id is None or approval.requester_id != session.guarding.rights.user_id:
        raise NotFound(_("There is no such record: {id}."), id=approval.id)
    if approval.state != "approved":
        raise Conflict(_("It is not approved, or was carried out."))
    if approval.fingerprint != fingerprint(session, approval.operation, approval.target_id, values):
        raise Refused(_("Nobody has agreed to these values."))
    with approved(session, approval.operation):
        result = session.run(approval.operation, values, target=approval.target_id)
    approval.result = _ref(session, result) or _ref(session, None, approval)
    end(session, approval, "run", "run")
    # Whoever asked is the one who acts here, and wants to hear of it all the same.
    session.run(
        "work.notice.add",
        {
            "user_ids": [approval.requester_id],
            "kind": "approval",
            "title": str(DONE),
            "domain": "crmkit_work",
            "details": {"title": approval.title},
            "ref": f"work.approval:{approval.id}",
            "path": f"/modules/work/approval?id={approval.id}",
            "customer_id": approval.customer_id,
        },
    )


DONE = _("Approved and carried out: {title}")


def _ref(session: CrmSession, result: Any, approval: Approval | None = None) -> str | None:
    registry = session.gate.registry
    if isinstance(result, Model):
        name = registry.resource_name(type(result).__tablename__)
        return f"{name}:{getattr(result, 'id', '')}"[:300]
    if approval is not None and approval.target_id is not None:
        model = registry.operation(approval.operation).target
        if model is not None:
            return f"{registry.resource_name(model.__tablename__)}:{approval.target_id}"[:300]
    return None


@operation("work.approval.fail", title=_("Could not be carried out"), permission=REQUEST, hidden=True)
def fail(
    session: CrmSession,
    *,
    approval_id: ApprovalId,
    code: Annotated[str, Input(title=_("Code"), max_length=10, classified="internal")],
    problem: Annotated[str, Input(title=_("Problem"), max_length=1000)],
) -> None:
    """Note that what was approved could not be carried out, unless it was meanwhile. Raises Refused outside system
    scope."""
    approval = _settling(session, approval_id)
    if approval is None or approval.state != "approved":
        return
    approval.problem, approval.result = problem, code
    end(session, approval, "failed", "fail", code)
    tell(session, approval, [approval.requester_id], _("Approved, and could not be carried out: {title}"))


def expire_due(session: CrmSession, approval_id: str) -> None:
    """Let the time of a request run out: the job."""
    session.run("work.approval.expire", {"approval_id": approval_id})


@operation("work.approval.expire", title=_("Not decided in time"), permission=REQUEST, hidden=True)
def expire(session: CrmSession, *, approval_id: ApprovalId) -> None:
    """Note that nobody has decided in time, and tell both sides. Raises Refused outside system scope."""
    approval = _settling(session, approval_id)
    if approval is None or approval.state != "open" or session.gate.clock.now() < approval.due_at:
        return
    progress = read(approval.progress)
    number = current(progress)
    asked = list(deciders(session, progress[number], approval.requester_id)) if number < len(progress) else []
    end(session, approval, "expired", "expire")
    tell(session, approval, [approval.requester_id, *asked], _("Not decided in time: {title}"))


def _settling(session: CrmSession, approval_id: UUID) -> Approval | None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    found: Approval | None = session.get(Approval, approval_id, with_for_update=True)
    return found


OPERATIONS = [carry_out, fail, expire]
