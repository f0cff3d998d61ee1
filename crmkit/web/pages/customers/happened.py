"""What happened with a customer, filtered and page by page, with who recorded it and what came of it.

Must not know the rest of a customer's page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.interactions.timeline import Cursor, TimelineItem, timeline
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, NotFound, PluginError
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.listing import fragment
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get

_ = texts("crmkit")

SIZE = 15
"""Entries of a page."""
_ROUNDS = 12
"""Most parts that are looked through for a page of what few entries are."""
OUTCOMES: Mapping[str, str] = {
    "reached": _("Reached"),
    "no_answer": _("No answer"),
    "voicemail": _("Left a message"),
    "busy": _("Busy"),
    "call_back": _("Wants a call back"),
    "wrong_number": _("Wrong number"),
}
"""What comes of a call, as chips."""
SIGNS: Mapping[str, str] = {
    "call": "phone", "email": "mail", "sms": "message", "chat": "message-circle", "social": "speakerphone",
    "visit": "map-pin", "meeting": "users", "web": "world", "usage": "device-mobile", "purchase": "shopping-cart",
    "refund": "receipt-refund", "note": "note",
}  # fmt: skip
_DIRECTIONS = ("in", "out", "internal")


@frozen(kw_only=True)
class Asked:
    """Which entries are meant. ``first`` and ``last`` are calendar days in the company's zone."""

    kind: str = ""
    channel: str = ""
    direction: str = ""
    plugin: str = ""
    first: date | None = None
    last: date | None = None
    before: Cursor | None = None

    @property
    def any(self) -> bool:
        """Say whether something narrows the entries."""
        return bool(self.kind or self.channel or self.direction or self.plugin or self.first or self.last)


@frozen(kw_only=True)
class Beside:
    """What is told of an interaction beside what its entry has: who recorded it, what came of it, how long it took."""

    by: str = ""
    outcome: str = ""
    minutes: int | None = None


@frozen(kw_only=True)
class Part:
    """Some entries, what is told beside them by their reference, and where the next part begins."""

    entries: Sequence[TimelineItem]
    beside: Mapping[str, Beside]
    next: Cursor | None
    failed: Mapping[str, PluginError]


@get("/customers/{id}/timeline", right="customer.read")
def show(call: PageCall, id: UUID) -> Response:
    """Show a part of what happened, as it is filtered."""
    with call.session() as session:
        if session.get(Customer, id) is None:
            raise NotFound(_("There is no customer {id}."), id=id)
        asked = asked_of(call)
        part = read(session, id, asked, call.business.zone)
        template = "customers/_entries.html" if asked.before is not None else "customers/_timeline.html"
        if not call.by_htmx:
            return call.redirect(f"/customers/{id}")
        return fragment(call, template, part=part, asked=asked, customer_id=id, **words(call))


def words(call: PageCall) -> dict[str, Any]:
    """Return the kinds, channels and outcomes with their titles, for templates."""
    registry = call.crm.registry
    return {
        "kinds": {name: kind.title for name, kind in registry.interaction_kinds.items()},
        "channels": {name: channel.title for name, channel in registry.tables["channel"].items()},
        "directions": {"in": _("From the customer"), "out": _("To the customer"), "internal": _("Among us")},
        "OUTCOMES": OUTCOMES,
        "ENTRY_SIGNS": SIGNS,
    }


def asked_of(call: PageCall) -> Asked:
    """Return which entries a request asks for. Raises InvalidInput for a place that is none."""
    before = call.value("before")
    direction = call.value("direction")
    return Asked(
        kind=call.value("kind")[:60],
        channel=call.value("channel")[:30],
        direction=direction if direction in _DIRECTIONS else "",
        plugin=call.value("plugin")[:60],
        first=_day(call.value("first")),
        last=_day(call.value("last")),
        before=Cursor.decode(before) if before else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def start_of(day: date, zone: str) -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def read(session: CrmSession, customer_id: UUID, asked: Asked, zone: str) -> Part:
    """Return a page of the entries that are meant."""
    since = start_of(asked.first, zone) if asked.first is not None else None
    place = asked.before
    if asked.last is not None:
        end = Cursor(start_of(asked.last + timedelta(days=1), zone), 0, str(UUID(int=0)))
        place = end if place is None or place > end else place
    found: list[TimelineItem] = []
    failed: dict[str, PluginError] = {}
    for _round in range(_ROUNDS):
        page = timeline(
            session,
            customer_id,
            limit=SIZE if not (asked.direction or asked.plugin) else 100,
            before=place,
            kinds=(asked.kind,) if asked.kind else None,
            channels=(asked.channel,) if asked.channel else None,
        )
        failed.update(page.failed_plugins)
        found += [item for item in page.entries if _fits(item, asked, since)]
        place = page.next
        over = since is not None and bool(page.entries) and page.entries[-1].occurred_at < since
        if over:
            place = None
        if place is None or len(found) >= SIZE:
            break
    if len(found) > SIZE:
        place = found[SIZE - 1].place
        found = found[:SIZE]
    return Part(entries=found, beside=beside(session, found), next=place, failed=failed)


def _fits(item: TimelineItem, asked: Asked, since: datetime | None) -> bool:
    return (
        (not asked.direction or item.direction == asked.direction)
        and (not asked.plugin or (item.plugin or "crmkit") == asked.plugin)
        and (since is None or item.occurred_at >= since)
    )


def beside(session: CrmSession, entries: Sequence[TimelineItem]) -> dict[str, Beside]:
    """Return what is told beside entries, by their references."""
    refs = {
        identity: item.ref
        for item in entries
        if item.ref is not None
        and item.ref.startswith("interaction:")
        and (identity := parse_id(item.ref.partition(":")[2])) is not None
    }
    if not refs:
        return {}
    columns = (Interaction.id, Interaction.actor_id, Interaction.outcome, Interaction.duration)
    rows = session.execute(select(*columns).where(Interaction.id.in_(list(refs)))).all()
    names = names_of_actors(session, [row.actor_id for row in rows])
    return {
        refs[row.id]: Beside(
            by=names.get(row.actor_id, ""),
            outcome=row.outcome or "",
            minutes=None if row.duration is None else max(1, round(row.duration / 60)),
        )
        for row in rows
    }


def checked_kind(call: PageCall, kind: str) -> str:
    """Return a kind of interaction that staff records by hand. Raises InvalidInput for another one."""
    if kind not in ("call", "visit", "meeting", "email", "note", "sms", "chat"):
        raise InvalidInput(_("There is no such kind of interaction."))
    return kind


ROUTES = [show]
