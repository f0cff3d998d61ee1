"""Evidence: that a customer needs something, from wherever it was heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, Interaction, NotFound, given, operation, texts
from crmkit_needs.catalogue.events import EvidenceAdded
from crmkit_needs.catalogue.history import problem, survivor_of
from crmkit_needs.catalogue.inputs import EvidenceUpdate, Importance, NewEvidence, Quote
from crmkit_needs.catalogue.models import Evidence, Need

_ = texts("crmkit_needs")

CREATE, UPDATE = "needs.evidence.create", "needs.evidence.update"
SOURCES = {
    "interaction": "interaction",
    "service.case": "case",
    "feedback.feedback": "feedback",
    "feedback.response": "feedback",
    "sales.opportunity": "opportunity",
}
"""Which source a record of which resource is."""
TEXTS = ("verbatim", "body", "subject", "title")
"""Fields of a record in which a customer's words may stand, the first that is there counts."""


@operation("needs.evidence.add", title=_("Add who needs it"), permission=CREATE, effect="create")
def add_evidence(session: CrmSession, need: Need, new: NewEvidence) -> Evidence:
    """Write down that a customer needs something, once for each record it comes from; of a need that was merged it is
    written down where that went. What is there already is changed to what is said now.

    Raises NotFound for a customer whom the actor cannot see.
    """
    need = survivor_of(session, need)
    customer = session.get(Customer, new.customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=new.customer_id)
    known = session.scalars(
        select(Evidence).where(
            Evidence.need_id == need.id,
            Evidence.customer_id == customer.id,
            Evidence.source == new.source,
            Evidence.ref == new.ref,
        )
    ).first()
    evidence = known or Evidence(
        need_id=need.id,
        customer_id=customer.id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        source=new.source,
        ref=new.ref,
        heard_at=session.gate.clock.business_now(),
    )
    evidence.quote = new.quote.strip() or (known.quote if known is not None else None)
    evidence.importance = new.importance
    evidence.satisfaction = new.satisfaction
    evidence.wants_news = new.wants_news
    evidence.promised_on = new.promised_on
    if known is not None:
        return known
    session.add(evidence)
    session.flush()
    session.emit(
        EvidenceAdded(need_id=need.id, evidence_id=evidence.id, customer_id=customer.id, source=evidence.source)
    )
    return evidence


@operation("needs.evidence.from_record", title=_("Add what a record says"), permission=CREATE, effect="create")
def add_from_record(
    session: CrmSession,
    need: Need,
    *,
    record: Annotated[str, Input(title=_("Record"), help=_("As resource:id."), max_length=160, classified="internal")],
    quote: Quote = "",
    importance: Importance = 3,
) -> Evidence:
    """Add evidence from an interaction, a case, feedback, an opportunity or any other record about a customer; without
    a quote it is what the record says, as far as the actor may read it.

    Raises InvalidInput for what names no record about a customer, NotFound for one that the actor cannot see.
    """
    resource, found = _record(session, record)
    customer_id: UUID | None = getattr(found, "customer_id", None)
    if customer_id is None:
        raise problem("record", _("This record is about no customer."))
    interaction_id = found.id if isinstance(found, Interaction) else getattr(found, "interaction_id", None)
    evidence: Evidence = session.run(
        "needs.evidence.add",
        {
            "customer_id": customer_id,
            "quote": quote.strip() or _words(found),
            "importance": importance,
            "source": SOURCES.get(resource, "manual"),
            "ref": record,
        },
        target=need,
    )
    evidence.interaction_id = interaction_id
    return evidence


@operation("needs.evidence.update", title=_("Change who needs it"), permission=UPDATE, effect="update")
def update_evidence(session: CrmSession, evidence: Evidence, changes: EvidenceUpdate) -> Evidence:
    """Change what is known of how a customer needs something."""
    for name, value in given(changes).items():
        setattr(evidence, name, (value.strip() or None) if isinstance(value, str) else value)
    return evidence


@operation("needs.evidence.remove", title=_("Take it back"), permission=UPDATE, effect="delete")
def remove_evidence(session: CrmSession, evidence: Evidence) -> None:
    """Take back that a customer needs something."""
    session.delete(evidence)


def evidence_of(session: CrmSession, need: Need) -> Sequence[Evidence]:
    """Return the evidence for a need that the actor sees, with that of what was merged into it, the newest first."""
    query = select(Evidence).join(Need, Need.id == Evidence.need_id).where(Need.root_id == need.id)
    return session.scalars(query.order_by(Evidence.heard_at.desc(), Evidence.id)).all()


def _record(session: CrmSession, said: str) -> tuple[str, Any]:
    name, _colon, identity = said.rpartition(":")
    resource = session.gate.registry.resources.get(name)
    try:
        key = UUID(identity)
    except ValueError:
        key = None
    if resource is None or key is None:
        raise problem("record", _('"{said}" names no record. Write it as resource:id.'), said=said)
    found = session.get(resource.model, key)
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=said)
    return name, found


def _words(record: Any) -> str:
    for name in TEXTS:
        text = getattr(record, name, None)
        # What the actor may not read comes masked, which is no plain text.
        if type(text) is str and text.strip():
            return text.strip()[:4000]
    return ""


OPERATIONS = [add_evidence, add_from_record, update_evidence, remove_evidence]
