"""The page of pools, the panel of a customer who is in one, and entries of the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Page, Panel, TimelineEntry, User, texts
from crmkit_sales.pool.models import Holding, HoldingMove, Pool
from crmkit_sales.pool.reading import SHOWN, customers_in, pools_of
from crmkit_sales.pool.words import MOVES, STATES

_ = texts("crmkit_sales")

HOME = "/modules/sales/pool"


def pool_page(session: CrmSession) -> Mapping[str, Any]:
    """Return the pools of whoever looks: what is free, and what is one's own and until when."""
    shown = pools_of(session)
    rights = session.guarding.rights
    return {
        "pools": shown,
        "customers": customers_in(session, shown),
        "states": STATES,
        "most": SHOWN,
        "home": HOME,
        "may_claim": rights.user_id is not None and rights.scope("sales.holding", "claim") != "none",
        "may_assign": rights.scope("sales.holding", "assign") != "none",
        "may_add": rights.scope("sales.pool", "create") != "none",
    }


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return which pool each customer is in, and whose it is there."""
    query = (
        select(Holding.customer_id, Holding.state, Pool.title, User.name, Holding.since)
        .join(Pool, Pool.id == Holding.pool_id)
        .outerjoin(User, User.id == Holding.owner_id)
        .where(Holding.customer_id.in_(customer_ids))
        .order_by(Holding.id)
    )
    panels: list[Panel] = []
    for customer_id, state, title, name, since in session.execute(query):
        rows = [(_("Pool"), title), (_("State"), STATES[state])]
        if name is not None:
            rows.append((_("Held by"), name))
        rows.append((_("Since"), since))
        panels.append(Panel(customer_id=customer_id, title=_("Public pool"), rows=rows, path=HOME, link=_("The pool")))
    return panels


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return what happened to customers in pools within the half-open span."""
    query = select(HoldingMove).where(HoldingMove.customer_id.in_(customer_ids))
    if since is not None:
        query = query.where(HoldingMove.at >= since)
    if until is not None:
        query = query.where(HoldingMove.at < until)
    found = session.scalars(query.order_by(HoldingMove.at, HoldingMove.id)).all()
    users = {each.user_id for each in found if each.user_id is not None}
    names = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(users)))} if users else {}
    return [
        TimelineEntry(
            customer_id=each.customer_id,
            occurred_at=each.at,
            kind=f"sales.pool.{each.what}",
            title=MOVES[each.what],
            summary=names.get(each.user_id, "") if each.user_id is not None else "",
        )
        for each in found
        if each.what != "entered"
    ]


PAGES = [
    Page(
        name="sales.pool",
        title=_("Public pool"),
        path="/pool",
        template="sales/pool/pool.html",
        context=pool_page,
        permission="sales.holding.read",
        icon="users",
        order=40,
    )
]
