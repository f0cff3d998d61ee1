"""Cases as they stand in lists: names in place of ids, how long is left until they are due, what they are waiting for.

Must not change anything, nor know templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen
from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import CrmSession, Customer, User, texts
from crmkit_service.cases.models import Case
from crmkit_service.cases.words import CHANNELS, PHASES, PRIORITIES, STATES, UNFINISHED
from crmkit_service.desk.presence import Present, at_cases
from crmkit_service.desk.views import SOON
from crmkit_service.sla.words import CLOCKS

_ = texts("crmkit_service")

TONES: Mapping[str, str] = {
    "new": "info",
    "open": "accent",
    "reopened": "warn",
    "waiting_customer": "",
    "waiting_third_party": "",
    "on_hold": "",
    "resolved": "good",
    "closed": "",
    "merged": "",
    "spam": "",
}
"""The tones of states."""
PRIORITY_TONES: Mapping[str, str] = {"urgent": "bad", "high": "warn", "normal": "", "low": ""}
CHANNEL_ICONS: Mapping[str, str] = {
    "mail": "mail",
    "form": "clipboard-list",
    "phone": "phone",
    "chat": "message-circle",
    "api": "plug",
    "visit": "map-pin",
    "social": "share",
    "page": "world",
}
_LATE = (
    _("{minutes} min late"),
    _("{hours} h {minutes} min late"),
    _("{hours} h late"),
    _("{days} d {hours} h late"),
)
_LEFT = (_("{minutes} min"), _("{hours} h {minutes} min"), _("{hours} h"), _("{days} d {hours} h"))


@frozen(kw_only=True)
class Due:
    """How long there is until something is due, in words: a tone, a text with its values, the instant, and what is."""

    tone: str
    text: str
    values: Mapping[str, Any] = field(factory=dict[str, Any])
    at: datetime | None = None
    clock: str = ""


@frozen(kw_only=True)
class Row:
    """A case in a list."""

    case: Case
    customer: str
    owner: str
    queue: str
    due: Due | None
    unread: bool
    present: Sequence[Present] = ()


def words() -> dict[str, Any]:
    """Return the words that templates show cases with."""
    return {
        "states": STATES,
        "tones": TONES,
        "priorities": PRIORITIES,
        "priority_tones": PRIORITY_TONES,
        "channels": CHANNELS,
        "channel_icons": CHANNEL_ICONS,
        "phases": PHASES,
    }


def due_of(case: Case, now: datetime) -> Due | None:
    """Return how long there is for a case, None for one that is over or has no deadline."""
    if case.state not in UNFINISHED:
        return None
    clock = CLOCKS.get(case.due_clock or "", "")
    if case.due_at is None:
        return None
    left = case.due_at - now
    text, values = span(abs(left), _LATE if left <= timedelta() else _LEFT)
    tone = "bad" if left <= timedelta() else "warn" if left <= SOON else ""
    return Due(tone=tone, text=text, values=values, at=case.due_at, clock=clock)


def span(length: timedelta, among: Sequence[str] = _LEFT) -> tuple[str, dict[str, int]]:
    """Return a length of time as a text with its values: minutes, hours and minutes, hours, or days and hours."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 60:
        return among[0], {"minutes": minutes}
    if minutes < 24 * 60 and minutes % 60 and minutes < 10 * 60:
        return among[1], {"hours": minutes // 60, "minutes": minutes % 60}
    if minutes < 24 * 60:
        return among[2], {"hours": minutes // 60}
    return among[3], {"days": minutes // 1440, "hours": minutes % 1440 // 60}


def rows_of(session: CrmSession, cases: Sequence[Case]) -> list[Row]:
    """Return cases as they stand in a list, with a fixed number of statements."""
    now = session.gate.clock.business_now()
    customers = customer_names(session, {each.customer_id for each in cases})
    people = user_names(session, {each.owner_id for each in cases})
    queues = queue_titles(session, {each.queue_id for each in cases})
    there = at_cases(session, [each.id for each in cases])
    return [
        Row(
            case=each,
            customer=customers.get(each.customer_id, ""),
            owner=people.get(each.owner_id, "") if each.owner_id else "",
            queue=queues.get(each.queue_id, "") if each.queue_id else "",
            due=due_of(each, now),
            unread=is_unread(each),
            present=there.get(each.id, ()),
        )
        for each in cases
    ]


def is_unread(case: Case) -> bool:
    """Say whether the customer wrote last: then it is for us to say something."""
    if case.state not in UNFINISHED or case.last_in_at is None:
        return False
    return case.last_out_at is None or case.last_out_at < case.last_in_at


def customer_names(session: CrmSession, ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of customers by id, as the reader may see them."""
    found = session.scalars(select(Customer).where(Customer.id.in_(ids))) if ids else ()
    return {each.id: str(each.name) for each in found}


def user_names(session: CrmSession, ids: set[UUID | None]) -> dict[UUID, str]:
    """Return the names of users by id."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in rows}


def queue_titles(session: CrmSession, ids: set[UUID | None]) -> dict[UUID, str]:
    """Return the titles of queues by id."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(Queue.id, Queue.title).where(Queue.id.in_(wanted))) if wanted else ()
    return {row.id: row.title for row in rows}


def may(session: CrmSession, right: str) -> bool:
    """Say whether whoever looks has a right on any record at all."""
    rights: Any = session.guarding.rights
    resource, _dot, action = right.rpartition(".")
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")
