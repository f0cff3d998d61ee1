"""Carrying plans out: who is eligible now, who is left alone for comparison, what has succeeded, what has run out.

In system scope, by a job. Must not judge conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit_work.api import NewTask, create_task
from sqlalchemy import func, select

from crmkit import (
    CrmkitError,
    CrmSession,
    Job,
    Moment,
    Refused,
    catalogue_of,
    customers_where,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit.engines.statistics.hashing import held_out
from crmkit_lifecycle.winning.events import AttemptBegun, AttemptEnded
from crmkit_lifecycle.winning.models import Attempt, CarePlan

_ = texts("crmkit_lifecycle")

RUN = "lifecycle.care"


@operation("lifecycle.winback.run", title=_("Carry plans out now"), permission="lifecycle.winback.run")
def run(session: CrmSession) -> None:
    """Have all plans carried out by a worker, once this has been committed."""
    session.defer("lifecycle.care_now")


@operation("lifecycle.winback.carry_out", title=_("Carry plans out"), permission="lifecycle.winback.run", hidden=True)
def carry_out(session: CrmSession) -> int:
    """End attempts that have succeeded or run out, begin new ones, and return how many began; a plan whose conditions
    cannot be used any more costs itself alone. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    begun = 0
    for plan in session.scalars(select(CarePlan).order_by(CarePlan.name)).all():
        try:
            for text in (plan.eligible, plan.success):
                catalogue_of(session).checked(text)
        except CrmkitError:
            continue
        _finish(session, plan)
        begun += _begin(session, plan) if plan.active else 0
    return begun


def _finish(session: CrmSession, plan: CarePlan) -> None:
    """End the attempts of a plan that have succeeded or run out."""
    now = session.gate.clock.business_now()
    query = select(Attempt).where(Attempt.plan_id == plan.id, Attempt.state == "open").order_by(Attempt.id)
    attempts = session.scalars(query).all()
    moment = moment_of(session)
    success = catalogue_of(session).checked(plan.success)
    at = moment.surroundings(session.get_bind().dialect.name)
    for start in range(0, len(attempts), 2000):
        part = attempts[start : start + 2000]
        found = values_of(session, sorted(success.facts, key=str), [e.customer_id for e in part], moment, check=False)
        for each in part:
            values = found.get(each.customer_id)
            if values is not None and success.evaluate(_own(values, each), at):
                _end(session, plan, each, "won", now)
            elif each.until <= now:
                _end(session, plan, each, "failed", now)
    session.flush()


def _own(values: Mapping[Any, Any], attempt: Attempt) -> dict[Any, Any]:
    """Return the facts of a customer with when this attempt began, whatever else was begun since."""
    return {ref: attempt.began_at if str(ref) == "lifecycle.winback_at" else value for ref, value in values.items()}


def _end(session: CrmSession, plan: CarePlan, attempt: Attempt, state: str, now: datetime) -> None:
    attempt.state, attempt.ended_at = state, now
    session.emit(
        AttemptEnded(
            customer_id=attempt.customer_id, attempt_id=attempt.id, plan=plan.name, arm=attempt.arm, state=state
        )
    )


def _begin(session: CrmSession, plan: CarePlan) -> int:
    """Begin attempts with those who are eligible, rested, and were not tried too often."""
    moment = moment_of(session)
    rested = moment.as_of - timedelta(days=plan.cool_down_days)
    past: dict[UUID, tuple[int, bool, datetime | None]] = {}
    query = (
        select(
            Attempt.customer_id,
            func.count(Attempt.id),
            func.count(Attempt.id) - func.count(Attempt.ended_at),
            func.max(Attempt.ended_at),
        )
        .where(Attempt.plan_id == plan.id)
        .group_by(Attempt.customer_id)
    )
    for customer_id, number, still, ended in session.execute(query):
        past[customer_id] = (int(number), bool(still), ended)
    eligible = session.scalars(customers_where(session, plan.eligible)).all()
    begun = 0
    chosen: list[tuple[UUID, int]] = []
    for customer_id in sorted(eligible):
        number, still, ended = past.get(customer_id, (0, False, None))
        if still or number >= plan.most_attempts or (ended is not None and ended > rested):
            continue
        chosen.append((customer_id, number + 1))
        if len(chosen) >= plan.daily:
            break
    evidence = _evidence(session, plan, [each for each, _number in chosen], moment)
    share = float(plan.control_percent) / 100
    for customer_id, number in chosen:
        held = share > 0 and held_out(f"lifecycle.winback:{plan.name}", share, customer_id)
        attempt = Attempt(
            customer_id=customer_id,
            plan_id=plan.id,
            number=number,
            arm="control" if held else "treated",
            state="open",
            began_at=moment.as_of,
            until=moment.as_of + timedelta(days=plan.wait_days),
            recorded_at=session.gate.clock.now(),
            evidence=evidence.get(customer_id, {}),
        )
        session.add(attempt)
        if not held and plan.task:
            session.flush()
            attempt.task_id = create_task(
                session,
                NewTask(title=plan.task, customer_id=customer_id, team_id=plan.team_id, source="lifecycle"),
            ).id
        session.emit(
            AttemptBegun(customer_id=customer_id, attempt_id=attempt.id, plan=plan.name, arm=attempt.arm, number=number)
        )
        begun += 1
    session.flush()
    return begun


def _evidence(session: CrmSession, plan: CarePlan, ids: list[UUID], moment: Moment) -> dict[UUID, dict[str, Any]]:
    catalogue = catalogue_of(session)
    plain = [
        ref
        for ref in sorted(catalogue.checked(plan.eligible).facts, key=str)
        if catalogue.known(ref.name).fact.classified in ("public", "internal")
    ]
    if not plain:
        return {}
    found = values_of(session, plain, ids, moment, check=False)
    return {each: {str(ref): _said(value) for ref, value in values.items()} for each, values in found.items()}


def _said(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def care(session: CrmSession, tick: datetime | None = None) -> None:
    """Carry plans out: the job of every night, and of who asks for it."""
    session.run("lifecycle.winback.carry_out")


OPERATIONS = [run, carry_out]
JOBS = [
    Job(
        name=RUN,
        title=_("Keep customers and win them back, by plans"),
        handler=care,
        cron="20 5 * * *",
        catch_up="latest",
        lease=1800,
        acts_as="system",
    ),
    Job(
        name="lifecycle.care_now",
        title=_("Keep customers and win them back, as somebody asked"),
        handler=care,
        lease=1800,
        acts_as="system",
    ),
]
