"""Experiments and goals: what was planned, and what came of it. They are changed by their operations.

Must not decide anything.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from crmkit.engines.definitions.documents import to_document
from crmkit.engines.experiments.defining import experiments, started
from crmkit.engines.experiments.planning import plan
from crmkit.engines.experiments.results import experiment_result
from crmkit.engines.reports.documents import plain
from crmkit.engines.reports.goals import Attainment, attainment, goals
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Column
from crmkit.i18n import texts
from crmkit.web.rest.asking import AS_OF, KNOWN_AT, instant, listing, reads, said, works
from crmkit.web.rest.calls import RestCall

_ = texts("crmkit")

GROUP = _("Experiments and goals")


@frozen(kw_only=True)
class ExperimentPlan:
    """What an experiment is to show: ``base`` is the control arm's expected share or mean, ``effect`` the difference
    that matters, ``deviation`` that of a mean, ``shares`` the arms'."""

    base: float
    effect: float
    deviation: float | None = None
    shares: tuple[float, ...] = field(default=(0.5, 0.5), converter=tuple)
    power: float = 0.8
    confidence: float = 0.95
    per_day: float | None = None


def _experiments(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return {"data": [_started(call, name, found) for name, found in experiments(session).items()]}


def _started(call: RestCall, name: str, found: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": said(call, found.experiment.title),
        "state": found.state,
        "arms": found.experiment.arms,
        "number": found.run.number if found.run else None,
        "started_at": found.run.started_at if found.run else None,
        "stopped_at": found.run.stopped_at if found.run else None,
    }


def _experiment(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        found = started(session, call.path["name"])
        return {**_started(call, call.path["name"], found), "definition": to_document(found.experiment)}


def _result(call: RestCall) -> Any:
    given = call.query
    with call.session() as session:
        times = (instant(given[name], name) for name in ("as_of", "known_at"))
        return experiment_result(session, call.path["name"], *times)


def _plan(call: RestCall) -> Any:
    given: ExperimentPlan = call.body
    return plan(
        given.base,
        given.effect,
        deviation=given.deviation,
        shares=given.shares,
        power=given.power,
        confidence=given.confidence,
        per_day=given.per_day,
    )


def _goals(call: RestCall) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    with call.session() as session:
        at = instant(call.query["as_of"], "as_of")
        for name, item in sorted(goals(session).items()):
            try:
                rows.append(_attained(call, attainment(session, name, as_of=at)))
            except CrmkitError as error:
                # One that cannot be measured, or not by this reader, does not keep the others from being seen.
                rows.append({"name": name, "title": said(call, item.value.title), "error": error.render(call.language)})
    return {"data": rows}


def _goal(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        at = instant(call.query["as_of"], "as_of")
        return _attained(call, attainment(session, call.path["name"], as_of=at))


def _attained(call: RestCall, item: Attainment) -> dict[str, Any]:
    def value(given: Any) -> Any:
        if given is None or item.kind != "money":
            return given
        return plain(int(given), Column(name="", title="", kind="money"), item.moment)

    return {
        "name": item.goal.name,
        "title": said(call, item.goal.title),
        "owner": item.goal.owner,
        "first": item.period.first,
        "last": item.period.last,
        "kind": item.kind,
        "value": value(item.value),
        "target": value(item.target),
        "attained": item.attained,
        "elapsed": item.elapsed,
        "expected": value(item.expected),
        "projected": value(item.projected),
        "state": item.state,
        "as_of": item.moment.as_of,
    }


ENDPOINTS = (
    reads(
        "/experiments",
        "experiments.list",
        _("List the experiments"),
        GROUP,
        _experiments,
        _("The experiments."),
        body=listing(),
    ),
    works(
        "/experiments/plan",
        "experiments.plan",
        _("Plan an experiment"),
        GROUP,
        _plan,
        _("How many customers it needs."),
        ExperimentPlan,
        {"base": 0.1, "effect": 0.02},
    ),
    reads("/experiments/{name}", "experiments.read", _("Read an experiment"), GROUP, _experiment, _("The experiment.")),
    reads(
        "/experiments/{name}/result",
        "experiments.result",
        _("Read what an experiment shows"),
        GROUP,
        _result,
        _("Arms, differences and a verdict."),
        AS_OF,
        KNOWN_AT,
        refusals=(409,),
    ),
    reads(
        "/goals",
        "goals.list",
        _("List the goals"),
        GROUP,
        _goals,
        _("How far each is attained."),
        AS_OF,
        body=listing(),
    ),
    reads("/goals/{name}", "goals.read", _("Read a goal"), GROUP, _goal, _("How far it is attained."), AS_OF),
)
