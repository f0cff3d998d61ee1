"""Folding the clocks of all cases anew, after a policy, a calendar or a ladder has changed: as jobs, part by part.

Everything that is written follows from what is there: a part that runs twice changes nothing the second time.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Refused, operation, texts
from crmkit_service.cases.models import Case
from crmkit_service.sla.choosing import asked_for_all, read_book
from crmkit_service.sla.computing import Computer, keepings
from crmkit_service.sla.hours import Almanac
from crmkit_service.sla.storing import Ladders, Stored, store

_ = texts("crmkit_service")

PART = 10_000
"""Cases of one transaction."""
BATCH = 1000
"""Cases that are in memory at a time."""
PHASES = ("open", "paused")
JOB = "service.sla_recompute"


@frozen(kw_only=True)
class Recomputed:
    """What was folded anew: how many cases, how many clocks were written, how many cases show another deadline, and
    after which case it goes on ("" at the end)."""

    cases: int
    clocks: int
    shown: int
    after: str


@operation(
    "service.sla.recompute", title=_("Fold all clocks anew"), permission="service.sla_policy.manage", effect="update"
)
def recompute(session: CrmSession) -> None:
    """Let the clocks of all open cases be folded anew, by jobs that follow at once."""
    session.defer(JOB)


@operation(
    "service.sla.recompute_part",
    title=_("Fold a part of the clocks anew"),
    permission="service.sla_policy.manage",
    hidden=True,
)
def recompute_part(
    session: CrmSession,
    *,
    after: Annotated[str, Input(title=_("After"), max_length=36, classified="internal")] = "",
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=1_000_000, classified="internal")] = PART,
) -> Recomputed:
    """Fold the clocks of the next open cases anew. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Clocks are folded in system scope."))
    now = session.gate.clock.business_now()
    query = select(Case.id).where(Case.phase.in_(PHASES), Case.opened_at <= now)
    if after:
        query = query.where(Case.id > UUID(after))
    ids = session.scalars(query.order_by(Case.id).limit(most)).all()
    total = fold_all(session, ids, now)
    last = str(ids[-1]) if len(ids) == most else ""
    return Recomputed(cases=len(ids), clocks=total.written, shown=total.cases, after=last)


def fold_all(session: CrmSession, ids: Sequence[UUID], now: datetime) -> Stored:
    """Fold the clocks of cases anew, and keep them."""
    book = read_book(session)
    computer = Computer(book=book, holds=asked_for_all(session, book), now=now)
    ladders = Ladders(book)
    almanac = Almanac(session, around=now)
    total = Stored()
    with _uncollected():
        for start in range(0, len(ids), BATCH):
            kept = list(keepings(session, ids[start : start + BATCH]))
            almanac.read({each.customer_id for each in kept})
            found = [computer.compute(each, almanac.of(each.customer_id)) for each in kept]
            done = store(session, computer, found, ladders)
            total.written += done.written
            total.cases += done.cases
    session.expire_all()
    return total


@contextmanager
def _uncollected() -> Generator[None]:
    """Let nothing be searched for circles of references meanwhile: what is made here has none, is gone with its part,
    and looking through it would take a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def recompute_job(session: CrmSession, after: str = "") -> None:
    """Fold a part of the clocks anew, and have the next one follow: the job."""
    done = session.run("service.sla.recompute_part", {"after": after})
    if done.after:
        session.defer(JOB, after=done.after)


OPERATIONS = [recompute, recompute_part]
JOBS = [
    Job(name=JOB, title=_("Fold the clocks of cases anew"), handler=recompute_job, acts_as="system", lease=600),
    Job(
        name="service.sla_nightly",
        title=_("Fold the clocks of cases anew, every night"),
        handler=lambda session, tick: session.run("service.sla.recompute"),
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
    ),
]
