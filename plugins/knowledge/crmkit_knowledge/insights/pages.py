"""The page of insights: promises that are open, insights that expire soon, and everything about one customer.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, User, texts
from crmkit_knowledge.insights.display import HOME
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.reading import SOON, expiring, holding, of_customer, open_promises, overdue_count
from crmkit_knowledge.insights.topics import titles_of
from crmkit_knowledge.insights.words import CURRENT, KINDS, LEVEL_TITLES, PROMISE, SOURCES, STATES, WHYS, level_of

_ = texts("crmkit_knowledge")

SHOWN = 100
TONES = {CURRENT: "good", "kept": "good", "broken": "bad", "expired": "warn"}
KIND_TONES = {"constraint": "warn", PROMISE: "accent", "preference": "info"}


def insights_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the open promises and what expires soon, of everybody whom the reader sees, or with ``customer`` all that
    is and was known of one; with ``mine`` the reader's own promises alone."""
    customer = _customer(session, query.get("customer", ""))
    rights = session.guarding.rights
    mine = query.get("mine") == "1" and rights.user_id is not None
    known: Sequence[Insight] = []
    before: Sequence[Insight] = []
    promises: Sequence[Insight] = []
    ending: Sequence[Insight] = []
    if customer is not None:
        known = holding(session, [customer.id], SHOWN)
        shown = {each.id for each in known}
        before = [each for each in of_customer(session, customer.id, 2 * SHOWN) if each.id not in shown][:SHOWN]
    else:
        promises = open_promises(session, SHOWN + 1, owner_id=rights.user_id if mine else None)
        ending = expiring(session, SHOWN + 1)
    every = [*known, *before, *promises, *ending]
    return {
        "customer": customer,
        "known": known,
        "before": before,
        "promises": promises[:SHOWN],
        "ending": ending[:SHOWN],
        "more": max(len(promises), len(ending)) > SHOWN,
        "mine": mine,
        "soon": SOON,
        "names": _names(session, Customer, {each.customer_id for each in every}),
        "owners": _names(session, User, {each.owner_id for each in every if each.owner_id is not None}),
        "topics": titles_of(session),
        "origins": {each.id: path for each in every if (path := origin_of(session, each.ref))},
        "levels": {each.id: LEVEL_TITLES[level_of(each.confidence)] for each in every},
        "kinds": KINDS,
        "sources": SOURCES,
        "states": STATES,
        "whys": WHYS,
        "tones": TONES,
        "kind_tones": KIND_TONES,
        "promise": PROMISE,
        "today": session.today(),
        "may_note": bool(rights.unrestricted or rights.scope("knowledge.insight", "create") != "none"),
        "may_change": bool(rights.unrestricted or rights.scope("knowledge.insight", "update") != "none"),
        "home": HOME,
        "here": f"{HOME}?customer={customer.id}" if customer is not None else f"{HOME}?mine=1" if mine else HOME,
    }


def origin_of(session: CrmSession, ref: str | None) -> str:
    """Return the page of the record that an insight comes from, empty where it has none."""
    resource, _colon, identity = (ref or "").rpartition(":")
    if resource == "customer":
        return f"/customers/{identity}"
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
        name="knowledge.insights",
        title=_("Insights and promises"),
        path="/insights",
        template="knowledge/insights/insights.html",
        context=insights_page,
        permission="knowledge.insight.read",
        icon="bulb",
        badge=overdue_count,
        order=66,
    )
]
