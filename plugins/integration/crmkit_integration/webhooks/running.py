"""A run of deliveries: takes up the endpoints for which there is something to do, and sends what is due, several
messages at a time.

What was sent is written down before the next message about the same customer goes. A process that is killed leaves
behind what it had not written: that is sent once more, with the same id. Must not know what a message says.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import define, field
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import SQLAlchemyError

from crmkit import Actor, CrmkitError, has_more, new_id, read_feed, texts
from crmkit.errors import EventsGone
from crmkit_integration.settings import settings_of
from crmkit_integration.webhooks.desks import Desk, open_desk
from crmkit_integration.webhooks.messages import reader_of, types_of
from crmkit_integration.webhooks.models import DISABLED, WAITING, Delivery, Endpoint, EndpointProgress
from crmkit_integration.webhooks.sending import SECONDS, Outgoing, Result, attempt

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_integration")
_log = logging.getLogger("crmkit.webhooks")

WHY = _("delivering web-hooks")
RUN = 10.0
"""Seconds after which a run takes up nothing more: other jobs may be waiting for their turn."""
IDLE = 1.0
"""A run ends when nothing is due within so many seconds."""
HOLD = 30.0
"""Seconds for which an endpoint is held without a sign of life: longer than an answer may take."""
POLL = 0.25
"""Seconds between two looks at what is new."""
LOOK = 1.0
"""Seconds between two looks at what others have changed."""
CURSOR_KEPT = timedelta(minutes=5)
"""How old a cursor in the database may get while nothing happens that concerns its endpoint."""

Sender = Callable[..., Result]


def deliver(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Deliver what is due: the job. Ends when there is nothing to do, or when its time is up."""
    Run(crm=crm, system=actor).go()


def deliver_webhooks(crm: CRM, *, seconds: float = RUN) -> int:
    """Deliver what is due until there is nothing to do, or for so many seconds, and return how many attempts were made.
    A worker does so by itself; for tests, scripts and hosts without one."""
    return Run(crm=crm, system=crm.system(WHY), run=seconds, idle=0.0).go()


@define(kw_only=True, eq=False)
class Run:
    """One run of deliveries in this process. ``only`` are the endpoints that it looks at, by default all; durations are
    in seconds."""

    crm: CRM
    system: Actor
    only: Collection[UUID] | None = None
    run: float = RUN
    idle: float = IDLE
    hold: float = HOLD
    answer: float = SECONDS
    send: Sender = attempt
    sent: int = 0
    """How many attempts were made."""
    _id: UUID = field(factory=new_id)
    _desks: dict[UUID, Desk] = field(factory=dict)
    _pools: dict[UUID, ThreadPoolExecutor] = field(factory=dict)
    _futures: dict[UUID, Future[None]] = field(factory=dict)
    _results: queue.SimpleQueue[tuple[UUID, Result]] = field(factory=queue.SimpleQueue)
    _turns: threading.BoundedSemaphore = field(init=False)
    _per_endpoint: int = field(init=False)
    _looked_at: float = 0.0

    def __attrs_post_init__(self) -> None:
        settings = settings_of(self.crm.settings)
        self._turns = threading.BoundedSemaphore(settings.deliveries_at_once)
        self._per_endpoint = min(settings.deliveries_per_endpoint, settings.deliveries_at_once)

    def go(self) -> int:
        """Deliver until there is nothing to do or the time is up, and return how many attempts were made."""
        ends_at = time.monotonic() + self.run
        quiet_since = time.monotonic()
        with ExitStack() as pools:
            try:
                while time.monotonic() < ends_at:
                    moved = self._take_up(pools)
                    for desk in list(self._desks.values()):
                        moved = self._work(desk) or moved
                    moved = self._collect(wait=not moved) or moved
                    self._settle(final=False)
                    if moved:
                        quiet_since = time.monotonic()
                    elif not self._futures and not self._has_more_to_do(quiet_since):
                        break
            finally:
                self._finish()
        return self.sent

    # --- endpoints --------------------------------------------------------------------------------------------------

    def _take_up(self, pools: ExitStack) -> bool:
        """Take up the endpoints for which there is something to do."""
        if time.monotonic() - self._looked_at < LOOK:
            return False
        self._looked_at = time.monotonic()
        taken = False
        for identity in self._with_work():
            desk = open_desk(self.crm, self.system, self._id, self.hold, identity)
            if desk is not None:
                self._desks[identity] = desk
                if identity not in self._pools:
                    self._pools[identity] = pools.enter_context(
                        ThreadPoolExecutor(self._per_endpoint, thread_name_prefix="crmkit-webhook")
                    )
                taken = True
        return taken

    def _with_work(self) -> list[UUID]:
        found: list[UUID] = []
        orphans: list[UUID] = []
        now = self.crm.gate.clock.now()
        due = exists().where(Delivery.endpoint_id == Endpoint.id, Delivery.state == WAITING, Delivery.next_at <= now)
        query = (
            select(Endpoint, EndpointProgress, due)
            .join(EndpointProgress, EndpointProgress.endpoint_id == Endpoint.id)
            .where(
                Endpoint.state != DISABLED,
                or_(EndpointProgress.run.is_(None), EndpointProgress.held_until <= now),
                or_(EndpointProgress.rest_until.is_(None), EndpointProgress.rest_until <= now),
            )
            .order_by(Endpoint.id)
        )
        if self.only is not None:
            query = query.where(Endpoint.id.in_(list(self.only)))
        with self.crm.session(self.system) as session:
            rows = [(endpoint, progress, bool(is_due)) for endpoint, progress, is_due in session.execute(query)]
        for endpoint, progress, is_due in rows:
            if endpoint.id in self._desks:
                continue
            if endpoint.owner_id is None or not self._is_active(endpoint):
                orphans.append(endpoint.id)
            elif is_due or self._is_concerned(endpoint, progress, now):
                found.append(endpoint.id)
        for identity in orphans:
            self.crm.run(self.system, "integration.endpoint.orphan", {}, target=identity)
        return found

    def _is_active(self, endpoint: Endpoint) -> bool:
        assert endpoint.owner_id is not None
        with self.crm.session(reader_of(endpoint.owner_id, endpoint.limits)) as session:
            return session.gate.rights(session).because != "inactive"

    def _is_concerned(self, endpoint: Endpoint, progress: EndpointProgress, now: datetime) -> bool:
        """Say whether anything has happened that an endpoint is to be told, or its cursor has stayed behind."""
        assert endpoint.owner_id is not None
        if progress.cursor is not None and not has_more(self.crm, progress.cursor):
            return False
        reader = reader_of(endpoint.owner_id, endpoint.limits)
        try:
            page = read_feed(
                self.crm,
                reader,
                progress.cursor,
                types=types_of(endpoint.events),
                since=progress.begins_at,
                limit=1,
            )
        except EventsGone:
            return True
        return bool(page.events) or page.more or progress.cursor_at < now - CURSOR_KEPT

    def _settle(self, *, final: bool) -> None:
        """Let go of endpoints that this run is through with, and prolong the others where that is due."""
        now = self.crm.gate.clock.now()
        for identity, desk in list(self._desks.items()):
            if desk.lost:
                del self._desks[identity]
            elif final or (desk.closing and not desk.is_busy()):
                desk.note(release=True, cursor=desk.cursor)
                del self._desks[identity]
            elif desk.held_until - now < timedelta(seconds=self.hold / 2):
                desk.note()

    # --- messages ---------------------------------------------------------------------------------------------------

    def _work(self, desk: Desk) -> bool:
        """Put in order what is new for an endpoint and send what is due. What goes wrong there costs no other one its
        messages: this run leaves the endpoint alone, the next one takes it up again."""
        try:
            return self._look_and_send(desk)
        except (CrmkitError, SQLAlchemyError) as error:
            _log.warning("the web-hook %s cannot be worked on (%s)", desk.name, type(error).__name__)
            desk.closing = True
            return False

    def _look_and_send(self, desk: Desk) -> bool:
        now = self.crm.gate.clock.now()
        desk.look_again(LOOK)
        moved = desk.take_in(now) > 0
        for message in desk.next(now, self._per_endpoint):
            pool = self._pools[desk.endpoint_id]
            self._futures[message.delivery_id] = pool.submit(self._send, desk.endpoint_id, message)
            moved = True
        return moved

    def _send(self, endpoint_id: UUID, message: Outgoing) -> None:
        with self._turns:
            result = self.send(message, self.crm.gate.clock.now, seconds=self.answer)
        self._results.put((endpoint_id, result))

    def _collect(self, *, wait: bool) -> bool:
        """Write down the results that are there; wait a moment for the first one where there is nothing else to do."""
        patience = POLL if self._futures else min(POLL, self.idle) if wait else 0.0
        found: list[tuple[UUID, Result]] = []
        try:
            found.append(self._results.get(timeout=patience))
            while True:
                found.append(self._results.get_nowait())
        except queue.Empty:
            pass
        self._write(found)
        return bool(found)

    def _write(self, found: Sequence[tuple[UUID, Result]]) -> None:
        self.sent += len(found)
        for _endpoint_id, result in found:
            self._futures.pop(result.delivery_id, None)
        for identity in dict.fromkeys(endpoint_id for endpoint_id, _result in found):
            desk = self._desks.get(identity)
            if desk is not None:
                results = [result for endpoint_id, result in found if endpoint_id == identity]
                desk.take_results(results)
                if any(each.outcome != "delivered" for each in results):
                    self._call_back(desk)

    def _call_back(self, desk: Desk) -> None:
        """Take back what is not on its way yet: something is wrong with the receiver."""
        for item in list(desk.lines.in_flight()):
            future = self._futures.get(item.id)
            if future is not None and future.cancel():
                del self._futures[item.id]
                item.in_flight = False

    def _finish(self) -> None:
        """Wait for what is on its way, write down how it went, and let go of all endpoints."""
        for desk in self._desks.values():
            self._call_back(desk)
        while self._futures:
            self._collect(wait=True)
            self._settle(final=False)
        self._settle(final=True)

    def _has_more_to_do(self, quiet_since: float) -> bool:
        """Say whether something is due soon, or something has just been going on."""
        if not self._desks:
            return False
        soon = self.crm.gate.clock.now() + timedelta(seconds=self.idle)
        if any(at is not None and at <= soon for at in (desk.due_at() for desk in self._desks.values())):
            return True
        return time.monotonic() - quiet_since < self.idle
