"""The pages of hand-offs: those of whoever looks, and each with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, NotFound, Page, Panel, texts
from crmkit_work.handoffs.models import Handoff, HandoffStep
from crmkit_work.handoffs.reading import sides_of, titles_of, waiting_count
from crmkit_work.handoffs.sides import receivers
from crmkit_work.handoffs.words import ACTIONS, HANDED, OPEN, STATES, WAITING
from crmkit_work.notices.reading import names_of, path_of as page_of
from crmkit_work.refs import kind_of
from crmkit_work.tasks.people import names_of as names_of_users

_ = texts("crmkit_work")

HOME = "/modules/work/handoffs"
TONES = {"offered": "info", "accepted": "good", "declined": "bad", "returned": "warn", "expired": "bad", "done": "good"}


def handoffs(session: CrmSession) -> Mapping[str, Any]:
    """Return the hand-offs of whoever looks."""
    found = sides_of(session)
    every = [*found.waiting, *found.mine, *found.made]
    rights = session.guarding.rights
    return {
        "sides": found,
        "names": titles_of(session, every),
        "customers": names_of(session, [each.customer_id for each in every if each.customer_id is not None]),
        "states": STATES,
        "tones": TONES,
        "home": HOME,
        "may_offer": rights.scope("work.handoff", "create") != "none",
    }


def handoff(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one hand-off with everything that happened to it, and what can be done with it. Raises NotFound."""
    try:
        found = session.get(Handoff, UUID(query.get("id", "")))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such hand-off."))
    steps = session.scalars(
        select(HandoffStep).where(HandoffStep.handoff_id == found.id).order_by(HandoffStep.at, HandoffStep.id)
    ).all()
    user_id = session.guarding.rights.user_id
    waits = found.state in WAITING
    acts: list[str] = []
    if waits and user_id is not None and user_id in receivers(session, found):
        acts += ["accept", "decline"]
    if found.state == "accepted" and found.owner_id == user_id:
        acts += ["finish", "return"]
    if waits and found.from_user_id == user_id:
        acts.append("withdraw")
    customers = names_of(session, [found.customer_id] if found.customer_id is not None else [])
    return {
        "handoff": found,
        "steps": steps,
        "names": titles_of(session, [found]) | names_of_users(session, [each.user_id for each in steps]),
        "customer": customers.get(found.customer_id) if found.customer_id is not None else None,
        "about": kind_of(session, found.ref) if found.ref else None,
        "about_path": page_of(session, None, found.ref) if found.ref else "",
        "acts": acts,
        "states": STATES,
        "tones": TONES,
        "actions": ACTIONS,
        "handed": HANDED,
        "home": HOME,
        "here": f"/modules/work/handoff?id={found.id}",
    }


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return how many hand-offs about customers are not over."""
    query = (
        select(Handoff.customer_id, Handoff.state, func.count(Handoff.id))
        .where(Handoff.customer_id.in_(customer_ids), Handoff.state.in_(OPEN))
        .group_by(Handoff.customer_id, Handoff.state)
        .order_by(Handoff.customer_id, Handoff.state)
    )
    counts: dict[UUID, list[tuple[str, str]]] = {}
    for customer_id, state, number in session.execute(query):
        counts.setdefault(customer_id, []).append((STATES[state], str(number)))
    return [
        Panel(customer_id=each, title=_("Hand-offs"), rows=rows, path=HOME, link=_("All hand-offs"))
        for each, rows in counts.items()
    ]


PAGES = [
    Page(
        name="work.handoffs",
        title=_("Hand-offs"),
        path="/handoffs",
        template="work/handoffs/handoffs.html",
        context=handoffs,
        permission="work.handoff.read",
        icon="share",
        badge=waiting_count,
        order=30,
    ),
    Page(
        name="work.handoff",
        title=_("Hand-off"),
        path="/handoff",
        template="work/handoffs/handoff.html",
        context=handoff,
        permission="work.handoff.read",
        icon="share",
        menu=False,
    ),
]
