"""Periodic jobs: which ticks of a period or a cron expression are due, and putting each in the queue exactly once.

A job's last tick is kept in the database, and moving it on and queueing the ticks is one transaction, so several
workers never queue a tick twice and none is lost while no worker runs. Ticks follow the system's clock; the business's
clock never drives them. Must not know how jobs are carried out.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.jobs import TICK
from crmkit.core.operations.outbox import write_jobs
from crmkit.core.operations.tables import Schedule
from crmkit.core.operations.unit import DeferredJob
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.errors import ContributionError
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.gate import Gate

_ = texts("crmkit")
_log = logging.getLogger("crmkit.jobs")
_SCHEDULE = cast(Any, Schedule).__table__

MOST_MISSED = 1000
"""Most missed ticks of one job that are made up for; what lies before them is noted in the log and left out."""
LOOK_AGAIN = timedelta(minutes=5)
"""Longest time between two looks, so that a company that changes its zone is followed."""

_EVERY = re.compile(r"(?:(?P<number>[1-9]\d{0,5})\s+)?(?P<unit>second|minute|hour|day|week)s?")
_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


def period(every: str) -> timedelta:
    """Return the length of a period such as "15 minutes", "hour" or "2 days". Raises ContributionError."""
    match = _EVERY.fullmatch(every.strip())
    if match is None:
        raise ContributionError(
            _('"{every}" is not a period.'), fix=_('Write it as "15 minutes", "hour" or "2 days".'), every=every
        )
    return int(match["number"] or 1) * _UNITS[match["unit"]]


@frozen(kw_only=True)
class Due:
    """The ticks of a job that are due, oldest first, in UTC; how many before them were left out; and the next one."""

    ticks: tuple[datetime, ...]
    left_out: int
    next: datetime


def due(job: Job, last: datetime, now: datetime, zone: str) -> Due:
    """Return the ticks of a periodic job after ``last`` up to ``now``.

    A cron expression is read in the company's time zone: an hour that summer time leaves out moves its tick to the
    first instant after it, one that comes twice has one tick. Raises ContributionError for a period or an expression
    that cannot be read.
    """
    found = _by_period(period(job.every), last, now) if job.every else _by_cron(job, last, now, zone)
    if job.catch_up == "latest" and len(found.ticks) > 1:
        return Due(ticks=found.ticks[-1:], left_out=0, next=found.next)
    return found


def _by_period(step: timedelta, last: datetime, now: datetime) -> Due:
    number = max((now - last) // step, 0)
    first = max(number - MOST_MISSED, 0)
    ticks = tuple(last + step * position for position in range(first + 1, number + 1))
    return Due(ticks=ticks, left_out=first, next=last + step * (number + 1))


def _by_cron(job: Job, last: datetime, now: datetime, zone: str) -> Due:
    from cronsim import CronSim, CronSimError

    local = ZoneInfo(zone)
    ticks: deque[datetime] = deque(maxlen=MOST_MISSED)
    number = 0
    try:
        for moment in CronSim(job.cron or "", last.astimezone(local)):
            tick = moment.astimezone(UTC)
            if tick > now:
                return Due(ticks=tuple(ticks), left_out=number - len(ticks), next=tick)
            if tick > last:
                ticks.append(tick)
                number += 1
    except CronSimError as error:
        raise ContributionError(
            _('"{cron}" is not a cron expression.'), fix=_("Write five fields, such as 30 6 * * 1-5."), cron=job.cron
        ) from error
    # An expression such as 29 February of a far year has no further tick within the years that are looked through.
    return Due(ticks=tuple(ticks), left_out=number - len(ticks), next=now + timedelta(days=366))


class Scheduler:
    """Puts due ticks in the queue. It remembers when to look again, so that asking often costs nothing."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._look_at: datetime | None = None
        self._refused: set[str] = set()

    def tick(self) -> int:
        """Queue the ticks that are due and return how many these were.

        A job that is seen for the first time has its first tick one period later. One whose period cannot be read is
        logged once and left out; the others go on.
        """
        now = self._gate.clock.now()
        if self._look_at is not None and now < self._look_at:
            return 0
        jobs = [job for job in self._gate.registry.jobs.values() if job.every or job.cron]
        with self._gate.reading(Actor.system("looking for due ticks")) as session:
            zone = str(session.crm.config.get(session).zone)
            rows = session.execute(select(_SCHEDULE.c.name, _SCHEDULE.c.last_tick)).all()
        known: dict[str, datetime] = {row.name: row.last_tick for row in rows}
        look_at = now + LOOK_AGAIN
        queued = 0
        for job in jobs:
            try:
                found = due(job, known.get(job.name, now), now, zone)
            except Exception as error:
                if job.name not in self._refused:
                    self._refused.add(job.name)
                    _log.warning("the periodic job %s cannot be scheduled: %s", job.name, error)
                continue
            if job.name not in known:
                self._see(job, now)
            elif found.ticks and self._queue(job, known[job.name], found):
                queued += len(found.ticks)
            look_at = min(look_at, found.next)
        self._look_at = look_at
        return queued

    def _see(self, job: Job, now: datetime) -> None:
        dialect = cast(Any, postgresql if self._gate.engines.dialect == "postgresql" else sqlite)
        with self._gate.engines.system_write.begin() as connection:
            connection.execute(dialect.insert(_SCHEDULE).values(name=job.name, last_tick=now).on_conflict_do_nothing())

    def _queue(self, job: Job, last: datetime, found: Due) -> bool:
        jobs = [
            DeferredJob(
                name=job.name,
                arguments={TICK: tick.isoformat()},
                run_at=tick,
                unique=f"{job.name}@{tick.isoformat()}",
                max_attempts=job.attempts,
            )
            for tick in found.ticks
        ]
        with self._gate.writing(Actor.system("queueing due ticks")) as session, region(session, "queueing due ticks"):
            moved = session.connection().execute(
                update(_SCHEDULE)
                .where(_SCHEDULE.c.name == job.name, _SCHEDULE.c.last_tick == last)
                .values(last_tick=found.ticks[-1])
            )
            if moved.rowcount != 1:
                return False  # another worker was faster
            write_jobs(session, jobs, Actor.job(job.name))
        if found.left_out:
            _log.warning("%d missed ticks of %s lie too far back and were left out", found.left_out, job.name)
        if len(found.ticks) > 1:
            _log.warning("%d missed ticks of %s are being caught up", len(found.ticks), job.name)
        return True
