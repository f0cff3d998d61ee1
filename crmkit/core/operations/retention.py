"""What the kernel does from time to time: removing operational rows that have served, and noting when data was backed
up. Must not touch what the business has recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import and_, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.operation import operation
from crmkit.core.operations.tables import IdempotencyKey, JobRecord, Schedule
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

_ = texts("crmkit")
_JOB = cast(Any, JobRecord).__table__
_KEY = cast(Any, IdempotencyKey).__table__
_SCHEDULE = cast(Any, Schedule).__table__

JOBS_KEPT = timedelta(days=30)
"""How long a finished job is kept. Dead ones stay until they are tried again or discarded."""
KEYS_KEPT = timedelta(days=7)
"""How long an idempotency key is answered."""
BATCH = 1000
BATCHES = 20
"""Most batches of one run: what is left waits for the next, so that no transaction holds the database for long."""
BACKUP = "crm.backup"
"""The name under which `crm_schedule` keeps the time of the last backup."""


def remove_old_rows(session: CrmSession, *, tick: datetime) -> None:
    """Remove jobs that were done 30 days ago and idempotency keys of 7 days ago, in batches."""
    _remove_jobs(session, tick - JOBS_KEPT)
    _remove_keys(session, tick - KEYS_KEPT)


def _remove_jobs(session: CrmSession, before: datetime) -> None:
    old = select(_JOB.c.id).where(and_(_JOB.c.state == "done", _JOB.c.finished_at < before)).limit(BATCH)
    for _batch in range(BATCHES):
        if session.connection().execute(delete(_JOB).where(_JOB.c.id.in_(old))).rowcount < BATCH:
            return


def _remove_keys(session: CrmSession, before: datetime) -> None:
    key = (_KEY.c.actor_id, _KEY.c.operation, _KEY.c.key)
    old = select(*key).where(_KEY.c.recorded_at < before).limit(BATCH)
    for _batch in range(BATCHES):
        if session.connection().execute(delete(_KEY).where(tuple_(*key).in_(old))).rowcount < BATCH:
            return


@operation("backup.note", title=_("Note that data was backed up"), hidden=True, permission="backup.admin")
def note_backup(session: CrmSession, *, taken_at: datetime) -> None:
    """Keep the instant of the last backup that was proved, for the doctor."""
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    with region(session, "noting a backup"):
        session.connection().execute(
            dialect.insert(_SCHEDULE)
            .values(name=BACKUP, last_tick=taken_at)
            .on_conflict_do_update(index_elements=["name"], set_={"last_tick": taken_at})
        )


@operation("backup.note_restore", title=_("Note that data was restored"), hidden=True, permission="backup.admin")
def note_restore(session: CrmSession, *, taken_at: datetime, erased_again: int) -> None:
    """Leave in the audit log that the data is that of a backup, from which instant, and how many were erased again."""


def last_backup(session: CrmSession) -> datetime | None:
    """Return when the data was last backed up, in UTC, or None if it never was."""
    found = session.execute(select(_SCHEDULE.c.last_tick).where(_SCHEDULE.c.name == BACKUP)).scalar()
    return cast("datetime | None", found)


JOBS = [
    Job(
        name="crm.remove_old_rows",
        handler=remove_old_rows,
        every="hour",
        catch_up="latest",
        acts_as="system",
        title=_("Remove finished jobs and used keys"),
    )
]
OPERATIONS = [note_backup, note_restore]
