"""The pages of leads: those that concern whoever looks, one with its score explained, and the forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, User, texts
from crmkit_sales.leads.display import HOME, offered_to_me, waiting_count
from crmkit_sales.leads.history import path_of
from crmkit_sales.leads.models import Inquiry, Lead, LeadChange, LeadForm, LeadSource
from crmkit_sales.leads.words import (
    ABILITIES,
    CAUSES,
    CLOSED,
    EARLY,
    FIELDS,
    INQUIRY_STATES,
    INTENTS,
    STATES,
    TIMINGS,
    TONES,
)
from crmkit_sales.scoring.reading import explained, labels_of
from crmkit_sales.scoring.words import LABELS, TONES as HEAT

_ = texts("crmkit_sales")

FORMS = "/modules/sales/forms"
ROWS = 50
GROUPS = {
    "mine": _("Mine"),
    "new": _("New, nobody's"),
    "qualified": _("Qualified, to be offered"),
    "offered": _("Offered to sales"),
    "rejected": _("Rejected by sales"),
    "recycled": _("Back to marketing"),
}


def leads(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the leads that wait for an answer of whoever looks, and those of a group."""
    rights = session.guarding.rights
    shown = query.get("show", "")
    group = shown if shown in GROUPS else "mine"
    wanted: dict[str, Any] = {
        "mine": (Lead.owner_id == rights.user_id, Lead.state.not_in((*CLOSED, "offered"))),
        "new": (Lead.owner_id.is_(None), Lead.state == "new"),
        "qualified": (Lead.state == "marketing_qualified",),
        "offered": (Lead.state == "offered",),
        "rejected": (Lead.state == "rejected",),
        "recycled": (Lead.state == "recycled",),
    }
    rows = session.scalars(
        select(Lead).where(*wanted[group]).order_by(Lead.state_since.desc(), Lead.id.desc()).limit(ROWS)
    ).all()
    offered = offered_to_me(session)
    every = [*offered, *rows]
    return {
        "offered": offered,
        "rows": rows,
        "group": group,
        "groups": GROUPS,
        "customers": _names(session, Customer, [each.customer_id for each in every]),
        "owners": _names(session, User, [each.owner_id for each in every]),
        "sources": _sources(session),
        "scores": labels_of(session, [each.customer_id for each in every]),
        "path_of": path_of,
        "may_create": rights.scope("sales.lead", "create") != "none",
        "may_forms": rights.scope("sales.form", "manage") != "none",
        "home": HOME,
        **_words(session),
    }


def lead(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one lead: what is known, its score with where each point comes from, what happened to it, and what can be
    done. Raises NotFound."""
    try:
        found = session.get(Lead, UUID(query.get("id", "")))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such lead."))
    changes = session.scalars(
        select(LeadChange)
        .where(LeadChange.lead_id == found.id)
        .order_by(LeadChange.since.desc(), LeadChange.recorded_at.desc(), LeadChange.id.desc())
    ).all()
    people = [found.owner_id, found.marketer_id, *(each.user_id for each in changes)]
    rights = session.guarding.rights
    return {
        "lead": found,
        "customer": session.get(Customer, found.customer_id),
        "source": _sources(session).get(found.source_id),
        "scores": explained(session, found.customer_id),
        "changes": changes,
        "people": _names(session, User, people),
        "acts": _acts(found, rights),
        "answers": found.state == "offered" and found.owner_id == rights.user_id,
        "now": session.gate.clock.now(),
        "home": HOME,
        "here": path_of(found),
        **_words(session),
    }


def _acts(found: Lead, rights: Any) -> list[tuple[str, str, str, bool]]:
    """Return what can be done with a lead: the operation, its title, a drawing, and whether it is done at a click."""
    may = {action: rights.scope("sales.lead", action) != "none" for action in ("update", "offer", "convert")}
    acts: list[tuple[str, str, str, bool]] = []
    if may["update"] and found.state in ("new", "rejected", "recycled"):
        acts.append(("sales.lead.work", _("Begin work"), "player-play", True))
    if may["update"] and found.state in EARLY:
        acts.append(("sales.lead.qualify", _("Qualify"), "check", True))
    if may["offer"] and found.state in (*EARLY, "marketing_qualified"):
        acts.append(("sales.lead.offer", _("Offer to sales"), "send", False))
    if may["offer"] and found.state == "offered" and found.marketer_id == rights.user_id:
        acts.append(("sales.lead.withdraw", _("Withdraw the offer"), "x", True))
    if found.state in (*EARLY, "marketing_qualified", "accepted"):
        if may["convert"]:
            acts.append(("sales.lead.convert", _("Convert"), "target", False))
        if may["update"]:
            acts.append(("sales.lead.recycle", _("Back to marketing"), "refresh", False))
            acts.append(("sales.lead.disqualify", _("Disqualify"), "circle-x", False))
    if may["update"] and found.is_open:
        acts.append(("sales.lead.update", _("Change"), "pencil", False))
    return acts


def forms(session: CrmSession) -> Mapping[str, Any]:
    """Return the forms, and what came in and is not settled."""
    waiting = session.execute(
        select(Inquiry, LeadForm.title)
        .outerjoin(LeadForm, LeadForm.id == Inquiry.form_id)
        .where(Inquiry.state.in_(("suspect", "failed")))
        .order_by(Inquiry.received_at.desc(), Inquiry.id.desc())
        .limit(ROWS)
    ).all()
    return {
        "forms": session.scalars(select(LeadForm).order_by(LeadForm.name)).all(),
        "sources": _sources(session),
        "waiting": waiting,
        "fields": FIELDS,
        "inquiry_states": INQUIRY_STATES,
        "may_manage": session.guarding.rights.scope("sales.form", "manage") != "none",
        "home": FORMS,
    }


def _names(session: CrmSession, model: Any, ids: Any) -> dict[UUID, str]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(select(model.id, model.name).where(model.id.in_(wanted)))}


def _sources(session: CrmSession) -> dict[UUID | None, str]:
    return {each.id: each.title for each in session.scalars(select(LeadSource))}


def _words(session: CrmSession) -> Mapping[str, Any]:
    return {
        "states": STATES,
        "tones": TONES,
        "intents": INTENTS,
        "abilities": ABILITIES,
        "timings": TIMINGS,
        "causes": CAUSES,
        "labels": LABELS,
        "heat": HEAT,
    }


PAGES = [
    Page(
        name="sales.leads",
        title=_("Leads"),
        path="/leads",
        template="sales/leads/leads.html",
        context=leads,
        permission="sales.lead.read",
        icon="user-plus",
        badge=waiting_count,
        order=20,
    ),
    Page(
        name="sales.lead",
        title=_("Lead"),
        path="/lead",
        template="sales/leads/lead.html",
        context=lead,
        permission="sales.lead.read",
        icon="user-plus",
        menu=False,
    ),
    Page(
        name="sales.forms",
        title=_("Forms"),
        path="/forms",
        template="sales/leads/forms.html",
        context=forms,
        permission="sales.form.manage",
        icon="clipboard-list",
        order=26,
    ),
]
