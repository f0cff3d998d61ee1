"""How a lead goes from state to state, and what is noted of that. Must not decide what may be done."""

from __future__ import annotations

from uuid import UUID

from crmkit import CrmSession, texts
from crmkit_sales.leads.errors import LeadRefused
from crmkit_sales.leads.models import Lead, LeadChange
from crmkit_sales.leads.words import CLOSED, STATES

_ = texts("crmkit_sales")


def ref_of(lead: Lead) -> str:
    """Return how others refer to a lead."""
    return f"sales.lead:{lead.id}"


def path_of(lead: Lead) -> str:
    """Return the page of a lead."""
    return f"/modules/sales/lead?id={lead.id}"


def note(
    session: CrmSession,
    lead: Lead,
    cause: str,
    *,
    user_id: UUID | None = None,
    waited_seconds: int | None = None,
    reason: str = "",
) -> None:
    """Note what a lead is from now on, and why."""
    session.add(
        LeadChange(
            lead_id=lead.id,
            customer_id=lead.customer_id,
            since=session.gate.clock.business_now(),
            cause=cause,
            state=lead.state,
            intent=lead.intent,
            ability=lead.ability,
            timing=lead.timing,
            source_id=lead.source_id,
            owner_id=lead.owner_id,
            team_id=lead.team_id,
            user_id=user_id,
            waited_seconds=waited_seconds,
            reason=reason or None,
            actor_id=session.actor.id,
        )
    )


def enter(session: CrmSession, lead: Lead, state: str) -> None:
    """Let a lead be in a state from now on."""
    now = session.gate.clock.business_now()
    lead.state, lead.state_since = state, now
    lead.closed_at = now if state in CLOSED else None


def require(lead: Lead, *states: str) -> None:
    """Return for a lead in one of some states. Raises LeadRefused, which says in which it is."""
    if lead.state not in states:
        raise LeadRefused(
            _("This cannot be done with the lead as it is: {state}."),
            fix=_("It can be done in these states: {states}."),
            state=STATES[lead.state],
            states=", ".join(states),
        )
