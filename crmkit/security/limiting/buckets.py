"""Buckets that leak at a rate, counted in memory and shared by the database once it matters.

A process keeps a small part of each bucket to itself, a tenth of what may come at once; only what goes beyond is
written into the database, where all processes add to the same number. So a call costs no query, who calls now and then
is never written down at all, and all processes together let through at most the limit and that tenth for each of them.
Must not know who is counted: buckets are named by keyed fingerprints.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from attrs import define, frozen
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from crmkit.errors import CrmkitError
from crmkit.security.credentials.tables import Throttle
from crmkit.security.limiting.rates import Budget, Rate

if TYPE_CHECKING:
    from crmkit.app import CRM

_TABLE = cast(Any, Throttle).__table__

KEPT = 0.1
"""The part of a bucket that a process keeps to itself, and of its rate that it forgets by itself."""
MOST = 20_000
"""How many buckets a process remembers."""
AGAIN = 5.0
"""Seconds until the shared buckets are asked again after the database could not be written to."""
PATIENCE = 100
"""Milliseconds to wait for another writer: a call must not wait for an import because it is counted."""


@frozen(kw_only=True)
class Verdict:
    """Whether a call is let through. ``remaining`` is how many more would be now, ``wait`` the seconds until one is,
    where this one was not, ``reset`` the seconds until the bucket is empty again."""

    allowed: bool
    remaining: int
    reset: float
    wait: float = 0.0


@define
class _Bucket:
    """``shared`` is the instant (monotonic) until which the common bucket is filled, as it was known last, ``own`` the
    same for what this process has not told yet."""

    shared: float = 0.0
    own: float = 0.0


class Buckets:
    """The buckets of one CRM in one process."""

    def __init__(self, crm: CRM, *, clock: Callable[[], float] = time.monotonic, patience: int = PATIENCE) -> None:
        self._crm = crm
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._quiet_until = 0.0

    def take(self, budget: Budget, who: str, rate: Rate) -> Verdict:
        """Count a call of somebody within a budget, or say how long to wait. A call that is not let through is not
        counted, and costs nothing."""
        now = self._clock()
        with self._lock:
            bucket = self._bucket(budget, who)
            filled = _level(bucket.shared, now) + _level(bucket.own, now) * KEPT
            room = rate.seconds - filled
            if room < rate.interval * (1 - 1e-9):
                return Verdict(allowed=False, remaining=0, reset=filled, wait=rate.interval - room)
            # What is told leaks at the rate; what is not told at a tenth of it, so that nobody gets the rate twice.
            bucket.own = max(bucket.own, now) + rate.interval / KEPT
            owed = _level(bucket.own, now) * KEPT
            due = owed > max(rate.seconds * KEPT, rate.interval) * (1 - 1e-9)
            if due:
                bucket.own, bucket.shared = now, max(bucket.shared, now) + owed
            tell = due and now >= self._quiet_until
        if tell:
            self._tell(budget, who, bucket, owed, now)
        left = int((room - rate.interval) / rate.interval + 1e-9)
        return Verdict(allowed=True, remaining=max(0, left), reset=filled + rate.interval)

    def _bucket(self, budget: Budget, who: str) -> _Bucket:
        key = (budget, who)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _Bucket()
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found

    def _tell(self, budget: Budget, who: str, bucket: _Bucket, owed: float, now: float) -> None:
        """Add to the common bucket what this process has let through, and learn how full it is by now."""
        try:
            name = cast(bytes, self._crm.vault.mac("throttle", "\0".join((budget, who)).encode("utf-8", "replace")))
            level = self._add(f"rate:{budget}:{name.hex()}"[:80], owed)
        except (SQLAlchemyError, CrmkitError):
            # The database is busy or away: each process goes by its own count until it can be asked again.
            with self._lock:
                self._quiet_until = now + AGAIN
            return
        with self._lock:
            bucket.shared = max(bucket.shared, now + level)

    def _add(self, key: str, owed: float) -> float:
        """Fill a common bucket by some seconds and return how many it holds."""
        moment = datetime.now(UTC)
        with self._crm.engines.system_write.connect() as connection, _impatient(connection, self._patience):
            dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
            new = {"key": key, "count": 0, "strikes": 0, "refused": 0, "until": moment, "updated_at": moment}
            connection.execute(dialect.insert(_TABLE).values(new).on_conflict_do_nothing())
            row = select(_TABLE.c.until).where(_TABLE.c.key == key).with_for_update()
            until = max(connection.execute(row).scalar_one(), moment) + timedelta(seconds=owed)
            connection.execute(update(_TABLE).where(_TABLE.c.key == key).values(until=until, updated_at=moment))
        return (until - moment).total_seconds()


@contextmanager
def _impatient(connection: Connection, patience: int) -> Generator[None]:
    """Have a connection wait for others for a moment only, before it begins to write."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}")
            yield
        return
    driver: Any = connection.connection.driver_connection
    (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {patience}")
    try:
        with connection.begin():
            yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual}")


def _level(until: float, now: float) -> float:
    return max(until - now, 0.0)
