"""The pages of feedback: the inbox, and one piece of feedback with what was said, what happened and what can be done.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from crmkit import CrmSession, Customer, NotFound, Page, Product, Team, User, texts
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.history import events_of, path_of
from crmkit_feedback.items.models import Feedback, FeedbackEvent
from crmkit_feedback.items.scoring import LIMITS
from crmkit_feedback.items.ticking import late
from crmkit_feedback.items.verifying import can_ask
from crmkit_feedback.items.words import BANDS, EVENT_KINDS, MOVES, OPEN, SENTIMENTS, SOURCES, STATES, VERDICTS

_ = texts("crmkit_feedback")

HOME = "/modules/feedback/inbox"
SHOWN = 50
READ = "feedback.feedback.read"
TONES = {"bad": "bad", "middling": "warn", "good": "good", "negative": "bad", "positive": "good", "neutral": ""}
VIEWS = {
    "mine": _("Mine"),
    "nobody": _("Nobody's"),
    "late": _("Late"),
    "open": _("All open"),
    "resolved": _("Waiting for the customer's word"),
    "new": _("Everything"),
}
"""The views of the inbox, in order."""
ACTS = {
    "open": _("Have somebody see to it"),
    "contact": _("Customer was contacted"),
    "resolve": _("Resolved"),
    "ask": _("Ask whether it is solved"),
    "verify": _("It is solved"),
    "verdict_link": _("Make a link for the verdict"),
    "close": _("Close"),
    "reopen": _("Open again"),
    "assign": _("Give to somebody"),
    "move": _("Move"),
    "note": _("Add a note"),
    "update": _("Change what it is about"),
}
"""What can be done with feedback, by the last part of its operation's name."""


def inbox(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the feedback of a view, the first that is due first, and how much there is in each view."""
    user_id = session.guarding.rights.user_id
    view = query.get("view", "")
    view = view if view in VIEWS else "mine" if user_id is not None else "open"
    conditions = {name: _of(session, name, user_id) for name in VIEWS}
    source = query.get("source", "") if query.get("source", "") in SOURCES else ""
    wanted = select(Feedback).where(conditions[view])
    if source:
        wanted = wanted.where(Feedback.source == source)
    if view in ("new", "resolved"):
        wanted = wanted.order_by(Feedback.received_at.desc(), Feedback.id)
    else:
        wanted = wanted.order_by(Feedback.due_at.is_(None), Feedback.due_at, Feedback.received_at, Feedback.id)
    found = session.scalars(wanted.limit(SHOWN + 1)).all()
    items = found[:SHOWN]
    counts = {
        name: session.scalar(select(func.count(Feedback.id)).where(conditions[name])) for name in VIEWS if name != "new"
    }
    return {
        **_words(),
        "items": items,
        "more": len(found) > SHOWN,
        "view": view,
        "views": VIEWS,
        "source": source,
        "counts": counts,
        "names": _names(session, Customer, [each.customer_id for each in items]),
        "owners": _names(session, User, [each.owner_id for each in items]),
        "now": session.gate.clock.business_now(),
        "home": HOME,
        "path_of": path_of,
        "may_create": _may(session, "create"),
    }


def item_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of feedback shows. Raises NotFound."""
    feedback = _feedback(session, query.get("id", ""))
    events = events_of(session, feedback.id)
    customer = session.get(Customer, feedback.customer_id) if feedback.customer_id is not None else None
    people = _names(
        session, User, [feedback.owner_id, *(each.user_id for each in events), *map(_identity, _said(events))]
    )
    return {
        **_words(),
        "feedback": feedback,
        "customer": customer,
        "owner": people.get(feedback.owner_id) if feedback.owner_id is not None else None,
        "team": _names(session, Team, [feedback.team_id]).get(feedback.team_id),
        "product": _names(session, Product, [feedback.product_id]).get(feedback.product_id),
        "limits": LIMITS.get(feedback.metric or ""),
        "events": [(each, _shown(each, people)) for each in events],
        "people": people,
        "themes": (themes := _themes(session, feedback)),
        "other_themes": _other_themes(session, {name for name, _title in themes}) if _may(session, "update") else [],
        "may_label": _may(session, "update"),
        "others": _others(session, feedback),
        "acts": [(name, ACTS[name]) for name in _acts(session, feedback)],
        "is_open": feedback.state in OPEN,
        "late": feedback.loop
        and feedback.state in OPEN
        and feedback.touched_at is None
        and feedback.due_at is not None
        and feedback.due_at < session.gate.clock.business_now(),
        "here": path_of(feedback),
        "home": HOME,
        "path_of": path_of,
    }


def late_count(session: CrmSession) -> int:
    """Return how much feedback of whoever reads is late."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return 0
    return session.scalar(select(func.count(Feedback.id)).where(_of(session, "late", user_id))) or 0


def _of(session: CrmSession, view: str, user_id: UUID | None) -> ColumnElement[bool]:
    """Return the condition of a view."""
    is_open = (Feedback.loop.is_(True)) & Feedback.state.in_(OPEN)
    conditions: dict[str, Any] = {
        "mine": is_open & (Feedback.owner_id == user_id),
        "nobody": is_open & Feedback.owner_id.is_(None),
        "late": late(session.gate.clock.business_now()),
        "open": is_open,
        "resolved": (Feedback.loop.is_(True)) & (Feedback.state == "resolved"),
        "new": Feedback.id.is_not(None),
    }
    found: ColumnElement[bool] = conditions[view]
    return found


def _acts(session: CrmSession, feedback: Feedback) -> list[str]:
    """Return what can be done with feedback as it is, by whoever reads; the first is the next step."""
    if not _may(session, "update"):
        return []
    state = feedback.state
    found: list[str] = []
    if not feedback.loop and state in OPEN:
        found.append("open")
    if state in OPEN:
        found += ["contact"] if feedback.touched_at is None else []
        found += ["resolve"] + (["contact"] if feedback.touched_at is not None else [])
    if state == "resolved":
        found += ["ask"] if can_ask(session, feedback) else []
        found += ["verify"] + (["verdict_link"] if feedback.customer_id is not None else [])
    if "closed" in MOVES[state]:
        found.append("close")
    if state not in OPEN:
        found.append("reopen")
    return [*found, "assign", "move", "note", "update"]


def _feedback(session: CrmSession, text: str) -> Feedback:
    try:
        found = session.get(Feedback, UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such feedback."))
    return found


def _others(session: CrmSession, feedback: Feedback) -> Sequence[Feedback]:
    """Return other feedback of the same customer, the last first."""
    if feedback.customer_id is None:
        return []
    query = select(Feedback).where(Feedback.customer_id == feedback.customer_id, Feedback.id != feedback.id)
    return session.scalars(query.order_by(Feedback.received_at.desc(), Feedback.id).limit(10)).all()


def _other_themes(session: CrmSession, but: Collection[str]) -> list[tuple[str, str]]:
    """Return names and titles of the themes that feedback is not said to be about."""
    query = select(Theme.name, Theme.title).where(Theme.active.is_(True)).order_by(Theme.title, Theme.name)
    return [(name, title) for name, title in session.execute(query) if name not in but]


def _themes(session: CrmSession, feedback: Feedback) -> list[tuple[str, str]]:
    """Return names and titles of the themes that feedback is about."""
    query = (
        select(Theme.name, Theme.title)
        .join(FeedbackTheme, FeedbackTheme.theme_id == Theme.id)
        .where(FeedbackTheme.feedback_id == feedback.id, FeedbackTheme.state == "on")
    )
    return [(name, title) for name, title in session.execute(query.order_by(Theme.title, Theme.name))]


def _shown(event: FeedbackEvent, people: Mapping[UUID | None, Any]) -> str:
    """Return in a word what something that happened led to, to be translated; "" where its kind says it all."""
    after = event.after or ""
    if event.kind == "moved":
        return STATES.get(after, after)
    if event.kind == "received":
        return BANDS.get(after, after)
    if event.kind == "verdict":
        return VERDICTS.get(after, after)
    if event.kind == "assigned":
        return str(people.get(_identity(after), ""))
    return "" if event.kind in ("due", "asked") else after


def _said(events: Sequence[FeedbackEvent]) -> list[str]:
    return [each.after or "" for each in events if each.kind == "assigned"]


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _names(session: CrmSession, model: Any, ids: Collection[UUID | None]) -> dict[UUID | None, Any]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(wanted)))}


def _may(session: CrmSession, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope("feedback.feedback", action) != "none")


def _words() -> dict[str, Any]:
    return {
        "sources": SOURCES,
        "states": STATES,
        "bands": BANDS,
        "sentiments": SENTIMENTS,
        "verdicts": VERDICTS,
        "kinds": EVENT_KINDS,
        "tones": TONES,
    }


PAGES = [
    Page(
        name="feedback.inbox",
        title=_("Feedback inbox"),
        path="/inbox",
        template="feedback/items/inbox.html",
        context=inbox,
        permission=READ,
        icon="message-circle",
        order=10,
        badge=late_count,
    ),
    Page(
        name="feedback.item",
        title=_("Feedback"),
        path="/item",
        template="feedback/items/item.html",
        context=item_page,
        permission=READ,
        menu=False,
    ),
]
