"""How a complaint is handled: acknowledged, looked into, decided and made good, in the terms of ISO 10002.

Must not know what a case goes through otherwise.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import attrs
from crmkit_work.api import require_approval
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, Money, UnsetType, given, operation, texts
from crmkit_service.cases.changing import change_severity, require_here
from crmkit_service.cases.complaint_models import REDRESS, ROOT_CAUSES, UPHELD, Complaint
from crmkit_service.cases.errors import NoComplaint
from crmkit_service.cases.events import ComplaintAcknowledged, RedressGranted
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import Instant, OfSeverity, problem
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

UPDATE = "service.complaint.update"
GRANT = "service.complaint.grant"
Cause = Annotated[str, Input(title=_("Root cause"), max_length=60, options=ROOT_CAUSES, classified="internal")]
Upheld = Annotated[Literal["yes", "partly", "no"], Input(title=_("Upheld"), choices=UPHELD, classified="internal")]
Regulator = Annotated[str, Input(title=_("Regulator"), max_length=120, classified="internal")]
Deadline = Annotated[date, Input(title=_("Answer to the regulator by"), classified="internal")]
Finding = Annotated[str, Input(title=_("What was found"), max_length=5000, multiline=True, classified="text")]


@attrs.frozen(kw_only=True)
class ComplaintUpdate:
    """What to note of how a complaint is handled; what is not given stays."""

    severity: OfSeverity | UnsetType | None = UNSET
    root_cause: Cause | UnsetType | None = UNSET
    upheld: Upheld | UnsetType | None = UNSET
    finding: Finding | UnsetType | None = UNSET
    regulator: Regulator | UnsetType | None = UNSET
    regulator_deadline: Deadline | UnsetType | None = UNSET


@operation(UPDATE, title=_("Note how it is handled"), permission=UPDATE, effect="update")
def update_complaint(session: CrmSession, case: Case, changes: ComplaintUpdate) -> Case:
    """Note what was found out about a complaint, and decided. Raises NoComplaint for a case of another kind,
    GoneElsewhere for a merged one, InvalidInput for a cause that is not in the list, once that is closed."""
    complaint = complaint_of(session, case)
    values = given(changes)
    if "severity" in values:
        change_severity(session, case, values.pop("severity"))
    if values.get("root_cause") is not None:
        config = session.crm.config.get(session)
        known = config.options.get(ROOT_CAUSES, {})
        if ROOT_CAUSES in config.required.get("option_list", ()) and values["root_cause"] not in known:
            raise problem("root_cause", _("This is not in the list."), hint=", ".join(known))
    for name, value in values.items():
        before = getattr(complaint, name)
        if before == value:
            continue
        setattr(complaint, name, value)
        # What was found is for those who may read it; that something was found is no secret.
        told = "" if name == "finding" else value
        note(session, case, "complaint", before=name, after=f"{name} {told if told is not None else '–'}".strip())
    return case


@operation(
    "service.complaint.acknowledge", title=_("Note that it was acknowledged"), permission=UPDATE, effect="update"
)
def acknowledge_complaint(session: CrmSession, case: Case, *, at: Instant | None = None) -> Case:
    """Note that the customer was told that a complaint had come in, now unless said otherwise; the first time counts.

    Raises NoComplaint for a case of another kind, GoneElsewhere for a merged one.
    """
    complaint_of(session, case)
    acknowledge(session, case, at or session.gate.clock.business_now())
    return case


@operation(GRANT, title=_("Grant redress"), permission=GRANT, effect="update")
def grant(
    session: CrmSession,
    case: Case,
    *,
    redress: Annotated[
        Literal["apology", "explanation", "repair", "replacement", "refund", "credit", "compensation", "none"],
        Input(title=_("Redress"), choices=REDRESS, classified="internal"),
    ],
    amount_minor: Annotated[
        int | None, Input(title=_("Amount in minor units"), minimum=0, classified="internal")
    ] = None,
    currency: Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")] = None,
) -> Case:
    """Grant a customer who complained something. Nothing is paid by it.

    Where a chain of approval protects it, others have to agree first. Raises Refused then, with the chain; NoComplaint
    for a case of another kind, GoneElsewhere for a merged one, InvalidInput for half an amount.
    """
    complaint = complaint_of(session, case)
    if (amount_minor is None) != (currency is None):
        missing = "currency" if currency is None else "amount_minor"
        raise problem(missing, _("An amount and its currency are given together."))
    if amount_minor is not None and currency is not None:
        Money(amount_minor, currency)
    values = {"redress": redress, "amount_minor": amount_minor, "currency": currency}
    require_approval(session, GRANT, values)
    now = session.gate.clock.business_now()
    complaint.redress, complaint.redress_minor, complaint.redress_currency = redress, amount_minor, currency
    complaint.granted_at = now
    amount = f" {amount_minor} {currency}" if amount_minor is not None else ""
    note(session, case, "complaint", before="redress", after=f"redress {redress}{amount}", at=now)
    session.emit(
        RedressGranted(
            case_id=case.id,
            customer_id=case.customer_id,
            redress=redress,
            amount_minor=amount_minor,
            currency=currency,
        )
    )
    return case


def complaint_of(session: CrmSession, case: Case) -> Complaint:
    """Return how a complaint is handled, begun where it was not. Raises NoComplaint for a case of another kind,
    GoneElsewhere for a merged one."""
    require_here(session, case)
    if case.kind != "complaint":
        raise NoComplaint(
            _("Case {number} is no complaint."), fix=_("Make it one of that type first."), number=case.number
        )
    found = session.scalar(select(Complaint).where(Complaint.case_id == case.id))
    if found is None:
        found = Complaint(case_id=case.id, customer_id=case.customer_id)
        session.add(found)
        session.flush()
    return found


def acknowledge(session: CrmSession, case: Case, at: datetime) -> None:
    """Note when the customer was told that a complaint had come in, where that was not noted before; of any other kind
    of case nothing is noted."""
    if case.kind != "complaint":
        return
    complaint = complaint_of(session, case)
    if complaint.acknowledged_at is None:
        complaint.acknowledged_at = at
        note(session, case, "acknowledged", at=at)
        session.emit(ComplaintAcknowledged(case_id=case.id, customer_id=case.customer_id))


OPERATIONS = [update_complaint, acknowledge_complaint, grant]
