"""What a run has to look at: whoever was changed on either side since the last one, with the values of both.

No transaction is open while the other system is asked. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit import (
    CRM,
    Actor,
    CrmSession,
    Customer,
    CustomerIdentifier,
    InvalidInput,
    customers_known_by,
    read_feed,
    surviving_id,
    texts,
)
from crmkit.errors import EventsGone
from crmkit_integration.syncing.connectors import Connector, RemoteRecord
from crmkit_integration.syncing.deciding import Terms
from crmkit_integration.syncing.fields import POINTS, OwnRecord, read_own
from crmkit_integration.syncing.judging import Pair, Verdict, judge, renewed, with_agreed
from crmkit_integration.syncing.models import SyncConflict, SyncPair
from crmkit_integration.syncing.plans import Plan

_ = texts("crmkit_integration")

WHY = "synchronising customers"
BATCH = 40
FEED = ("customer.*", "contact_point.*")
PAGE = 500
_OF_CUSTOMERS = ("customer_id", "customer_ids", "survivor_id", "absorbed_id")


Batch = list[tuple[Pair, "OwnRecord | None", "RemoteRecord | None"]]
"""Pairs with the values of both sides."""


@define(kw_only=True)
class Work:
    """What a run has to look at: pairs, and records of either side that have none. The watermarks are where the next
    one goes on."""

    pairs: list[UUID] = field(factory=list)
    ours: list[UUID] = field(factory=list)
    theirs: list[str] = field(factory=list)
    watermark_ours: str = ""
    watermark_theirs: str = ""
    full: bool = False


@define(kw_only=True)
class Looker:
    """What a run of a plan has to look at, and what is to be done with it. ``counts`` says what was done."""

    crm: CRM
    plan: Plan
    actor: Actor
    connector: Connector
    terms: Terms
    run_id: UUID | None = None
    counts: dict[str, int] = field(factory=dict)

    def count(self, name: str, number: int = 1) -> None:
        """Count what was done."""
        self.counts[name] = self.counts.get(name, 0) + number

    # --- looking ------------------------------------------------------------------------------------------------

    def work(self, *, everything: bool = False) -> Work:
        """Return what is to be looked at."""
        found = Work(full=everything)
        touched_ours = None if everything else self._changed_here(found)
        touched_theirs = None if everything else self._changed_there(found)
        if touched_ours is None or touched_theirs is None:
            found.full = True
            # The watermarks first: what changes while everything is listed comes behind them.
            found.watermark_ours = read_feed(self.crm, self.actor, "now", limit=1).next
            found.watermark_theirs = self.connector.now()
            touched_ours = self._all_here()
            touched_theirs = list(dict.fromkeys(self.connector.everything()))
        by_customer, by_external, again = self._index()
        pairs = dict.fromkeys(again if not found.full else [*by_external.values(), *_flat(by_customer), *again])
        for customer in touched_ours:
            if customer in by_customer:
                pairs |= dict.fromkeys(by_customer[customer])
            else:
                found.ours.append(customer)
        for external in touched_theirs:
            if external in by_external:
                pairs[by_external[external]] = None
            else:
                found.theirs.append(external)
        found.pairs = list(pairs)
        return found

    def _changed_here(self, work: Work) -> list[UUID] | None:
        """Return who was changed here since the watermark; None where that cannot be said."""
        cursor = self.plan.watermark_ours
        if cursor is None:
            return None
        found: dict[UUID, None] = {}
        more = True
        while more:
            try:
                page = read_feed(self.crm, self.actor, cursor, types=FEED, limit=PAGE)
            except (EventsGone, InvalidInput):
                return None
            for event in page.events:
                found |= dict.fromkeys(_customers_in(event.data))
            cursor, more = page.next, page.more
        work.watermark_ours = cursor
        return list(found)

    def _changed_there(self, work: Work) -> list[str] | None:
        cursor = self.plan.watermark_theirs
        if cursor is None:
            return None
        found: dict[str, None] = {}
        more = True
        while more:
            page = self.connector.changes(cursor)
            if page.lost:
                return None
            found |= dict.fromkeys(page.external_ids)
            cursor, more = page.watermark, page.more
        work.watermark_theirs = cursor
        return list(found)

    def _all_here(self) -> list[UUID]:
        with self.crm.session(self.actor) as session:
            return list(session.scalars(select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id)))

    def _index(self) -> tuple[dict[UUID, list[UUID]], dict[str, UUID], list[UUID]]:
        """Return the pairs by customer and by record, and those that are to be looked at in any case."""
        columns = (SyncPair.id, SyncPair.customer_id, SyncPair.external_id, SyncPair.state)
        by_customer: dict[UUID, list[UUID]] = {}
        by_external: dict[str, UUID] = {}
        again: list[UUID] = []
        with self.crm.session(self.crm.system(WHY)) as session:
            query = select(*columns).where(SyncPair.sync_id == self.plan.id).order_by(SyncPair.id)
            for identity, customer, external, state in session.execute(query):
                if customer is not None:
                    by_customer.setdefault(customer, []).append(identity)
                if external is not None:
                    by_external[external] = identity
                if state in ("new", "failed", "not_taken"):
                    again.append(identity)
            settled = select(SyncConflict.pair_id).where(
                SyncConflict.sync_id == self.plan.id, SyncConflict.state == "settled"
            )
            again.extend(session.scalars(settled))
        return by_customer, by_external, again

    def batches(self, work: Work) -> Iterator[Batch]:
        """Give what is to be looked at with the values of both sides: pairs first, then new records from there, so that
        those that are the same customers are paired before the others are added there."""
        for part in _parts(work.pairs):
            yield self._loaded(self._pairs(part))
        if work.pairs and work.theirs:
            # What a run that was stopped had added over there is paired by now.
            _by_customer, by_external, _again = self._index()
            work.theirs = [each for each in work.theirs if each not in by_external]
        for part in _parts(work.theirs):
            yield self._loaded(self._known(part))
        if work.theirs and work.ours:
            # Some of them have found each other meanwhile.
            by_customer, _by_external, _again = self._index()
            work.ours = [each for each in work.ours if each not in by_customer]
        for part in _parts(work.ours):
            yield self._loaded([Pair(customer_id=each) for each in part])

    def _pairs(self, ids: Sequence[UUID]) -> list[Pair]:
        with self.crm.session(self.crm.system(WHY)) as session:
            settled: dict[UUID, dict[str, Any]] = {}
            query = select(SyncConflict).where(SyncConflict.pair_id.in_(ids), SyncConflict.state == "settled")
            for conflict in session.scalars(query):
                settled.setdefault(conflict.pair_id, {})[conflict.field_name] = conflict.choice
            return [
                Pair(
                    id=row.id,
                    customer_id=row.customer_id,
                    external_id=row.external_id,
                    state=row.state,
                    agreed={name: (one, other) for name, (one, other) in row.agreed.items()},
                    pending=row.pending,
                    settled=settled.get(row.id, {}),
                )
                for row in session.scalars(select(SyncPair).where(SyncPair.id.in_(ids)).order_by(SyncPair.id))
            ]

    def _known(self, external_ids: Sequence[str]) -> list[Pair]:
        """Return new records from there with the customer that each is, where it was added here by a run that was
        stopped before it could say so."""
        with self.crm.session(self.crm.system(WHY)) as session:
            query = select(CustomerIdentifier.external_id, CustomerIdentifier.customer_id).where(
                CustomerIdentifier.source == self.plan.source, CustomerIdentifier.external_id.in_(external_ids)
            )
            here = {row.external_id: row.customer_id for row in session.execute(query)}
        return [Pair(external_id=each, customer_id=here.get(each)) for each in external_ids]

    def _loaded(self, pairs: Sequence[Pair]) -> Batch:
        wanted = [each.external_id for each in pairs if each.external_id is not None]
        theirs = dict(self.connector.read(wanted)) if wanted else {}
        with self.crm.session(self.actor) as session:
            pairs = [self._matched(session, each, theirs) for each in pairs]
            ids = {each.customer_id for each in pairs if each.customer_id is not None}
            ours = read_own(session, ids, self.plan.fields)
        loaded: Batch = []
        for pair in pairs:
            own = ours.get(pair.customer_id) if pair.customer_id is not None else None
            other = theirs.get(pair.external_id) if pair.external_id is not None else None
            if own is not None and other is not None and pair.agreed:
                agreed = renewed(pair.agreed, own.values, other.values, self.plan.marks, self.plan.mark_version)
                pair = with_agreed(pair, agreed)
            loaded.append((pair, own, other))
        return loaded

    def _matched(self, session: CrmSession, pair: Pair, theirs: Mapping[str, RemoteRecord]) -> Pair:
        """Return a pair with the customer whom it is about: of a new record the only one that is known by what the plan
        matches by, of one that was merged who it is now."""
        record = theirs.get(pair.external_id or "")
        if pair.id is None and pair.customer_id is None and record is not None and self.plan.match_by:
            values = record.values.get(self.plan.match_by) or ()
            kind = POINTS[self.plan.match_by]
            known = {each for value in values for each in customers_known_by(session, kind, value)}
            if len(known) == 1:
                return Pair(external_id=pair.external_id, customer_id=known.pop())
        elif pair.id is not None and pair.customer_id is not None and session.get(Customer, pair.customer_id) is None:
            survivor = surviving_id(session, pair.customer_id)
            if survivor is not None:
                return Pair(
                    id=pair.id, customer_id=survivor, external_id=pair.external_id, state=pair.state, agreed=pair.agreed
                )
        return pair

    def verdict(self, pair: Pair, ours: OwnRecord | None, theirs: RemoteRecord | None) -> Verdict:
        """Return what is to be done with a pair."""
        return judge(self.terms, pair, ours, theirs, self.plan.mark)


def _customers_in(data: Mapping[str, Any]) -> Iterator[UUID]:
    for name in _OF_CUSTOMERS:
        value = data.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, UUID):
                yield each
            elif isinstance(each, str):
                yield UUID(each)


def _flat(found: Mapping[UUID, Sequence[UUID]]) -> list[UUID]:
    return [each for ids in found.values() for each in ids]


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
