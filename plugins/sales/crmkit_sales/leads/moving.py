"""What becomes of leads: taken up, qualified, put back to marketing, closed, or turned into an opportunity."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from crmkit_work.api import note_load

from crmkit import Conflict, CrmSession, Customer, Input, operation, texts
from crmkit_sales.leads.events import LeadClosed, LeadConverted, LeadQualified
from crmkit_sales.leads.history import enter, note, ref_of, require
from crmkit_sales.leads.inputs import Reason, problem
from crmkit_sales.leads.models import Lead, LeadSource
from crmkit_sales.leads.opening import open_lead_of
from crmkit_sales.leads.words import EARLY
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")

UPDATE = "sales.lead.update"
WITH_SOMEBODY = ("working", "marketing_qualified", "accepted")
BEFORE_OFFER = (*EARLY, "marketing_qualified")


@operation("sales.lead.work", title=_("Begin work"), permission=UPDATE, effect="update")
def work_on(session: CrmSession, lead: Lead) -> Lead:
    """Take a lead up; one that nobody has becomes one's own. Raises LeadRefused for one that is further already."""
    require(lead, "new", "rejected", "recycled")
    if lead.owner_id is None:
        lead.owner_id = session.actor.user_id
    enter(session, lead, "working")
    note(session, lead, "worked")
    return lead


@operation("sales.lead.qualify", title=_("Qualify"), permission=UPDATE, effect="update")
def qualify(session: CrmSession, lead: Lead) -> Lead:
    """Say that a lead is worth a seller's time. Raises LeadRefused for one that is further already."""
    require(lead, *EARLY)
    _qualify(session, lead)
    return lead


@operation("sales.lead.qualify_customer", title=_("Qualify the open lead"), permission=UPDATE, effect="update")
def qualify_customer(session: CrmSession, customer: Customer) -> Lead | None:
    """Qualify the open lead of a customer, where there is one that is not: for rules, such as on a score."""
    lead = open_lead_of(session, customer.id)
    if lead is None or lead.state not in EARLY:
        return None
    _qualify(session, lead)
    return lead


def _qualify(session: CrmSession, lead: Lead) -> None:
    enter(session, lead, "marketing_qualified")
    note(session, lead, "qualified")
    session.emit(LeadQualified(lead_id=lead.id, customer_id=lead.customer_id))


@operation("sales.lead.recycle", title=_("Back to marketing"), permission=UPDATE, effect="update")
def recycle(session: CrmSession, lead: Lead, *, reason: Reason = "") -> Lead:
    """Put a lead back to marketing, to be qualified again later. Raises LeadRefused while it is offered or closed."""
    require(lead, *EARLY, *WITH_SOMEBODY)
    lead.reason = reason.strip() or None
    note_load(session, ref_of(lead), None)
    _close(session, lead, "recycled", reason)
    return lead


@operation("sales.lead.disqualify", title=_("Disqualify"), permission=UPDATE, effect="update")
def disqualify(session: CrmSession, lead: Lead, *, reason: Reason) -> Lead:
    """Close a lead of which nothing comes, and say why. Raises LeadRefused while it is offered or closed, InvalidInput
    without a reason."""
    require(lead, *EARLY, *WITH_SOMEBODY)
    if not reason.strip():
        raise problem("reason", _("Say why."))
    lead.reason = reason.strip()
    note_load(session, ref_of(lead), None)
    _close(session, lead, "disqualified", reason)
    return lead


def _close(session: CrmSession, lead: Lead, state: str, reason: str) -> None:
    enter(session, lead, state)
    note(session, lead, state, reason=reason.strip())
    session.emit(LeadClosed(lead_id=lead.id, customer_id=lead.customer_id, state=state))


@operation("sales.lead.convert", title=_("Convert"), permission="sales.lead.convert", effect="update")
def convert(
    session: CrmSession,
    lead: Lead,
    *,
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")] = "",
    amount_minor: Annotated[int | None, Input(title=_("Amount"), minimum=0, classified="internal")] = None,
    currency: Annotated[str | None, Input(title=_("Currency"), max_length=3, classified="internal")] = None,
    expected_close: Annotated[date | None, Input(title=_("Expected to close on"), classified="internal")] = None,
) -> Opportunity:
    """Make an opportunity of a lead and return it: its title, budget and day are the lead's unless said otherwise.

    The customer stays the same one, and so does everything that is known of them. Needs the right to add opportunities.
    Raises LeadRefused while the lead is offered or closed, Conflict for a customer whom the actor does not see.
    """
    require(lead, *EARLY, *WITH_SOMEBODY)
    customer = session.get(Customer, lead.customer_id)
    if customer is None:
        raise Conflict(_("You may not see the customer of this lead."), fix=_("Accept it first."))
    if amount_minor is None and currency is None:
        amount_minor, currency = lead.budget_minor, lead.currency
    source = session.get(LeadSource, lead.source_id) if lead.source_id is not None else None
    made: Opportunity = session.run(
        "sales.opportunity.create",
        {
            "customer_id": lead.customer_id,
            "title": title.strip() or lead.title,
            "amount_minor": amount_minor,
            "currency": currency,
            "expected_close": expected_close or lead.wanted_on,
            "owner_id": lead.owner_id or session.actor.user_id,
            "source": source.title if source is not None else None,
        },
    )
    session.flush()
    lead.opportunity_id = made.id
    note_load(session, ref_of(lead), None)
    enter(session, lead, "converted")
    note(session, lead, "converted")
    session.emit(LeadConverted(lead_id=lead.id, customer_id=lead.customer_id, opportunity_id=made.id))
    return made


OPERATIONS = [work_on, qualify, qualify_customer, recycle, disqualify, convert]
