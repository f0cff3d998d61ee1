"""The timeline of a customer: what happened, newest first, page by page, with what plugins add.

Order is by occurrence, so what is recorded late stands in its place. A page is found by the place where the last one
ended, never by counting rows. Must not write.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from crmkit.core.business.money import Money
from crmkit.core.interactions.lookups import chunks
from crmkit.core.interactions.members import Member, members_of
from crmkit.core.interactions.models import Interaction, Product, PurchaseLine
from crmkit.core.interactions.visibility import visible_to
from crmkit.errors import InvalidInput, PluginError, Problem
from crmkit.hooks.contributions import TimelineEntry
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

LIMIT = 500
"""Most entries of one page."""
SUMMARY = 200
"""Most characters of a summary."""
CONTACT_KINDS = ("call", "email", "sms", "chat", "social", "visit", "meeting")
"""What counts as contact with a customer: two people dealt with each other. Purchases, use and notes do not."""
_KERNEL = 0
_PLUGIN = 1


class Cursor(NamedTuple):
    """The place of an entry in a timeline: its instant (UTC), then what orders entries of one instant."""

    occurred_at: datetime
    rank: int
    tie: str

    def encode(self) -> str:
        """Return the cursor as text that neither an address nor a shell reads in its own way."""
        text = f"{self.occurred_at.isoformat()}|{self.rank}|{self.tie}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Return the cursor that a text stands for. Raises InvalidInput."""
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            instant, _first, rest = plain.partition("|")
            rank, _second, tie = rest.partition("|")
            place = cls(datetime.fromisoformat(instant), int(rank), tie)
            if place.occurred_at.tzinfo is None or (place.rank == _KERNEL and not UUID(tie)):
                raise ValueError(text)
        except ValueError:
            problem = Problem("CK500", _("This is not a place in a timeline."), field="before", value=text)
            raise InvalidInput([problem]) from None
        return place


@frozen(kw_only=True)
class TimelineItem:
    """One entry of a timeline. ``amount`` is negative on a reversal; ``reversed`` marks what was reversed later,
    ``reverses_id`` what this reverses. ``plugin`` names who contributed it, None for an interaction."""

    place: Cursor
    occurred_at: datetime
    kind: str
    title: str
    summary: str = ""
    amount: Money | None = None
    direction: str | None = None
    channel: str | None = None
    ref: str | None = None
    customer_id: UUID
    plugin: str | None = None
    reversed: bool = False
    reverses_id: UUID | None = None


@frozen(kw_only=True)
class TimelinePage:
    """One page: its entries, newest first, the place where the next page begins (None at the end), and the plugins
    whose entries are missing, each with the reason."""

    entries: Sequence[TimelineItem]
    next: Cursor | None = None
    failed_plugins: dict[str, PluginError]


def timeline(
    session: CrmSession,
    customer_id: UUID,
    *,
    limit: int = 50,
    before: Cursor | None = None,
    kinds: Collection[str] | None = None,
    channels: Collection[str] | None = None,
    roll_up: bool = True,
) -> TimelinePage:
    """Return a page of a customer's timeline as the session's actor may see it.

    ``before`` is the ``next`` of the page before. ``kinds`` and ``channels`` keep what is of one of them; entries of
    plugins have a kind and no channel. With ``roll_up`` an organisation's timeline includes its people's and parts'.
    Raises InvalidInput for a limit outside 1 to 500.
    """
    if not 1 <= limit <= LIMIT:
        raise InvalidInput(
            [Problem("CK500", _("This must be from 1 to {limit}."), field="limit", value=limit, limit=LIMIT)]
        )
    members = members_of(session, customer_id) if roll_up else []
    rows = _interactions(session, customer_id, members, limit + 1, before, kinds, channels)
    # Entries of plugins older than the last interaction of this page belong to a later one.
    since = rows[-1].occurred_at if len(rows) > limit else None
    failed: dict[str, PluginError] = {}
    extra: list[TimelineItem] = []
    if channels is None:
        extra = _contributed(session, customer_id, members, since, before, kinds, failed)
    entries = sorted([*_items(session, rows), *extra], key=lambda item: item.place, reverse=True)
    page = entries[:limit]
    return TimelinePage(entries=page, next=page[-1].place if len(entries) > limit else None, failed_plugins=failed)


def _interactions(
    session: CrmSession,
    customer_id: UUID,
    members: Sequence[Member],
    limit: int,
    before: Cursor | None,
    kinds: Collection[str] | None,
    channels: Collection[str] | None,
) -> list[Interaction]:
    conditions: list[ColumnElement[bool]] = [visible_to(session)]
    if before is not None:
        conditions.append(_earlier(before))
    if kinds is not None:
        conditions.append(Interaction.kind.in_(list(kinds)))
    if channels is not None:
        conditions.append(Interaction.channel.in_(list(channels)))
    found: list[Interaction] = []
    for owner in _owners(customer_id, members):
        query = (
            select(Interaction)
            .where(owner, *conditions)
            .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
            .limit(limit)
        )
        found += session.scalars(query)
    found = list({item.id: item for item in found}.values())
    found.sort(key=lambda item: (item.occurred_at, item.id), reverse=True)
    return found[:limit]


def _owners(customer_id: UUID, members: Sequence[Member]) -> Iterable[ColumnElement[bool]]:
    """Return the conditions, of bounded size, that together say whose interactions are shown."""
    always = [customer_id, *(member.customer_id for member in members if member.since is None and member.until is None)]
    for part in chunks(always):
        yield Interaction.customer_id.in_(part)
    for part in chunks([member for member in members if member.since is not None or member.until is not None], 500):
        yield or_(
            *(
                and_(
                    Interaction.customer_id == member.customer_id,
                    *([] if member.since is None else [Interaction.occurred_at >= member.since]),
                    *([] if member.until is None else [Interaction.occurred_at < member.until]),
                )
                for member in part
            )
        )


def _earlier(before: Cursor) -> ColumnElement[bool]:
    if before.rank == _PLUGIN:
        return Interaction.occurred_at <= before.occurred_at
    return or_(
        Interaction.occurred_at < before.occurred_at,
        and_(Interaction.occurred_at == before.occurred_at, Interaction.id < UUID(before.tie)),
    )


def _items(session: CrmSession, rows: Sequence[Interaction]) -> list[TimelineItem]:
    ids = [row.id for row in rows]
    reversals: set[UUID | None] = set()
    for part in chunks(ids):
        reversals.update(session.scalars(select(Interaction.reverses_id).where(Interaction.reverses_id.in_(part))))
    bought = _bought(session, [row.id for row in rows if row.amount_minor is not None and not row.body])
    kinds = session.gate.registry.interaction_kinds
    items: list[TimelineItem] = []
    for row in rows:
        kind = kinds.get(row.kind)
        items.append(
            TimelineItem(
                place=Cursor(row.occurred_at, _KERNEL, str(row.id)),
                occurred_at=row.occurred_at,
                kind=row.kind,
                title=row.subject or (kind.title if kind is not None else row.kind),
                summary=_shortened(row.body) if row.body else bought.get(row.id, ""),
                amount=row.amount,
                direction=row.direction,
                channel=row.channel,
                ref=f"interaction:{row.id}",
                customer_id=cast(UUID, row.customer_id),
                reversed=row.id in reversals,
                reverses_id=row.reverses_id,
            )
        )
    return items


def _bought(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the first products of purchases, in words."""
    named: dict[UUID, list[str]] = {}
    for part in chunks(ids):
        query = (
            select(PurchaseLine.interaction_id, func.coalesce(PurchaseLine.description, Product.title))
            .outerjoin(Product, Product.id == PurchaseLine.product_id)
            .where(PurchaseLine.interaction_id.in_(part), PurchaseLine.line_no <= 4)
            .order_by(PurchaseLine.interaction_id, PurchaseLine.line_no)
        )
        for identity, text in session.execute(query):
            if text:
                named.setdefault(identity, []).append(str(text))
    return {
        identity: _shortened(", ".join(words[:3]) + (" …" if len(words) > 3 else ""))
        for identity, words in named.items()
    }


def _shortened(text: str) -> str:
    plain = " ".join(text[: SUMMARY * 4].split())
    return plain if len(plain) <= SUMMARY else plain[: SUMMARY - 2].rstrip() + " …"


def _contributed(
    session: CrmSession,
    customer_id: UUID,
    members: Sequence[Member],
    since: datetime | None,
    before: Cursor | None,
    kinds: Collection[str] | None,
    failed: dict[str, PluginError],
) -> list[TimelineItem]:
    """Return what plugins add between two instants. One that fails is named, and costs its own entries alone."""
    spans: dict[UUID, list[Member]] = {customer_id: [Member(customer_id=customer_id)]}
    for member in members:
        spans.setdefault(member.customer_id, []).append(member)
    # A span is half-open, and entries of the very instant where the last page ended may be due.
    until = None if before is None else before.occurred_at + timedelta(microseconds=1)
    answers = session.gate.dispatcher.collect(
        "crmkit_timeline", session=session, customer_ids=list(spans), since=since, until=until
    )
    found: list[TimelineItem] = []
    for answer in answers:
        if answer.error is not None:
            failed[answer.plugin] = answer.error
            continue
        entries: list[Any] = list(answer.value)
        if not all(isinstance(entry, TimelineEntry) and entry.occurred_at.tzinfo is not None for entry in entries):
            failed[answer.plugin] = PluginError(
                _("Its timeline has something that is not an entry with an instant in UTC."), plugin=answer.plugin
            )
            continue
        found += _placed(answer.plugin, entries, spans)
    return [
        item
        for item in found
        if (before is None or item.place < before)
        and (since is None or item.occurred_at >= since)
        and (kinds is None or item.kind in kinds)
    ]


def _placed(plugin: str, entries: Sequence[TimelineEntry], spans: dict[UUID, list[Member]]) -> list[TimelineItem]:
    """Return a plugin's entries with their places, which are the same whenever the plugin is asked."""
    seen: dict[tuple[datetime, str], int] = {}
    items: list[TimelineItem] = []
    for entry in entries:
        if not any(span.includes(entry.occurred_at) for span in spans.get(entry.customer_id, ())):
            continue
        tie = "\x1f".join((plugin, entry.ref or "", entry.kind, entry.title, str(entry.customer_id)))
        number = seen[entry.occurred_at, tie] = seen.get((entry.occurred_at, tie), -1) + 1
        items.append(
            TimelineItem(
                place=Cursor(entry.occurred_at, _PLUGIN, f"{tie}\x1f{number:04d}"),
                occurred_at=entry.occurred_at,
                kind=entry.kind,
                title=entry.title,
                summary=entry.summary,
                ref=entry.ref,
                customer_id=entry.customer_id,
                plugin=plugin,
            )
        )
    return items


@frozen(kw_only=True)
class LastContact:
    """When a customer was last in contact, in UTC: altogether, by their own doing, and by the business's."""

    customer_id: UUID
    at: datetime
    inbound_at: datetime | None = None
    outbound_at: datetime | None = None


def last_contacted(session: CrmSession, customer_ids: Collection[UUID]) -> dict[UUID, LastContact]:
    """Return when customers were last in contact; those who never were are left out.

    What counts are interactions of `CONTACT_KINDS`, in or out, that were not reversed; internal ones do not.
    """
    reversal = aliased(Interaction)
    newest: dict[UUID, dict[str, datetime]] = {}
    for part in chunks(customer_ids):
        query = (
            select(Interaction.customer_id, Interaction.direction, func.max(Interaction.occurred_at))
            .where(
                Interaction.customer_id.in_(part),
                Interaction.kind.in_(CONTACT_KINDS),
                Interaction.direction.in_(("in", "out")),
                Interaction.reverses_id.is_(None),
                ~select(reversal.id).where(reversal.reverses_id == Interaction.id).exists(),
                visible_to(session),
            )
            .group_by(Interaction.customer_id, Interaction.direction)
        )
        for customer_id, direction, instant in session.execute(query):
            newest.setdefault(cast(UUID, customer_id), {})[direction] = instant
    return {
        customer_id: LastContact(
            customer_id=customer_id, at=max(at.values()), inbound_at=at.get("in"), outbound_at=at.get("out")
        )
        for customer_id, at in newest.items()
    }
