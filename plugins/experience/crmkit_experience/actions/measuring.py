"""What came of an action: its measure before and after, for those it was for and for others.

Reads as whoever asks: in system scope over all customers. Must not know pages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen

from crmkit import CrmSession, Moment, catalogue_of, experiment_result, frame, moment_of, texts
from crmkit.engines.statistics.distributions import Estimate
from crmkit_experience.actions.comparing import Share, Verdict, of_numbers, of_shares, verdict_of
from crmkit_experience.actions.errors import EffectTooEarly, ExperimentUnknown, NobodyCompared, problem
from crmkit_experience.actions.models import ImprovementAction
from crmkit_experience.friction.counting import days_between, touches_at
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

NUMBERS = ("integer", "decimal", "number", "money")
Values = Mapping[UUID, float]


@frozen(kw_only=True)
class Effect:
    """What came of an action: by which method, the measure before and after of those it was for, the effect with its
    interval, of how many customers and others, and the verdict. Money is in major units."""

    method: str
    before: float | None
    after: float | None
    estimate: Estimate
    customers: int
    others: int | None
    verdict: Verdict


def known_from(session: CrmSession, action: ImprovementAction) -> date | None:
    """Return the day from which on the effect is known; None for an action that has not started."""
    if action.starts_on is None or action.state == "planned":
        return None
    wait = 0 if action.measure else settings_of(session.crm.settings).friction_follow_days
    return action.starts_on + timedelta(days=action.days + wait)


def effect_of(session: CrmSession, action: ImprovementAction) -> Effect:
    """Return what came of an action, of the customers whom the session sees.

    Raises EffectTooEarly before its days are over, NobodyCompared for fewer than two customers, ExperimentUnknown,
    UnknownFact for what the actor may not read, MissingExtra without crmkit[statistics].
    """
    if action.experiment:
        return _of_experiment(session, action)
    first = known_from(session, action)
    if first is None or action.starts_on is None or session.today() < first:
        raise EffectTooEarly(first)
    return _of_measure(session, action) if action.measure else _of_step(session, action)


def check_measure(session: CrmSession, measure: str) -> str:
    """Return "number" for a fact that is one, and "condition" for a condition. Raises InvalidInput for anything else,
    and for what cannot be had as of an earlier time."""
    catalogue = catalogue_of(session)
    if measure.partition("[")[0].strip() in catalogue.facts:
        ref = catalogue.ref(measure)
        known = catalogue.known(ref.name)
        if known.symbol.type.kind not in (*NUMBERS, "boolean"):
            raise problem("measure", _("{name} is no number and no condition."), name=measure)
        refs, kind = [ref], "number" if known.symbol.type.kind in NUMBERS else "condition"
    else:
        refs, kind = sorted(catalogue.checked(measure).facts, key=str), "condition"
    for ref in refs:
        if not catalogue.known(ref.name).set.temporal:
            raise problem("measure", _("{name} is not known as of an earlier day."), name=ref.name)
    return kind


def _of_measure(session: CrmSession, action: ImprovementAction) -> Effect:
    assert action.measure is not None and action.starts_on is not None  # noqa: PT018
    number = check_measure(session, action.measure) == "number"
    moments = [_at(session, action.starts_on, days) for days in (-action.days, 0, action.days)]
    readings = [_read(session, action.measure, moment, number=number) for moment in moments]
    own = _who(session, action.audience, moments[1])
    others = _who(session, action.compared_with, moments[1]) - own if action.compared_with else None
    adds = number and action.mode == "added"

    def before_of(id: UUID) -> float:
        now = readings[1].get(id, 0.0)
        return now - readings[0].get(id, 0.0) if adds else now

    def after_of(id: UUID) -> float:
        then = readings[2].get(id, 0.0)
        return then - readings[1].get(id, 0.0) if adds else then

    if len(own) < 2 or (others is not None and len(others) < 2):
        raise NobodyCompared
    # In one order, so that sums do not depend on how sets are kept.
    ids = sorted(own)
    differences = [after_of(id) - before_of(id) for id in ids]
    held = [after_of(id) - before_of(id) for id in sorted(others)] if others is not None else None
    estimate = of_numbers(differences, held)
    return Effect(
        method="before_after" if held is None else "differences",
        before=math.fsum(map(before_of, ids)) / len(ids),
        after=math.fsum(map(after_of, ids)) / len(ids),
        estimate=estimate,
        customers=len(ids),
        others=None if held is None else len(held),
        verdict=verdict_of(estimate, action.better),
    )


def _of_step(session: CrmSession, action: ImprovementAction) -> Effect:
    assert action.step is not None and action.starts_on is not None  # noqa: PT018
    start, length = action.starts_on, timedelta(days=action.days)
    moment = _at(session, start, 0)
    own = None if action.audience == "true" and not action.compared_with else _who(session, action.audience, moment)
    others = _who(session, action.compared_with, moment) - (own or set()) if action.compared_with else None
    found: list[tuple[Share, Share]] = []
    for first in (start - length, start):
        touches = touches_at(session, action.step, days_between(session, first, first + length))
        hits = [(each.customer_id, _hit(each, action.part or "drop")) for each in touches]
        known = [(id, hit) for id, hit in hits if hit is not None]
        found.append(
            (
                _share([hit for id, hit in known if own is None or id in own]),
                _share([hit for id, hit in known if others is not None and id in others]),
            )
        )
    (before, others_before), (after, others_after) = found
    if not before.known or not after.known or (others is not None and not (others_before.known and others_after.known)):
        raise NobodyCompared
    compared = (others_before, others_after) if others is not None else (None, None)
    estimate = of_shares(before, after, *compared)
    return Effect(
        method="before_after" if others is None else "differences",
        before=before.value,
        after=after.value,
        estimate=estimate,
        customers=before.known + after.known,
        others=None if others is None else others_before.known + others_after.known,
        verdict=verdict_of(estimate, action.better),
    )


def _of_experiment(session: CrmSession, action: ImprovementAction) -> Effect:
    """Take over what the deciding metric of an experiment shows, of the arm that differs most from the control."""
    result = experiment_result(session, action.experiment or "")
    metric = result.metrics[0]
    control = next(each for each in metric.arms if each.control)
    compared = max(metric.compared, key=lambda each: abs(each.difference.value or 0.0), default=None)
    if compared is None:
        raise ExperimentUnknown(action.experiment or "")
    treated = next(each for each in metric.arms if each.name == compared.arm)
    # The experiment says more or less; which of them is good the action says.
    said: Verdict = "unclear"
    if result.trusted and result.verdict in ("better", "worse"):
        said = "better" if (result.verdict == "better") == (action.better == "up") else "worse"
    return Effect(
        method="experiment",
        before=control.estimate.value,
        after=treated.estimate.value,
        estimate=compared.difference,
        customers=treated.customers,
        others=control.customers,
        verdict=said,
    )


def _at(session: CrmSession, day: date, days: int) -> Moment:
    """Return the moment at which a day begins that is so many days from another one."""
    return moment_of(session, days_between(session, day + timedelta(days=days), day + timedelta(days=days + 1)).since)


def _read(session: CrmSession, measure: str, moment: Moment, *, number: bool) -> Values:
    if not number:
        return {row[0]: 1.0 for row in frame(session, [], where=measure, moment=moment).rows()}
    rows = frame(session, [measure], moment=moment).rows()
    return {row[0]: float(row[1]) for row in rows if row[1] is not None}


def _who(session: CrmSession, condition: str | None, moment: Moment) -> set[UUID]:
    return {row[0] for row in frame(session, [], where=condition or "true", moment=moment).rows()}


def _hit(touch: Any, part: str) -> bool | None:
    found: bool | None = {"drop": touch.dropped, "effort": touch.laborious, "score": touch.unhappy}[part]
    return found


def _share(hits: list[bool]) -> Share:
    return Share(hit=sum(hits), known=len(hits))
