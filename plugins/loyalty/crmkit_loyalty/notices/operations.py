"""Telling members, once for each cause, and saying of what they are told.

Whether a message leaves is decided by plugin messaging, which is reached by the name of its operation: by consent,
quiet hours and caps. Without it nobody is told anything. Must not know why something happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, Input, Refused, operation, texts
from crmkit_loyalty.notices.models import Notice, NoticePolicy
from crmkit_loyalty.notices.words import KINDS
from crmkit_loyalty.notices.writing import message_for
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName
from crmkit_loyalty.programs.models import Program

_ = texts("crmkit_loyalty")

MANAGE, RUN = "loyalty.program.manage", "loyalty.ledger.run"
TELL = "loyalty.notice.tell"
SEND = "messaging.send"
DAYS = (30, 7)
Kind = Literal["earned", "released", "expiring", "tier", "redemption", "referral", "challenge"]


@operation("loyalty.notice_policy.set", title=_("Say what members are told"), permission=MANAGE, effect="update")
def set_policy(
    session: CrmSession,
    *,
    program: ProgramName = "",
    kinds: Annotated[
        tuple[Kind, ...], Input(title=_("Told of"), choices=KINDS, max_length=10, classified="internal")
    ] = ("released", "expiring", "tier", "redemption", "referral", "challenge"),
    days: Annotated[
        tuple[int, ...],
        Input(
            title=_("Days before points expire"),
            help=_("Such as 30 and 7: members are told once at each."),
            max_length=5,
            classified="internal",
        ),
    ] = DAYS,
    purpose: Annotated[
        str, Input(title=_("Purpose"), max_length=60, options="consent_purpose", classified="internal")
    ] = "service",
    templates: Annotated[
        Mapping[str, str],
        Input(
            title=_("Templates"),
            help=_("Names of templates of messaging by what is told; without one there is a text that is built in."),
            classified="internal",
        ),
    ] = {},
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] = True,
) -> NoticePolicy:
    """Say what members of a programme are told from now on. Raises InvalidInput for days that cannot be, a purpose that
    there is not, or a template for something that is not told of, NotFound."""
    found = program_named(session, program)
    if any(not 1 <= each <= 365 for each in days):
        raise problem("days", _("Say days from 1 to 365."))
    unknown = sorted(set(templates) - set(KINDS))
    if unknown:
        raise problem("templates", _('"{name}" is not told of.'), name=unknown[0])
    if purpose not in session.crm.config.get(session).options.get("consent_purpose", {}):
        raise problem("purpose", _("There is no such purpose."))
    policy = policy_of(session, found.id) or NoticePolicy(program_id=found.id)
    policy.kinds, policy.days = sorted(set(kinds)), sorted(set(days), reverse=True)
    policy.purpose, policy.templates, policy.active = purpose, dict(templates), active
    session.add(policy)
    return policy


@operation(TELL, title=_("Tell a member"), permission=RUN, hidden=True)
def tell(
    session: CrmSession,
    *,
    program_id: Annotated[UUID, Input(classified="internal")],
    customer_id: CustomerId,
    kind: Annotated[Kind, Input(classified="internal")],
    cause: Annotated[str, Input(max_length=160, classified="internal")],
    values: Annotated[Mapping[str, Any], Input(classified="internal")],
) -> Notice | None:
    """Tell a member of something, once for its cause; None where nobody is told of it, or was told before. Raises
    Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policy = policy_of(session, program_id)
    if not tells(session, policy, kind) or policy is None:
        return None
    known = select(Notice.id).where(Notice.customer_id == customer_id, Notice.cause == cause)
    customer = session.get(Customer, customer_id)
    if customer is None or session.scalars(known).first() is not None:
        return None
    program = session.get_one(Program, program_id)
    state, reason = _send(session, policy, customer, kind, cause, {"program": program.title, **values})
    made = Notice(
        program_id=program_id,
        customer_id=customer.id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        kind=kind,
        cause=cause,
        state=state,
        reason=reason,
        told_at=session.gate.clock.business_now(),
    )
    session.add(made)
    session.flush()
    return made


def _send(
    session: CrmSession, policy: NoticePolicy, customer: Customer, kind: str, cause: str, values: Mapping[str, Any]
) -> tuple[str, str | None]:
    message = {
        "customer_id": customer.id,
        "purpose": policy.purpose,
        # A notice waits for the end of quiet hours, and nobody answers a machine.
        "automatic": True,
        "key": f"loyalty {cause}",
        "ref": f"customer:{customer.id}",
        **message_for(session, customer, kind, values, policy.templates.get(kind)),
    }
    try:
        sent = session.run(SEND, message)
    except CrmkitError as error:
        return "failed", error.render()[:200]
    return ("refused", sent.reason) if sent.state == "refused" else ("sent", None)


def tells(session: CrmSession, policy: NoticePolicy | None, kind: str) -> bool:
    """Say whether members are told of something, and by whom they could be."""
    return policy is not None and policy.active and kind in policy.kinds and SEND in session.gate.registry.operations


def policy_of(session: CrmSession, program_id: UUID) -> NoticePolicy | None:
    """Return what members of a programme are told, None where nothing was said: then they are told nothing."""
    return session.scalars(select(NoticePolicy).where(NoticePolicy.program_id == program_id)).first()


OPERATIONS = [set_policy, tell]
