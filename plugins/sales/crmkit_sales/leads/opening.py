"""Adding leads, and changing what is known of them. There is one open lead for a customer: what comes in anew about
somebody goes into it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit_work.api import Wish, assign
from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, User, given, operation, texts
from crmkit.i18n import translate
from crmkit_sales.leads.errors import OpenLeadExists
from crmkit_sales.leads.events import LeadChanged, LeadOpened
from crmkit_sales.leads.history import note, ref_of, require
from crmkit_sales.leads.inputs import LeadUpdate, NewLead, check_amount, check_choice
from crmkit_sales.leads.models import Lead, LeadSource
from crmkit_sales.leads.words import ABILITIES, CLOSED, INTENTS, STATES, TIMINGS
from crmkit_sales.pipelines.numbers import next_number

_ = texts("crmkit_sales")

KNOWN = ("intent", "ability", "timing")
NOTHING = {"intent": "none", "ability": "unknown", "timing": "unknown"}
"""What stands in these fields while nothing is known."""
CHOICES = {"intent": INTENTS, "ability": ABILITIES, "timing": TIMINGS}


@operation("sales.lead.create", title=_("Add a lead"), effect="create")
def create_lead(session: CrmSession, new: NewLead) -> Lead:
    """Add a lead of a customer; out of a queue the assignment engine picks its owner.

    Raises NotFound for a customer, source, user or queue that there is not, OpenLeadExists where the customer has an
    open lead, InvalidInput for half a budget.
    """
    customer = lock_customer(session, new.customer_id)
    known = open_lead_of(session, customer.id)
    if known is not None:
        raise OpenLeadExists(
            _("There is an open lead {number} of this customer."), fix=_("Change that one."), number=known.number
        )
    values = {
        name: getattr(new, name)
        for name in (*KNOWN, "source_id", "campaign", "budget_minor", "currency", "wanted_on", "need")
    }
    return open_lead(session, customer, values, title=new.title, owner_id=new.owner_id, queue=new.queue)


@operation("sales.lead.update", title=_("Change the lead"), effect="update")
def update_lead(session: CrmSession, lead: Lead, changes: LeadUpdate) -> Lead:
    """Change what is known of an open lead. Raises Conflict when it is closed, InvalidInput for half a budget."""
    require(lead, *(state for state in STATES if state not in CLOSED))
    values = given(changes)
    _check(session, values)
    if "title" in values:
        values["title"] = values["title"].strip() or lead.title
    for name, value in values.items():
        setattr(lead, name, value)
    check_amount(lead.budget_minor, lead.currency)
    note(session, lead, "updated")
    session.emit(LeadChanged(lead_id=lead.id, customer_id=lead.customer_id))
    return lead


def lock_customer(session: CrmSession, customer_id: UUID) -> Customer:
    """Return a customer who is there, and let nobody else open a lead of the same one meanwhile. Raises NotFound."""
    customer = session.scalar(select(Customer).where(Customer.id == customer_id).with_for_update())
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def open_lead_of(session: CrmSession, customer_id: UUID) -> Lead | None:
    """Return the open lead of a customer, the oldest where a merge has left several."""
    query = select(Lead).where(Lead.customer_id == customer_id, Lead.state.not_in(CLOSED))
    return session.scalar(query.order_by(Lead.opened_at, Lead.id).limit(1))


def open_lead(
    session: CrmSession,
    customer: Customer,
    values: dict[str, Any],
    *,
    title: str = "",
    owner_id: UUID | None = None,
    team_id: UUID | None = None,
    queue: str = "",
) -> Lead:
    """Add a lead within an operation. Raises as `create_lead`."""
    _check(session, values)
    check_amount(values.get("budget_minor"), values.get("currency"))
    if owner_id is not None:
        user = session.get(User, owner_id)
        if user is None or not user.active:
            raise NotFound(_("There is no active user {id}."), id=owner_id)
    now = session.gate.clock.business_now()
    source = session.get(LeadSource, values["source_id"]) if values.get("source_id") else None
    language = session.crm.config.get(session).language
    usual = source.title if source is not None else translate(_("Lead"), language)
    lead = Lead(
        customer_id=customer.id,
        number=next_number(session, "lead"),
        title=title.strip() or usual,
        state="new",
        state_since=now,
        opened_at=now,
        owner_id=owner_id or (None if queue or team_id else customer.owner_id),
        team_id=team_id or customer.team_id,
        **{**NOTHING, **values},
    )
    session.add(lead)
    session.flush()
    if queue:
        wish = Wish(ref=ref_of(lead), title=lead.title, customer_id=customer.id, queue=queue, purpose="lead")
        found = assign(session, wish)
        lead.owner_id, lead.team_id = found.user_id, found.team_id or lead.team_id
    note(session, lead, "opened")
    session.emit(LeadOpened(lead_id=lead.id, customer_id=customer.id, source_id=lead.source_id))
    return lead


def _check(session: CrmSession, values: dict[str, Any]) -> None:
    for name, choices in CHOICES.items():
        if name in values:
            check_choice(name, values[name], choices)
    if values.get("source_id") is not None and session.get(LeadSource, values["source_id"]) is None:
        raise NotFound(_("There is no source {id}."), id=values["source_id"])


OPERATIONS = [create_lead, update_lead]
