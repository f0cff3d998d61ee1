"""The order of the events: each gets its place once it has been committed, so that no reader ever misses one.

An event's id and time are of the moment it was emitted, and a transaction that began earlier may commit later: who
goes on behind the newest time that he has seen would miss what a slower transaction had to tell. So places are given
afterwards, by one transaction at a time, to what is committed by then: whatever comes later stands behind it. Must not
know who reads, nor what an event says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, func, select, text, update

from crmkit.core.operations.tables import EventRecord

if TYPE_CHECKING:
    from crmkit.app import CRM

EVENT: Any = cast(Any, EventRecord).__table__
MOST = 5000
"""Most events that get their places at once: a feed that is read for the first time has years behind it."""
_LOCK = 0x63726D5F6576656E
"""Names the lock that one transaction at a time holds on PostgreSQL."""


def place_events(crm: CRM) -> int:
    """Give places to events that were committed and have none yet, and return to how many; at most 5,000."""
    with crm.engines.system_read.connect() as connection:
        if connection.execute(select(EVENT.c.id).where(EVENT.c.position.is_(None)).limit(1)).first() is None:
            return 0
    with crm.engines.system_write.begin() as connection:
        if connection.dialect.name == "postgresql":
            # What is read behind the lock is read as of then: every place given before is seen.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        waiting = select(EVENT.c.id).where(EVENT.c.position.is_(None)).order_by(EVENT.c.id).limit(MOST)
        ids = connection.execute(waiting).scalars().all()
        last = connection.execute(select(func.coalesce(func.max(EVENT.c.position), 0))).scalar_one()
        if ids:
            statement = update(EVENT).where(EVENT.c.id == bindparam("which")).values(position=bindparam("place"))
            connection.execute(
                statement, [{"which": id, "place": last + number} for number, id in enumerate(ids, start=1)]
            )
    return len(ids)
