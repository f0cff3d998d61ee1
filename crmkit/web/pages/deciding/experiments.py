"""Experiments: customers treated in different ways by chance, and what that changes, with its intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from crmkit.engines.experiments.defining import experiments, started
from crmkit.engines.experiments.results import experiment_result
from crmkit.errors import CrmkitError, DefinitionError, InvalidInput, NotFound, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.deciding.common import name_from, place_of
from crmkit.web.pages.routing import get, post, problems_by_field

_ = texts("crmkit")

READ, CHANGE = "experiment.read", "experiment.update"
STATES: Mapping[str, tuple[Text, str]] = {
    "draft": (_("draft"), ""),
    "running": (_("running"), "good"),
    "stopped": (_("stopped"), "info"),
}
VERDICTS: Mapping[str, tuple[Text, str]] = {
    "mismatch": (_("not to be trusted: customers were not dealt out as planned"), "bad"),
    "collecting": (_("too early to say"), "info"),
    "better": (_("better than the control arm"), "good"),
    "worse": (_("worse than the control arm"), "bad"),
    "mixed": (_("some arms are better, some worse than the control arm"), "warn"),
    "no difference": (_("no difference shown so far"), "info"),
}
METHODS: Mapping[str, Text] = {
    "always_valid": _("one may look at any time"),
    "group_sequential": _("at planned looks"),
    "fixed": _("once, at the end"),
}
ACTS: Mapping[str, Text] = {
    "start": _("The experiment runs: from now on customers have arms."),
    "stop": _("The experiment is stopped; its results stay."),
    "delete": _("The experiment is removed."),
}
TYPED = ("name", "title", "doc", "among", "share", "control", "treated", "part", "metric", "value", "kind", "since",
         "effect", "method", "planned")  # fmt: skip


@get("/experiments", right=READ)
def show_experiments(call: PageCall) -> Response:
    """List the experiments."""
    with call.session() as session:
        rows = list(experiments(session).values())
    return call.page("deciding/experiments.html", rows=rows, states=STATES, reason=_reason(call))


def _reason(call: PageCall) -> str:
    return "" if call.may(CHANGE) else call.text(_("Changing experiments needs the right experiment.update."))


@get("/experiments/{name}", right=READ)
def show_experiment(call: PageCall, name: str) -> Response:
    """Show an experiment, and what it shows."""
    result, problem = None, ""
    with call.session() as session:
        found = started(session, name)
        if found.run is not None:
            try:
                result = experiment_result(session, name)
            except CrmkitError as error:
                problem = error.render(call.language)
    context = {
        "found": found,
        "result": result,
        "charts": _charts(result),
        "problem": problem,
        "states": STATES,
        "verdicts": VERDICTS,
        "methods": METHODS,
        "reason": _reason(call),
    }
    return call.page("deciding/experiment.html", **context)


def _charts(result: Any) -> list[dict[str, Any]]:
    """Return for each metric its arms with the difference from the control arm, and where its interval lies on a line
    from 0 to 100, on which 50 is no difference."""
    found: list[dict[str, Any]] = []
    for metric in () if result is None else result.metrics:
        compared = {item.arm: item for item in metric.compared}
        ends = [end for item in metric.compared for end in (item.difference.low, item.difference.high) if end]
        reach = max(map(abs, ends), default=0.0)
        rows: list[dict[str, Any]] = []
        for arm in metric.arms:
            item = compared.get(arm.name)
            line = None
            if item is not None and reach and None not in (item.difference.low, item.difference.high):
                line = [
                    round(50 + 48 * max(-1.0, min(1.0, value / reach)), 1)
                    for value in (item.difference.low, item.difference.value, item.difference.high)
                ]
            rows.append({"arm": arm, "item": item, "line": line})
        found.append({"metric": metric, "rows": rows, "share": metric.kind == "share"})
    return found


@get("/experiments/new", right=CHANGE)
def new_experiment(call: PageCall) -> Response:
    """Show the form for a new experiment."""
    given = {
        "among": "true",
        "share": "100",
        "part": "50",
        "kind": "share",
        "since": "start",
        "value": "purchase.count",
    }
    more = {
        "method": "always_valid",
        "effect": "0.05",
        "control": call.text(_("As usual")),
        "treated": call.text(_("Otherwise")),
    }
    return _form(call, {**dict.fromkeys(TYPED, ""), **given, **more})


def _form(call: PageCall, typed: dict[str, str], error: CrmkitError | None = None) -> Response:
    context = {
        "typed": typed,
        "methods": [(name, call.text(title)) for name, title in METHODS.items()],
        "problems": problems_by_field(error) if error is not None else {},
    }
    return call.page("deciding/experiment_edit.html", status=422 if error is not None else 200, **context)


@post("/experiments/save", right=CHANGE)
def save_experiment(call: PageCall) -> Response:
    """Save an experiment with a control arm and one that is treated; more arms take a file on the command line."""
    typed = {name: call.value(name) for name in TYPED}
    try:
        with call.session() as session:
            name = typed["name"] or name_from(typed["title"] or "experiment", experiments(session))
        part = _number(typed, "part", 50.0) / 100
        experiment: dict[str, Any] = {
            "name": name,
            "title": typed["title"],
            "doc": typed["doc"],
            "among": typed["among"] or "true",
            "share": _number(typed, "share", 100.0) / 100,
            "method": typed["method"] or "always_valid",
            "planned": int(_number(typed, "planned", 0)),
            "arms": [
                {"name": "control", "share": round(1 - part, 6), "title": typed["control"]},
                {"name": "treated", "share": round(part, 6), "title": typed["treated"]},
            ],
            "metrics": [
                {
                    "name": "first",
                    "title": typed["metric"],
                    "value": typed["value"],
                    "kind": typed["kind"] or "mean",
                    "since": typed["since"] or "start",
                    "effect": _number(typed, "effect", 0.0),
                }
            ],
        }
        call.run("experiment.save", {"experiment": experiment})
    except InvalidInput as error:
        return _form(call, typed, error)
    return call.redirect(place_of("experiments", name), said=_("The experiment is saved. It runs once it is started."))


def _number(typed: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(typed[name].rstrip("% ") or default)
    except ValueError:
        problem = Problem(DefinitionError.code, _("This must be a number."), field=name, value=typed[name])
        raise DefinitionError([problem]) from None


@post("/experiments/{name}/{act}", right=READ)
def change_experiment(call: PageCall, name: str, act: str) -> Response:
    """Start, stop or remove an experiment."""
    if act not in ACTS:
        raise NotFound(_("There is no such page."))
    call.run(f"experiment.{act}", {"name": name})
    return call.redirect("/experiments" if act == "delete" else place_of("experiments", name), said=ACTS[act])


ROUTES = [show_experiments, new_experiment, save_experiment, show_experiment, change_experiment]
