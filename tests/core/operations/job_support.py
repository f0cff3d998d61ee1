"""What the tests of jobs share: a clock that tests set, and jobs, events and operations of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define
from sqlalchemy import func, select

from crmkit import CRM, Actor, CrmSession, Job, Subscription, Team, event, operation
from crmkit.core.operations.jobs import Claim, arguments_of, claim
from crmkit.core.operations.tables import JobRecord

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOBODY = Actor.system("testing jobs")


@define
class Hands:
    """The hands of the system's clock, as the test sets them."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now

    def move(self, **lengths: float) -> None:
        """Move on by days, hours, minutes or seconds."""
        self.now += timedelta(**lengths)


@event("test.rang")
class Rang:
    """The bell rang."""

    team_id: UUID
    times: int


@operation("test.ring", title="Ring")
def ring(session: CrmSession, *, team_id: UUID, times: int = 1) -> None:
    """Ring the bell."""
    session.emit(Rang(team_id=team_id, times=times))


@operation("test.defer", title="Defer")
def defer(
    session: CrmSession, *, job: str, name: str, run_at: datetime | None = None, unique: str | None = None
) -> None:
    """Defer a job with one argument."""
    session.defer(job, run_at=run_at, unique=unique, name=name)


def make_team(session: CrmSession, *, name: str) -> None:
    """Write one row through an operation: the effect that the tests count."""
    session.run("team.create", {"name": name})


MAKE = Job(name="test.make", acts_as="system", handler=make_team)


def declare(crm: CRM, *jobs: Job, subscriptions: tuple[Subscription, ...] = ()) -> None:
    """Register jobs and subscriptions, with the operations and events of this module."""
    crm.registry.add("crmkit", "operation", [ring, defer])
    crm.registry.add("crmkit", "event", [Rang])
    crm.registry.add("crmkit", "job", jobs)
    crm.registry.add("crmkit", "subscription", subscriptions)


def put(crm: CRM, name: str, job: str = "test.make", actor: Actor = NOBODY, **options: Any) -> None:
    """Put one job in the queue."""
    crm.run(actor, "test.defer", {"job": job, "name": name, **options})


def claimed(crm: CRM, worker: str = "w1") -> Claim:
    """Claim the job that must be there."""
    held = claim(crm.gate, worker)
    assert held is not None
    return held


def argument(crm: CRM, held: Claim, name: str = "name") -> Any:
    """Return an argument of a claimed job."""
    with crm.session(NOBODY) as session:
        return arguments_of(session, held)[name]


def teams(crm: CRM) -> list[str]:
    """Return the names of all teams, sorted."""
    with crm.session(NOBODY) as session:
        return sorted(session.scalars(select(Team.name)))


def jobs(crm: CRM, *columns: str) -> list[Any]:
    """Return these columns of all jobs that are not the kernel's own, in the order of the queue."""
    with crm.session(NOBODY) as session:
        query = select(*(getattr(JobRecord, name) for name in columns)).where(JobRecord.name.like("%test.%"))
        rows = session.execute(query.order_by(JobRecord.run_at, JobRecord.id)).all()
        return [row[0] if len(columns) == 1 else tuple(row) for row in rows]


def count(crm: CRM, model: type[Any]) -> int:
    """Return how many rows a model has."""
    with crm.session(NOBODY) as session:
        return int(session.scalar(select(func.count()).select_from(model)) or 0)


def failing(error: Callable[[], BaseException]) -> Callable[..., None]:
    """Return a handler that writes a team and then raises."""

    def handler(session: CrmSession, *, name: str) -> None:
        make_team(session, name=name)
        raise error()

    return handler
