"""The page on which the public board is set up: its policy, what stands on it, and who could not be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Customer, Page, texts
from crmkit_needs.board.models import COUNTINGS
from crmkit_needs.board.operations import SEND, counts_of, policy_of
from crmkit_needs.catalogue.history import path_of
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import STATES
from crmkit_needs.desk.pages import may

_ = texts("crmkit_needs")

SHOWN = 100


def board_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return how the board is set up, the needs on it, and those who want news and were not told; of customers those
    whom the reader sees."""
    policy = policy_of(session)
    counts = counts_of(session, policy.counting)
    shown = session.scalars(select(Need).where(Need.on_board, Need.merged_into_id.is_(None))).all()
    return {
        "policy": policy,
        "countings": COUNTINGS,
        "counts": counts,
        "needs": sorted(shown, key=lambda each: (-counts.get(each.id, 0), each.number)),
        "waiting": _waiting(session),
        "sends": SEND in session.gate.registry.operations,
        "states": STATES,
        "path_of": path_of,
        "may_manage": may(session, "needs.board", "manage"),
        "may_tell": may(session, "needs.need", "update"),
        "here": "/modules/needs/board",
    }


def _waiting(session: CrmSession) -> list[tuple[Need, list[Customer]]]:
    """Return for needs of which something is said who wants news of it and was not told of its state."""
    root = aliased(Need)
    query = (
        select(root, Customer)
        .select_from(Evidence)
        .join(Need, Need.id == Evidence.need_id)
        .join(root, root.id == Need.root_id)
        .join(Customer, Customer.id == Evidence.customer_id)
        .where(
            root.public_text.is_not(None),
            root.state != "new",
            Evidence.wants_news,
            or_(Evidence.told_state.is_(None), Evidence.told_state != root.state),
        )
        .order_by(root.number.desc(), Customer.id)
        .limit(SHOWN)
    )
    found: dict[Any, tuple[Need, dict[Any, Customer]]] = {}
    for need, customer in session.execute(query):
        found.setdefault(need.id, (need, {}))[1][customer.id] = customer
    return [(need, list(customers.values())) for need, customers in found.values()]


PAGES = [
    Page(
        name="needs.board",
        title=_("Public board"),
        path="/board",
        template="needs/desk/board.html",
        context=board_page,
        permission="needs.board.read",
        icon="layout-kanban",
        order=77,
    )
]
