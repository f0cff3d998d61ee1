"""Checks customers: judges them by the rules, measures them, and keeps what was found. Everything runs in slices, each
in a transaction of its own, so that others can write meanwhile; and in system scope.

Must not know who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, insert, select

from crmkit import (
    CRM,
    CrmSession,
    Customer,
    CustomerProfile,
    Input,
    Refused,
    customer_profiles,
    new_id,
    operation,
    texts,
)
from crmkit_quality.rules.finding import Judged, active_rules, judge
from crmkit_quality.rules.models import ASPECTS, Violation
from crmkit_quality.scores.evidence import confirmed_at, doubted, shared_values
from crmkit_quality.scores.fields import weighing_of
from crmkit_quality.scores.figures import keep_figures
from crmkit_quality.scores.measuring import Evidence, cells_of
from crmkit_quality.scores.models import CustomerScore
from crmkit_quality.scores.scoring import Score, score_of
from crmkit_quality.settings import settings_of

_ = texts("crmkit_quality")

SLICE = 2000
"""Customers that one transaction checks."""
REASON = _("Checking the quality of data")

Ids = Annotated[tuple[UUID, ...], Input(title=_("Customers"), max_length=SLICE, classified="internal")]
After = Annotated[UUID | None, Input(title=_("After"), classified="internal")]

_PLAIN = {"synchronize_session": False}


@frozen(kw_only=True)
class Checked:
    """What a slice did: how many customers were checked, and the last of them, None where there were none left."""

    customers: int
    last: UUID | None = None


@frozen(kw_only=True)
class CheckReport:
    """What a check of everything did: customers, violations there are, and the mean score, None where there is none."""

    customers: int
    violations: int
    score: float | None


@operation("quality.check.slice", title=_("Check a slice of customers"), permission="quality.check.run", hidden=True)
def check_slice(session: CrmSession, *, after: After = None) -> Checked:
    """Check the next customers by their ids. Raises Refused outside system scope: what is found is everybody's."""
    _only_system(session)
    query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id).limit(SLICE)
    ids = list(session.scalars(query if after is None else query.where(Customer.id > after)))
    check_customers(session, ids)
    return Checked(customers=len(ids), last=ids[-1] if ids else None)


@operation("quality.check.some", title=_("Check customers"), permission="quality.check.run", hidden=True)
def check_some(session: CrmSession, *, customer_ids: Ids) -> Checked:
    """Check some customers. Raises Refused outside system scope."""
    _only_system(session)
    check_customers(session, customer_ids)
    return Checked(customers=len(customer_ids))


@operation("quality.check.finish", title=_("End a check"), permission="quality.check.run", hidden=True)
def finish_check(session: CrmSession) -> CheckReport:
    """Forget customers who are gone and keep the figures of the check. Raises Refused outside system scope."""
    _only_system(session)
    gone = select(Customer.id).where(Customer.deleted_at.is_not(None))
    known = sorted(rule.name for rule in active_rules(session))
    for model in (CustomerScore, Violation):
        session.execute(delete(model).where(model.customer_id.in_(gone)), execution_options=_PLAIN)
    session.execute(delete(Violation).where(Violation.rule.not_in(known)), execution_options=_PLAIN)
    overall = keep_figures(session)
    return CheckReport(customers=overall.customers, violations=overall.violations, score=overall.score)


@operation("quality.check.go_on", title=_("Go on with a check"), permission="quality.check.run", hidden=True)
def go_on(session: CrmSession, *, after: After = None) -> None:
    """Check a slice and leave the next one to a job; after the last one keep the figures."""
    done = session.run("quality.check.slice", {"after": after})
    if done.last is None:
        session.run("quality.check.finish")
    else:
        session.defer("quality.check_slice", after=str(done.last))


@operation("quality.check.run", title=_("Check the quality of all data"))
def run_check(session: CrmSession) -> None:
    """Have all customers checked by a job: for whom which rules do not hold, and the scores."""
    session.defer("quality.check_slice", unique="quality.check_slice")


@operation("quality.check.allow", title=_("Begin a check"), permission="quality.check.run", hidden=True)
def allow_check(session: CrmSession) -> None:
    """Note that somebody has everything checked in a process of his own; refused to who may not."""


def nightly(session: CrmSession, tick: datetime) -> None:
    """Check everything once a night: the job."""
    session.run("quality.check.go_on", {})


def slice_job(session: CrmSession, after: str | None = None) -> None:
    """Go on with a check: the job."""
    session.run("quality.check.go_on", {"after": after})


def check_all(crm: CRM, progress: Callable[[int], None] | None = None) -> CheckReport:
    """Check all customers now, slice by slice; ``progress`` is told how many were checked. Who asks for it has to have
    been let to."""
    actor = crm.system(str(REASON))
    after: UUID | None = None
    count = 0
    while True:
        done: Checked = crm.run(actor, "quality.check.slice", {"after": after})
        if done.last is None:
            break
        after = done.last
        count += done.customers
        if progress is not None:
            progress(count)
    report: CheckReport = crm.run(actor, "quality.check.finish")
    return report


def check_customers(session: CrmSession, ids: Collection[UUID]) -> None:
    """Judge and measure some customers, and keep what was found; those who are gone are forgotten."""
    profiles = list(customer_profiles(session, ids)) if ids else []
    present = [profile.id for profile in profiles]
    now = session.gate.clock.now()
    judged = judge(session, active_rules(session), profiles, session.today())
    evidence = Evidence(
        shared=shared_values(session, present),
        confirmed=confirmed_at(session, present),
        doubted=doubted(session, present),
    )
    weighing = weighing_of(settings_of(session.crm.settings))
    cells = cells_of(profiles, judged, evidence, weighing, now)
    _keep_violations(session, list(ids), judged, now)
    severe = _counts(judged)
    rows = [
        {
            "source": source_of(profile)[:120],
            **_score_row(profile.id, own, score_of(own, weighing), severe.get(profile.id, (0, 0)), now),
        }
        for profile, own in ((profile, cells[profile.id]) for profile in profiles)
    ]
    _replace(session, list(ids), rows)


def source_of(profile: CustomerProfile) -> str:
    """Return how a customer came; where that is not said, the system that it was taken over from."""
    return profile.source or next((source for source, _id in profile.identifiers), "")


def _counts(judged: Judged) -> dict[UUID, tuple[int, int]]:
    """Return by customer the number of violations, and of those that are errors."""
    found: dict[UUID, tuple[int, int]] = {}
    for rule in judged.rules:
        for customer in judged.violated.get(rule.name, ()):
            number, errors = found.get(customer, (0, 0))
            found[customer] = (number + 1, errors + (rule.severity == "error"))
    return found


def _keep_violations(session: CrmSession, ids: Sequence[UUID], judged: Judged, now: datetime) -> None:
    """Keep what is violated now, each since it was first found."""
    rules = {rule.name: rule for rule in judged.rules}
    wanted = {(customer, name) for name, customers in judged.violated.items() for customer in customers}
    known: dict[tuple[UUID, str], Any] = {}
    for part in _chunks(ids):
        query = select(
            Violation.id, Violation.customer_id, Violation.rule, Violation.about, Violation.severity, Violation.since
        ).where(Violation.customer_id.in_(part))
        known.update({(row.customer_id, row.rule): row for row in session.execute(query)})
    gone = [row.id for key, row in known.items() if key not in wanted or _differs(row, rules[key[1]])]
    for part in _chunks(gone):
        session.execute(delete(Violation).where(Violation.id.in_(part)), execution_options=_PLAIN)
    fresh = [key for key in wanted if key not in known or _differs(known[key], rules[key[1]])]
    rows = [
        {
            "id": new_id(),
            "customer_id": customer,
            "rule": name,
            "about": rules[name].about,
            "severity": rules[name].severity,
            "since": known[customer, name].since if (customer, name) in known else now,
            **_stamp(session, now),
        }
        for customer, name in sorted(fresh)
    ]
    if rows:
        session.execute(insert(Violation), rows)


def _differs(row: Any, rule: Any) -> bool:
    return (row.severity, row.about) != (rule.severity, rule.about)


def _score_row(customer: UUID, cells: Any, score: Score, counts: tuple[int, int], now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "customer_id": customer,
        "score": exact(score.total),
        **{aspect: exact(score.aspects[aspect]) for aspect in ASPECTS},
        "violations": counts[0],
        "errors": counts[1],
        "cells": {name: {aspect: round(value, 4) for aspect, value in own.items()} for name, own in cells.items()},
        "checked_at": now,
    }


def _replace(session: CrmSession, ids: Sequence[UUID], rows: list[dict[str, Any]]) -> None:
    for part in _chunks(ids):
        session.execute(delete(CustomerScore).where(CustomerScore.customer_id.in_(part)), execution_options=_PLAIN)
    if rows:
        stamp = _stamp(session, rows[0]["checked_at"])
        session.execute(insert(CustomerScore), [{**row, **stamp} for row in rows])


def _stamp(session: CrmSession, now: datetime) -> dict[str, Any]:
    return {"version": 1, "created_at": now, "created_by": session.actor.id, "updated_at": now}


def exact(value: float | None) -> Decimal | None:
    """Return a share as it is kept, with six decimal places."""
    return None if value is None else Decimal(f"{value:.6f}")


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Customers are checked in system scope."), fix=_("Run quality.check.run, which has it done."))


def _chunks(ids: Sequence[UUID], size: int = 1000) -> list[Sequence[UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


OPERATIONS = [check_slice, check_some, finish_check, go_on, run_check, allow_check]
