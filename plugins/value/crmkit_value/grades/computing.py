"""Grading all customers by a fact of the policy, with the former grades in mind.

Set-based, in system scope. Must not know how grades are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from crmkit import CrmSession, Input, Refused, frame, moment_of, operation, texts
from crmkit_value.grades.grading import (
    GRADES,
    checked_cuts,
    gini,
    grade,
    graded,
    migration,
    thresholds,
    top_share,
)
from crmkit_value.grades.models import Grade
from crmkit_value.policy.operations import policy_of
from crmkit_value.scoring.models import Scoring
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")

COMPUTE = "value.compute_grades"
CHUNK = 5000
KEPT = 60
"""So many scorings are kept."""
_PLAIN = {"synchronize_session": False}


@operation("value.grade.compute", title=_("Grade customers"), permission="value.score.run", hidden=True)
def compute(
    session: CrmSession, *, day: Annotated[date | None, Input(title=_("As of"), classified="internal")] = None
) -> Scoring:
    """Grade all customers who have bought anything, as of the end of a day, by default the present. Raises Refused
    outside system scope, as grades do not depend on who asks."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policy, moment = policy_of(session), moment_of(session, day)
    shift = _minor_units(moment.base_currency)
    rows = frame(session, [policy.grade_by], where="purchase.count > 0", moment=moment).rows()
    worth: dict[UUID, int] = {row[0]: 0 if row[1] is None else round(row[1] * shift) for row in rows}
    former = latest(session, "grade", moment.as_of)
    same = former is not None and all(
        former.rules.get(name) == value for name, value in (("by", policy.grade_by), ("grading", policy.grading))
    )
    was = grades_of(session, former) if former is not None else {}
    cuts = checked_cuts(policy.grade_cuts, policy.grading)
    limits = thresholds(list(worth.values()), policy.grading, cuts)
    found = graded(worth, limits, was if same else {}, policy.grade_margin)
    scoring = Scoring(
        kind="grade",
        day=moment.today,
        as_of=moment.as_of,
        known_at=moment.known_at,
        currency=moment.base_currency,
        customers=len(found),
        rules={
            "by": policy.grade_by,
            "grading": policy.grading,
            "cuts": [str(each) for each in cuts],
            "margin": str(policy.grade_margin),
            "limits": list(limits),
        },
        figures=_figures(worth, found, was, former),
    )
    session.add(scoring)
    session.flush()
    made = [
        {
            "scoring_id": scoring.id,
            "customer_id": who,
            "worth_minor": worth[who],
            "grade": name,
            "plain": grade(worth[who], limits),
        }
        for who, name in found.items()
    ]
    for start in range(0, len(made), CHUNK):
        session.execute(insert(Grade), made[start : start + CHUNK])
    scoring.state, scoring.recorded_at = "done", session.gate.clock.now()
    _forget(session)
    return scoring


@operation("value.grade.refresh", title=_("Grade customers anew"), permission="value.score.run")
def refresh(session: CrmSession) -> None:
    """Have all customers graded as soon as a worker comes to it."""
    session.defer(COMPUTE, unique=COMPUTE)


def compute_job(session: CrmSession, tick: object = None) -> None:
    """Grade all customers: the job of every week, and of who asks for it."""
    session.run("value.grade.compute", {})


def grades_of(session: CrmSession, scoring: Scoring) -> dict[UUID, str]:
    """Return the grades of a scoring by customer."""
    rows = session.execute(select(Grade.customer_id, Grade.grade).where(Grade.scoring_id == scoring.id))
    return {row[0]: row[1] for row in rows}


def _figures(
    worth: Mapping[UUID, int], found: Mapping[UUID, str], was: Mapping[UUID, str], former: Scoring | None
) -> dict[str, Any]:
    values = list(worth.values())
    sums = {name: [0, 0] for name in GRADES}
    for who, name in found.items():
        sums[name][0] += 1
        sums[name][1] += worth[who]
    moves = migration(was, found, GRADES) if former is not None else {}
    return {
        "grades": sums,
        "gini": gini(values),
        "top_20": top_share(values, 0.2),
        "top_1": top_share(values, 0.01),
        "since": None if former is None else former.day.isoformat(),
        "moves": [[start, to, count] for (start, to), count in sorted(moves.items())],
    }


def _minor_units(currency: str | None) -> int:
    from babel.numbers import get_currency_precision

    return 1 if currency is None else 10 ** get_currency_precision(currency)


def _forget(session: CrmSession) -> None:
    kept = select(Scoring.id).where(Scoring.kind == "grade", Scoring.state == "done")
    newest = list(session.scalars(kept.order_by(Scoring.as_of.desc(), Scoring.recorded_at.desc()).limit(KEPT + 1)))
    if len(newest) > KEPT:
        old = select(Scoring.id).where(Scoring.kind == "grade", Scoring.id.not_in(newest[:KEPT]))
        session.execute(delete(Grade).where(Grade.scoring_id.in_(old)), execution_options=_PLAIN)


OPERATIONS = [compute, refresh]
