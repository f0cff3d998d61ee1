"""What a type of case needs of a case before it is resolved, and what of it is missing. Must not change anything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Problem, texts
from crmkit_service.cases.complaint_models import Complaint
from crmkit_service.cases.models import Case, CaseMessage, CaseType

_ = texts("crmkit_service")

ANSWER = "answer"
REQUIRABLE = {
    ANSWER: _("An answer to the customer"),
    "severity": _("Severity"),
    "intent": _("Intent"),
    "product_id": _("Product"),
    "purchase_id": _("Purchase"),
    "about": _("About"),
    "owner_id": _("Owner"),
    "complaint.root_cause": _("Root cause"),
    "complaint.upheld": _("Upheld"),
    "complaint.redress": _("Redress"),
    "complaint.finding": _("What was found"),
    "complaint.acknowledged_at": _("Acknowledged at"),
}
"""What a type can need, with titles."""


def missing_of(session: CrmSession, case: Case) -> list[Problem]:
    """Return a problem for each thing that a case lacks to be resolved."""
    kind = session.get_one(CaseType, case.type_id)
    complaint: Any = None
    if any(name.startswith("complaint.") for name in kind.required):
        complaint = session.scalar(select(Complaint).where(Complaint.case_id == case.id))
    found: list[Problem] = []
    for name in kind.required:
        if not _has(session, case, complaint, name):
            message = _("Missing: {title}")
            found.append(Problem("SVC102", message, field=name, title=REQUIRABLE.get(name, name)))
    return found


def _has(session: CrmSession, case: Case, complaint: Any, name: str) -> bool:
    if name == ANSWER:
        query = select(CaseMessage.id).where(CaseMessage.case_id == case.id, CaseMessage.direction == "out")
        return session.scalar(query.where(~CaseMessage.automatic).limit(1)) is not None
    if name.startswith("complaint."):
        name = name.partition(".")[2]
        return complaint is not None and getattr(complaint, name) not in (None, "")
    return getattr(case, name, None) not in (None, "")
