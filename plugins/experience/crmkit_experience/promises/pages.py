"""The work list of promises: what is due, what reads like one, and what knowledge has beside. Must not change anything;
everything that can be done there is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, User, texts
from crmkit_experience.promises.reading import known_promises, overdue_count, promises, suggestions
from crmkit_experience.promises.ticking import HOME
from crmkit_experience.promises.words import KINDS, OPEN, STATES
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

SHOWN = 100
TONES = {"kept": "good", "broken": "bad"}


def promises_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the promises in a state, of everybody whom the reader sees, of one ``customer``, or with ``mine`` the
    reader's own."""
    rights, now = session.guarding.rights, session.gate.clock.business_now()
    customer = _customer(session, query.get("customer", ""))
    mine = query.get("mine") == "1" and rights.user_id is not None
    state = query.get("state", OPEN)
    if state not in (*STATES, "all"):
        state = OPEN
    who: dict[str, Any] = {
        "owner_id": rights.user_id if mine else None,
        "customer_id": customer.id if customer is not None else None,
    }
    found = promises(session, state="" if state == "all" else state, limit=SHOWN + 1, **who)
    open_ = state == OPEN
    sees = rights.unrestricted or rights.scope("experience.promise_suggestion", "read") != "none"
    suggested = suggestions(session, limit=SHOWN + 1, **who) if open_ and sees else []
    known = known_promises(session, limit=SHOWN + 1, **who) if open_ else []
    every = [*found, *suggested, *known]
    kept = {"customer": customer.id if customer is not None else None, "mine": "1" if mine else None}
    return {
        "customer": customer,
        "promises": found[:SHOWN],
        "suggested": suggested[:SHOWN],
        "known": known[:SHOWN],
        "more": max(len(found), len(suggested), len(known)) > SHOWN,
        "names": _names(session, Customer, {each.customer_id for each in every}),
        "owners": _names(session, User, {each.owner_id for each in every if each.owner_id is not None}),
        "places": {each.id: place for each in found if (place := place_of(session, each.ref))},
        "now": now,
        "soon": now + timedelta(hours=settings_of(session.crm.settings).promise_soon_hours),
        "today": session.today(),
        "state": state,
        "states": STATES,
        "kinds": KINDS,
        "tones": TONES,
        "mine": mine,
        "kept": {name: value for name, value in kept.items() if value is not None},
        "may_note": bool(rights.unrestricted or rights.scope("experience.promise", "create") != "none"),
        "may_change": bool(rights.unrestricted or rights.scope("experience.promise", "update") != "none"),
        "home": HOME,
        "here": f"{HOME}?customer={customer.id}" if customer is not None else f"{HOME}?mine=1" if mine else HOME,
    }


def place_of(session: CrmSession, ref: str | None) -> str:
    """Return the page of the record in which something was promised, empty where it has none."""
    resource, _colon, identity = (ref or "").rpartition(":")
    return f"/records/{resource}/{identity}" if resource in session.gate.registry.resources else ""


def _customer(session: CrmSession, text: str) -> Customer | None:
    try:
        return session.get(Customer, UUID(text)) if text else None
    except ValueError:
        return None


def _names(session: CrmSession, model: Any, ids: set[UUID]) -> Mapping[UUID, str]:
    return {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(ids)))} if ids else {}


PAGES = [
    Page(
        name="experience.promises",
        title=_("Promises"),
        path="/promises",
        template="experience/promises/promises.html",
        context=promises_page,
        permission="experience.promise.read",
        icon="flag",
        badge=overdue_count,
        order=40,
    )
]
