"""Carries out jobs in tests as a worker does that has been there since before the test. Must not know pytest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from attrs import define, field
from sqlalchemy import delete

from crmkit.app import CRM
from crmkit.core.operations.schedule import LOOK_AGAIN, Scheduler
from crmkit.core.operations.tables import Schedule
from crmkit.core.store.guard import region
from crmkit.engines.rules.delivering import look

REASON = "seeing schedules in a test"


@define(kw_only=True)
class Jobs:
    """The jobs of a CRM: each call carries out those that are due, and what these defer, and returns how many.

    What is periodic, jobs and rules alike, has its first time one period after it is first seen. All that is there when
    this is made counts as seen then, so it is due as soon as the clock has moved on by a period.
    """

    crm: CRM
    _since: datetime = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._since = self._see()

    def __call__(self) -> int:
        """Carry out what is due, and return how many jobs there were."""
        if self.crm.clock.now() < self._since:
            self._forget()
            self._since = self._see()
        return self.crm.worker().run_until_idle()

    def _see(self) -> datetime:
        """See what is periodic, and return when that was."""
        now = self.crm.clock.now()
        Scheduler(self.crm.gate).tick()
        # Rules are looked for on round times only, of which a worker that is there already has seen the last one.
        past = timedelta(seconds=now.timestamp() % LOOK_AGAIN.total_seconds())
        with self.crm.gate.writing(self.crm.system(REASON)) as session:
            look(session, tick=now - past)
        return now

    def _forget(self) -> None:
        """Forget what was seen, as the clock was set back before it."""
        with self.crm.gate.writing(self.crm.system(REASON)) as session, region(session, "schedules in a test"):
            session.connection().execute(delete(cast(Any, Schedule).__table__))
