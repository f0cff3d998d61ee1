"""Jobs: what waits, runs or has failed for good, when periodic ones run, and which workers are alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.operations.jobs import State, count_jobs, list_jobs, runnable
from crmkit.core.operations.schedule import due
from crmkit.core.operations.tables import Heartbeat, Schedule
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import system_now
from crmkit.doctor import SEEN
from crmkit.errors import ContributionError
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RIGHT = "job.admin"
MOST = 200
STATES: Mapping[str, tuple[Text, str]] = {
    "queued": (_("Waiting"), "info"),
    "running": (_("Running"), "accent"),
    "dead": (_("Failed for good"), "bad"),
    "done": (_("Done"), "good"),
}


@frozen(kw_only=True)
class Periodic:
    """A periodic job: how often, when last and when next (UTC), or what is wrong with its period."""

    name: str
    title: str
    how: str
    last: datetime | None
    next: datetime | None
    wrong: str = ""


@frozen(kw_only=True)
class WorkerView:
    """A worker, when it was seen last (UTC), and whether it is alive."""

    name: str
    started_at: datetime
    seen_at: datetime
    alive: bool


@get("/admin/jobs", right=RIGHT)
def jobs(call: PageCall) -> Response:
    """List jobs by state, periodic ones, and workers."""
    state = call.value("state") or "dead"
    if state not in STATES:
        state = "dead"
    with call.crm.session(Actor.system("showing the jobs to an administrator")) as session:
        counts = count_jobs(session)
        found = list_jobs(session, state=cast(State, state), name=call.value("name") or None, limit=MOST)
        periodic = _periodic(call, session)
        workers = _workers(session)
    known = set(runnable(call.crm.registry))
    totals = dict.fromkeys(STATES, 0)
    for (_name, each), number in counts.items():
        totals[each] += number
    return call.page(
        "admin/jobs.html",
        jobs=found,
        state=state,
        states=STATES,
        totals=totals,
        name=call.value("name"),
        names=sorted({name for name, _state in counts}),
        periodic=periodic,
        workers=workers,
        known=known,
        titles={name: call.text(job.title) for name, job in call.crm.registry.jobs.items() if job.title},
        most=MOST,
    )


@post("/admin/jobs/{id}/retry", right=RIGHT)
def retry(call: PageCall, id: UUID) -> Response:
    """Put a dead job back in the queue."""
    call.run("job.retry", target=id)
    return call.redirect("/admin/jobs?state=dead", said=_("It is in the queue again, with all its attempts."))


@post("/admin/jobs/{id}/discard", right=RIGHT)
def discard(call: PageCall, id: UUID) -> Response:
    """Remove a job for good."""
    call.run("job.discard", target=id)
    state = call.value("state") or "dead"
    return call.redirect(f"/admin/jobs?state={state if state in STATES else 'dead'}", said=_("The job is discarded."))


def _periodic(call: PageCall, session: CrmSession) -> list[Periodic]:
    known = {row.name: row.last_tick for row in session.scalars(select(Schedule))}
    now, zone = system_now(), str(call.business.zone)
    found: list[Periodic] = []
    for job in sorted(call.crm.registry.jobs.values(), key=lambda job: job.name):
        if not (job.every or job.cron):
            continue
        last = known.get(job.name)
        coming, wrong = None, ""
        try:
            coming = due(job, last or now, now, zone).next
        except ContributionError as error:
            wrong = error.render(call.language)
        found.append(
            Periodic(
                name=job.name,
                title=call.text(job.title) if job.title else job.name,
                how=job.every or job.cron or "",
                last=last,
                next=coming,
                wrong=wrong,
            )
        )
    return found


def _workers(session: CrmSession) -> list[WorkerView]:
    now = session.gate.clock.now()
    rows = session.scalars(select(Heartbeat).order_by(Heartbeat.seen_at.desc()))
    return [
        WorkerView(name=row.worker, started_at=row.started_at, seen_at=row.seen_at, alive=row.seen_at >= now - SEEN)
        for row in rows
    ]


ROUTES = [jobs, retry, discard]
