"""The page of care: lists that are under way, what of them is late, and what comes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, Panel, texts
from crmkit.i18n import translate
from crmkit_lifecycle.caring.models import Checklist, ChecklistItem, ListTemplate, Review
from crmkit_lifecycle.caring.words import DONE_BY, ITEM_STATES, REVIEW_STATES, REVIEWS

_ = texts("crmkit_lifecycle")

HOME = "/modules/lifecycle/care"
SHOWN = 50


def care_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the lists that are under way, those of one customer with all items, and the reviews of the next months."""
    customer = _customer(session, query.get("customer", ""))
    wanted = select(Checklist).where(Checklist.state == "open")
    if customer is not None:
        wanted = select(Checklist).where(Checklist.customer_id == customer.id)
    lists = session.scalars(wanted.order_by(Checklist.began_at.desc(), Checklist.id).limit(SHOWN)).all()
    items: dict[UUID, list[ChecklistItem]] = {each.id: [] for each in lists}
    for each in session.scalars(
        select(ChecklistItem)
        .where(ChecklistItem.checklist_id.in_(items))
        .order_by(ChecklistItem.checklist_id, ChecklistItem.position)
    ):
        items[each.checklist_id].append(each)
    reviews = select(Review).where(Review.state == "planned", Review.due_on <= session.today() + timedelta(days=120))
    if customer is not None:
        reviews = select(Review).where(Review.customer_id == customer.id)
    found = session.scalars(reviews.order_by(Review.due_on, Review.id).limit(SHOWN)).all()
    ids = {each.customer_id for each in [*lists, *found]}
    rights = session.guarding.rights
    return {
        "customer": customer,
        "lists": lists,
        "items": items,
        "reviews": found,
        "templates": session.scalars(select(ListTemplate).where(ListTemplate.active).order_by(ListTemplate.name)).all(),
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "kinds": REVIEWS,
        "states": ITEM_STATES,
        "done_by": DONE_BY,
        "review_states": REVIEW_STATES,
        "now": session.gate.clock.now(),
        "today": session.today(),
        "may_update": bool(rights.unrestricted or rights.scope("lifecycle.checklist", "update") != "none"),
        "may_start": bool(rights.unrestricted or rights.scope("lifecycle.checklist", "create") != "none"),
        "may_review": bool(rights.unrestricted or rights.scope("lifecycle.review", "create") != "none"),
        "home": HOME,
        "here": HOME if customer is None else f"{HOME}?customer={customer.id}",
    }


def _customer(session: CrmSession, text: str) -> Customer | None:
    try:
        return session.get(Customer, UUID(text)) if text else None
    except ValueError:
        return None


def late_count(session: CrmSession) -> int:
    """Return how much on lists is late, of those whom whoever reads sees."""
    if session.guarding.rights.user_id is None:
        return 0
    late = select(func.count(ChecklistItem.id)).where(
        ChecklistItem.state == "open", ChecklistItem.due_at < session.gate.clock.now()
    )
    return session.scalar(late) or 0


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return how far onboarding of customers has come, and what comes up."""
    language = session.actor.language or session.business().language
    rows: dict[UUID, list[tuple[str, str]]] = {}
    done = func.count(ChecklistItem.done_at)
    query = (
        select(Checklist.customer_id, Checklist.title, func.count(ChecklistItem.id), done)
        .join(ChecklistItem, ChecklistItem.checklist_id == Checklist.id)
        .where(Checklist.customer_id.in_(customer_ids), Checklist.state == "open")
        .group_by(Checklist.customer_id, Checklist.id, Checklist.title)
        .order_by(Checklist.customer_id, Checklist.title)
    )
    for customer_id, title, count, ready in session.execute(query):
        rows.setdefault(customer_id, []).append((title, f"{ready} / {count}"))
    coming = select(Review).where(Review.customer_id.in_(customer_ids), Review.state == "planned")
    for each in session.scalars(coming.order_by(Review.due_on, Review.id)):
        rows.setdefault(each.customer_id, []).append((translate(REVIEWS[each.kind], language), each.due_on.isoformat()))
    return [
        Panel(customer_id=id, title=_("Care"), rows=found, path=f"{HOME}?customer={id}", link=_("Lists and reviews"))
        for id, found in rows.items()
    ]


PAGES = [
    Page(
        name="lifecycle.care",
        title=_("Onboarding and reviews"),
        path="/care",
        template="lifecycle/caring/care.html",
        context=care_page,
        permission="lifecycle.checklist.read",
        icon="checklist",
        badge=late_count,
        order=62,
    )
]
