"""What an experiment shows: arms side by side, differences with intervals, and whether they can be believed.

Everything is computed as of an instant by what was known at another one, so a result can be had again. Customers are
those that the reader may see, and metrics need the right for their facts. Must not know how customers are treated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import select

from crmkit.core.business.money import places
from crmkit.core.customers.models import Customer
from crmkit.core.customers.references import CHUNK
from crmkit.core.store.guard.computed import computed
from crmkit.engines.experiments.assigning import dealt
from crmkit.engines.experiments.defining import Started, started
from crmkit.engines.experiments.judging import Compared, Way, judge
from crmkit.engines.experiments.tables import ExperimentRun, Exposure
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.statistics.comparing import benjamini_hochberg, goodness_of_fit
from crmkit.engines.statistics.distributions import Estimate, Significance
from crmkit.engines.statistics.intervals import mean_interval, wilson
from crmkit.engines.statistics.sequential import spending_bounds
from crmkit.engines.statistics.uplift import adjusted_by
from crmkit.errors import Conflict
from crmkit.hooks.experiments import Experiment, Metric
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.engines.expressions.compiling import Expression

_ = texts("crmkit")

MISMATCH = 0.001
"""A sample ratio less probable than this means that something other than chance has dealt customers out: Fabijan et al.
(2019), KDD '19, 2156-2164."""
Verdict = Literal["mismatch", "collecting", "better", "worse", "mixed", "no difference"]
Arms = Mapping[UUID, str]


@frozen(kw_only=True)
class ArmResult:
    """What was measured of an arm: how many customers it has, and the share or mean with its interval."""

    name: str
    title: str
    control: bool
    customers: int
    estimate: Estimate


@frozen(kw_only=True)
class MetricResult:
    """What a metric shows. Means of money are in major units of ``currency``; ``adjusted`` says that outcomes were
    adjusted by what was known before."""

    name: str
    title: str
    kind: Literal["share", "mean"]
    decides: bool
    currency: str | None
    adjusted: bool
    arms: tuple[ArmResult, ...] = field(converter=tuple)
    compared: tuple[Compared, ...] = field(converter=tuple)


@frozen(kw_only=True)
class ExperimentResult:
    """What an experiment shows as of an instant, by what was known at another one (both UTC).

    ``look`` is how many of the planned looks there have been. ``ratio`` is the test of whether the arms have the
    customers that chance should have dealt them; where ``trusted`` is false nothing else counts. ``verdict`` is that of
    the first metric: "collecting" until one may look, "mixed" where arms differ in both directions.
    """

    name: str
    title: str
    state: str
    number: int
    started_at: datetime
    stopped_at: datetime | None
    as_of: datetime
    known_at: datetime
    method: str
    customers: int
    planned: int
    look: int
    ratio: Significance | None
    trusted: bool
    verdict: Verdict
    metrics: tuple[MetricResult, ...] = field(converter=tuple)


def experiment_result(
    session: CrmSession,
    name: str,
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
) -> ExperimentResult:
    """Return what an experiment shows. A day stands for its end in the company's zone; the default is now.

    A group-sequential test is read as of its last planned look, however late one asks. It is audited. Raises
    UnknownDefinition, Conflict for an experiment that was never started, UnknownFact for a metric, or a condition
    of who takes part, that the reader may not read.
    """
    found = started(session, name)
    experiment, run = found.experiment, found.run
    if run is None:
        raise Conflict(_('The experiment "{name}" was never started.'), name=name)
    # Who is counted tells who meets the condition.
    check_readable(session, catalogue_of(session).checked(experiment.among).facts)
    moment = moment_of(session, as_of, known_at)
    begin = evolve(moment, as_of=run.started_at, present=False)
    arms, times = _dealt(session, found, moment, begin)
    look, cut = _look(experiment, times)
    if cut is not None:
        moment = evolve(moment, as_of=cut, present=False)
        arms = {id: arm for id, arm in arms.items() if times[id] <= cut}
    sizes = [sum(1 for arm in arms.values() if arm == each.name) for each in experiment.arms]
    ratio = goodness_of_fit(sizes, [arm.share for arm in experiment.arms]) if any(sizes) else None
    trusted = ratio is None or ratio.p_value >= MISMATCH
    bound = None
    if experiment.method == "group_sequential" and look:
        parts = [(number + 1) / experiment.looks for number in range(look)]
        # The error is shared out among the arms that are compared.
        bound = spending_bounds(parts, 1 - (1 - experiment.confidence) / (len(experiment.arms) - 1))[-1]
    ready = {
        "always_valid": bool(arms),
        "group_sequential": bool(look),
        "fixed": len(arms) >= experiment.planned,
    }[experiment.method]
    way = Way(method=experiment.method, confidence=experiment.confidence, bound=bound, ready=ready)
    metrics = _measure(session, experiment, arms, moment, begin, way)
    session.note("experiment.result", resource="experiment", details={"experiment": name, "customers": len(arms)})
    return ExperimentResult(
        name=name,
        title=experiment.title,
        state=found.state,
        number=run.number,
        started_at=run.started_at,
        stopped_at=run.stopped_at,
        as_of=moment.as_of,
        known_at=moment.known_at,
        method=experiment.method,
        customers=len(arms),
        planned=experiment.planned,
        look=look,
        ratio=ratio,
        trusted=trusted,
        verdict=_verdict(metrics[0].compared, trusted=trusted, ready=ready),
        metrics=metrics,
    )


def _verdict(compared: Sequence[Compared], *, trusted: bool, ready: bool) -> Verdict:
    if not trusted:
        return "mismatch"
    if not ready:
        return "collecting"
    better, worse = (
        any(item.significant and math.copysign(1, item.difference.value or 0) == sign for item in compared)
        for sign in (1, -1)
    )
    return "mixed" if better and worse else "better" if better else "worse" if worse else "no difference"


# --- who ------------------------------------------------------------------------------------------------------------


def _dealt(
    session: CrmSession, found: Started, moment: Moment, begin: Moment
) -> tuple[dict[UUID, str], dict[UUID, datetime]]:
    """Return the arms of the customers that count, and since when they do."""
    experiment, run = found.experiment, cast(ExperimentRun, found.run)
    if experiment.covers == "everybody":
        among = catalogue_of(session).checked(experiment.among)
        there = joined(session, (), begin, where=among, check=False).select(Customer.id)
        rows = session.scalars(there.where(Customer.created_at <= run.recorded_at))
        arms = {id: arm for id in rows if (arm := dealt(experiment, id)) is not None}
        return arms, dict.fromkeys(arms, begin.as_of)
    table = cast(Any, Exposure).__table__
    query: Any = select(table.c.customer_id, table.c.arm, table.c.exposed_at).where(
        table.c.experiment == experiment.name,
        table.c.exposed_at <= moment.as_of,
        table.c.recorded_at <= moment.known_at,
    )
    written = computed(query, "exposures")
    rows = session.execute(
        select(Customer.id, written.c.arm, written.c.exposed_at)
        .join(written, written.c.customer_id == Customer.id)
        .where(Customer.deleted_at.is_(None))
        .order_by(written.c.exposed_at, Customer.id)
    ).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def _look(experiment: Experiment, times: Mapping[UUID, datetime]) -> tuple[int, datetime | None]:
    """Return how many planned looks there have been, and the instant of the last: when as many customers as it needs
    had been exposed. Whoever asks between two looks reads the earlier one, so asking often changes nothing."""
    if experiment.method != "group_sequential":
        return 0, None
    ordered = sorted(times.values())
    needed = [math.ceil(experiment.planned * (number + 1) / experiment.looks) for number in range(experiment.looks)]
    reached = [number for number in needed if number <= len(ordered)]
    return len(reached), ordered[reached[-1] - 1] if reached else None


# --- what -----------------------------------------------------------------------------------------------------------


def _measure(
    session: CrmSession, experiment: Experiment, arms: Arms, moment: Moment, begin: Moment, way: Way
) -> list[MetricResult]:
    catalogue = catalogue_of(session)
    values = [catalogue.checked(metric.value, None) for metric in experiment.metrics]
    grows = [
        value if metric.since == "start" and value.type.kind != "boolean" else None
        for metric, value in zip(experiment.metrics, values, strict=True)
    ]
    befores = [catalogue.checked(metric.before, None) if metric.before else None for metric in experiment.metrics]
    scales = [
        10 ** places(moment.base_currency) if value.type.kind == "money" and moment.base_currency else 1
        for value in values
    ]
    # Of a few customers facts are computed for them alone; of many for all, in one pass.
    few = list(arms) if len(arms) <= CHUNK else None
    now = _read(session, values, moment, few)
    then = _read(session, [*grows, *befores], begin, few)
    found: list[MetricResult] = []
    for index, metric in enumerate(experiment.metrics):
        outcomes: dict[UUID, float] = {}
        for id, value in now[index].items():
            if id in arms and value is not None:
                outcomes[id] = (float(value) - float(then[index].get(id) or 0)) / scales[index]
        before = then[len(values) + index] if befores[index] is not None else None
        found.append(_metric(experiment, metric, arms, outcomes, before, way, decides=index == 0))
        if scales[index] > 1:
            found[-1] = evolve(found[-1], currency=moment.base_currency)
    return _among_others(found) if way.bound is None else found


def _read(
    session: CrmSession, expressions: Sequence[Expression | None], moment: Moment, few: list[UUID] | None
) -> list[dict[UUID, Any]]:
    """Return the values of expressions at a moment, by customer; nothing for None."""
    found: list[dict[UUID, Any]] = [{} for _expression in expressions]
    asked = [(index, each) for index, each in enumerate(expressions) if each is not None]
    if asked:
        facts = joined(session, [ref for _index, each in asked for ref in each.facts], moment, customers=few)
        around = moment.surroundings(session.get_bind().dialect.name)
        columns = [each.sql(facts.columns, around).label(f"value_{index}") for index, each in asked]
        for id, *values in session.execute(facts.select(Customer.id, *columns)):
            for (index, _each), value in zip(asked, values, strict=True):
                found[index][id] = value
    return found


def _metric(
    experiment: Experiment,
    metric: Metric,
    arms: Arms,
    outcomes: Mapping[UUID, float],
    before: Mapping[UUID, Any] | None,
    way: Way,
    *,
    decides: bool,
) -> MetricResult:
    if metric.kind == "share":
        outcomes = {id: float(value > 0) for id, value in outcomes.items()}
    elif before is not None:
        known = [float(before.get(id) or 0) for id in outcomes]
        outcomes = dict(zip(outcomes, adjusted_by(list(outcomes.values()), known), strict=True))
    samples: dict[str, list[float]] = {arm.name: [] for arm in experiment.arms}
    for id, value in outcomes.items():
        samples[arms[id]].append(value)
    level = experiment.confidence
    results = [
        ArmResult(
            name=arm.name,
            title=arm.title,
            control=arm.name == experiment.base,
            customers=len(of),
            estimate=wilson(sum(of), len(of), level) if metric.kind == "share" else mean_interval(of, level),
        )
        for arm in experiment.arms
        for of in (samples[arm.name],)
    ]
    compared = judge(
        samples[experiment.base],
        {name: of for name, of in samples.items() if name != experiment.base},
        share=metric.kind == "share",
        effect=metric.effect,
        way=way,
    )
    return MetricResult(
        name=metric.name,
        title=metric.title,
        kind=metric.kind,
        decides=decides,
        currency=None,
        adjusted=metric.kind == "mean" and before is not None,
        arms=results,
        compared=compared,
    )


def _among_others(metrics: list[MetricResult]) -> list[MetricResult]:
    """Adjust the metrics that do not decide for being many: their expected share of false findings keeps the level."""
    others = [(index, place) for index, item in enumerate(metrics[1:], 1) for place in range(len(item.compared))]
    adjusted = benjamini_hochberg([metrics[index].compared[place].p_value for index, place in others])
    for (index, place), p_value in zip(others, adjusted, strict=True):
        compared = list(metrics[index].compared)
        level = 1 - compared[place].difference.confidence
        compared[place] = evolve(compared[place], adjusted=p_value, significant=p_value <= level)
        metrics[index] = evolve(metrics[index], compared=tuple(compared))
    return metrics
