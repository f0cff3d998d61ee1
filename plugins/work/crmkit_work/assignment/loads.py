"""Whose open work is whose: the register by which people's load is counted.

Whoever keeps work says of each piece whose it is while it is open; the register knows nothing else of it, and so can be
counted by everybody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Refused, operation, texts
from crmkit_work.assignment.models import OpenWork

_ = texts("crmkit_work")

OWN = "work"
TASK = "work.task:"


def note_load(
    session: CrmSession, ref: str, user_id: UUID | None, *, queue_id: UUID | None = None, units: int = 1
) -> None:
    """Say within an operation whose a piece of work is, and how much it counts; nobody's once it is no longer open.

    ``ref`` is ``<resource>:<id>``. A plugin that requires work names ``work.load.note`` among what its manifest uses.
    """
    if session.unit.owners and session.unit.owners[-1] == OWN:
        _keep(session, ref, user_id, queue_id, units)
        return
    session.run("work.load.note", {"ref": ref, "user_id": user_id, "queue_id": queue_id, "units": units})


@operation("work.load.note", title=_("Note whose work is open"), permission="work.load.note", hidden=True)
def note(
    session: CrmSession,
    *,
    ref: Annotated[str, Input(title=_("Record"), max_length=160, classified="internal")],
    user_id: Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")] = None,
    queue_id: Annotated[UUID | None, Input(title=_("Queue"), resource="work.queue", classified="internal")] = None,
    units: Annotated[int, Input(title=_("Counts as"), minimum=1, maximum=1000, classified="internal")] = 1,
) -> None:
    """Note whose a piece of work is while it is open; without a person it is nobody's, or done."""
    _keep(session, ref, user_id, queue_id, units)


def _keep(session: CrmSession, ref: str, user_id: UUID | None, queue_id: UUID | None, units: int) -> None:
    known = session.get(OpenWork, ref)
    if user_id is None:
        if known is not None:
            session.delete(known)
        return
    if known is None:
        session.add(OpenWork(ref=ref, user_id=user_id, queue_id=queue_id, units=units))
        return
    known.user_id, known.units = user_id, units
    if queue_id is not None:
        known.queue_id = queue_id


@operation("work.load.recount", title=_("Count open work anew"), permission="work.load.note", hidden=True)
def recount(session: CrmSession) -> int:
    """Bring the register in line with the tasks, and return how many entries were not: tasks also change hands and go
    with their customers, without this room being asked. Raises Refused outside system scope, which sees all of them."""
    from crmkit_work.tasks.models import Task

    if not session.guarding.rights.unrestricted:
        raise Refused(_("Open work is counted in system scope."))
    query = select(Task.id, Task.owner_id, Task.queue_id).where(
        Task.owner_id.is_not(None), Task.state.in_(("open", "in_progress"))
    )
    wanted = {f"{TASK}{row.id}": (row.owner_id, row.queue_id) for row in session.execute(query)}
    wrong = 0
    for known in session.scalars(select(OpenWork).where(OpenWork.ref.startswith(TASK, autoescape=True))).all():
        owner_id, queue_id = wanted.pop(known.ref, (None, None))
        if owner_id is None:
            session.delete(known)
        elif (known.user_id, known.queue_id) != (owner_id, queue_id):
            known.user_id, known.queue_id = owner_id, queue_id
        else:
            continue
        wrong += 1
    session.add_all(
        OpenWork(ref=ref, user_id=owner_id, queue_id=queue_id) for ref, (owner_id, queue_id) in wanted.items()
    )
    return wrong + len(wanted)


def count_nightly(session: CrmSession, tick: datetime) -> None:
    """Count open work anew once a day: the job."""
    session.run("work.load.recount")


def handed_over(session: CrmSession, event: Any) -> None:
    """Count open work anew once somebody's records are another one's."""
    session.run("work.load.recount")


OPERATIONS = [note, recount]
