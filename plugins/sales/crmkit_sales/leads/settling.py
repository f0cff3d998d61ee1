"""Whose an inquiry is, and what comes of it: a customer, consents with their proof, an entry in the timeline, a lead.

In system scope, or for an actor who sees all customers. Must not know how it came in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Customer, InvalidInput, consents_of, customers_known_by, texts
from crmkit.errors import AlreadyExists
from crmkit.i18n import translate
from crmkit_sales.leads.history import note
from crmkit_sales.leads.models import Inquiry, Lead, LeadForm, LeadSource
from crmkit_sales.leads.opening import NOTHING, lock_customer, open_lead, open_lead_of

_ = texts("crmkit_sales")

KIND = "sales.inquiry"
"""The kind of interaction that an inquiry is."""
FILLED = ("job_title", "city", "country")
"""What a new customer gets from the first inquiry."""

Said = Mapping[str, Any]


def settle(session: CrmSession, inquiry: Inquiry) -> Lead:
    """Settle an inquiry and return the lead that it went into. Raises InvalidInput for somebody who cannot be added,
    NotFound for a queue that there is not."""
    said: Said = dict(inquiry.answers or {})
    form = session.get(LeadForm, inquiry.form_id) if inquiry.form_id is not None else None
    customer, added = _whose(session, said, form)
    customer = lock_customer(session, customer.id)
    if added:
        _fill(session, customer, said)
    _consent(session, customer, inquiry, said)
    _record(session, customer, inquiry, said, form)
    lead = _lead(session, customer, said, form)
    inquiry.customer_id, inquiry.lead_id = customer.id, lead.id
    # What was said stands in the timeline now, sealed for the customer.
    inquiry.state, inquiry.answers = "settled", None
    return lead


def _whose(session: CrmSession, said: Said, form: LeadForm | None) -> tuple[Customer, bool]:
    """Return the customer whom something is about, and whether it was added: who has the e-mail address; without one
    who has the number, with one whoever has the number and the name."""
    email, phone, name = (str(said.get(field, "")).strip() for field in ("email", "phone", "name"))
    if email:
        known = customers_known_by(session, "email", email)
        if known:
            return session.get_one(Customer, known[0]), False
    if phone:
        for customer_id in customers_known_by(session, "phone", phone):
            customer = session.get_one(Customer, customer_id)
            if not email or (name and str(customer.name).casefold() == name.casefold()):
                return customer, False
    kind, value = ("email", email) if email else ("phone", phone)
    source = _source(session, said, form)
    made: Customer = session.run(
        "customer.from_contact",
        {"kind": kind, "value": value, "name": name or None, "source": source.name if source is not None else None},
    )
    return made, True


def _fill(session: CrmSession, customer: Customer, said: Said) -> None:
    """Say of a customer who was just added what is known besides. What cannot be kept does not keep the rest away."""
    values: dict[str, Any] = {name: said[name] for name in FILLED if said.get(name)}
    if said.get("company"):
        values["organization"] = said["company"]
    if said.get("email") and said.get("phone"):
        values["phone"] = said["phone"]
    if said.get("language"):
        values["language"] = said["language"]
    for name, value in values.items():
        with contextlib.suppress(InvalidInput, AlreadyExists), session.begin_nested():
            session.run("customer.update", {name: value}, target=customer)


def _consent(session: CrmSession, customer: Customer, inquiry: Inquiry, said: Said) -> None:
    """Record what was allowed, with its proof. What the customer has withdrawn stays so: anybody can type an address
    into a form."""
    now = session.gate.clock.business_now()
    states = consents_of(session, [customer.id], now)[customer.id].states
    withdrawn = {each.purpose for each in states if not each.granted}
    proof = (
        str(said.get("evidence") or "")
        or f"{inquiry.way} {inquiry.external_source} {inquiry.external_id or inquiry.id}"
    )
    for purpose in said.get("consents") or ():
        if purpose not in withdrawn:
            entry = {"purpose": purpose, "source": f"inquiry:{inquiry.external_source}"[:120], "evidence": proof}
            session.run("consent.record", {**entry, "occurred_at": inquiry.received_at}, target=customer)


def _record(session: CrmSession, customer: Customer, inquiry: Inquiry, said: Said, form: LeadForm | None) -> None:
    hidden = ("consents", "evidence", "external_source", "external_id", "queue", "title", "need")
    answers = {name: value for name, value in said.items() if name not in hidden and value not in ("", None)}
    title = form.title if form is not None else str(said.get("title") or "")
    session.run(
        "interaction.record",
        {
            "kind": KIND,
            "customer_id": customer.id,
            "occurred_at": inquiry.received_at,
            "source": KIND,
            "external_id": str(inquiry.id),
            "subject": title or None,
            "body": said.get("need") or None,
            "payload": {"way": inquiry.way, "form": form.name if form is not None else "", "answers": answers},
        },
    )


def _lead(session: CrmSession, customer: Customer, said: Said, form: LeadForm | None) -> Lead:
    values = {name: said[name] for name in ("intent", "ability", "timing", "budget_minor", "currency") if name in said}
    values["need"] = said.get("need") or None
    values["campaign"] = said.get("campaign") or (form.campaign if form is not None else None)
    source = _source(session, said, form)
    values["source_id"] = source.id if source is not None else None
    known = open_lead_of(session, customer.id)
    if known is not None:
        _add_to(session, known, values)
        return known
    title = str(said.get("title") or "") or (form.title if form is not None else "")
    if not title and source is None:
        title = translate(_("Inquiry"), session.crm.config.get(session).language)
    return open_lead(
        session,
        customer,
        values,
        title=title,
        owner_id=form.owner_id if form is not None else None,
        team_id=form.team_id if form is not None else None,
        queue=(form.queue if form is not None else "") or str(said.get("queue") or ""),
    )


def _add_to(session: CrmSession, lead: Lead, values: Mapping[str, Any]) -> None:
    """Put into an open lead what is not known of it yet; a need is added to the one that is there."""
    for name, value in values.items():
        empty = getattr(lead, name) in (None, NOTHING.get(name))
        if name == "need":
            if value:
                lead.need = value if lead.need is None else f"{lead.need}\n\n{value}"[:5000]
        elif value not in (None, NOTHING.get(name)) and empty:
            setattr(lead, name, value)
    if (lead.budget_minor is None) != (lead.currency is None):
        lead.budget_minor = lead.currency = None
    note(session, lead, "captured")


def _source(session: CrmSession, said: Said, form: LeadForm | None) -> LeadSource | None:
    if said.get("source"):
        return session.scalar(select(LeadSource).where(LeadSource.name == said["source"]))
    return session.get(LeadSource, form.source_id) if form is not None and form.source_id is not None else None
