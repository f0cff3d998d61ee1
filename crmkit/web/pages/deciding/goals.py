"""Goals: what a figure is to reach in a period, how far it is, and where the pace leads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from crmkit.engines.definitions.publishing import find
from crmkit.engines.reports.goals import KIND, Attainment, attainment, goals
from crmkit.engines.reports.wording import words
from crmkit.errors import CrmkitError, InvalidInput
from crmkit.hooks.contributions import ByFacts, Column
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.deciding.common import name_from
from crmkit.web.pages.reports.asking import PERIODS
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    pass

_ = texts("crmkit")

CHANGE = "goal.update"
STATES: Mapping[str, tuple[Text, str]] = {
    "reached": (_("reached"), "good"),
    "missed": (_("missed"), "bad"),
    "ahead": (_("on the way"), "good"),
    "behind": (_("behind"), "warn"),
}
AGGREGATES: Mapping[str, Text] = {
    "count": _("the number of customers"),
    "share": _("the share of customers"),
    "sum": _("the sum of a fact"),
    "average": _("the average of a fact"),
}
TYPED = (
    "name",
    "title",
    "target",
    "period",
    "aggregate",
    "of",
    "where",
    "among",
    "during",
    "at_most",
    "owner",
    "known",
)


@get("/goals", right="report.read")
def show_goals(call: PageCall) -> Response:
    """List the goals with how far they are attained."""
    rows: list[dict[str, Any]] = []
    with call.session() as session:
        for name, item in sorted(goals(session).items()):
            try:
                rows.append(_row(call, attainment(session, name)))
            except CrmkitError as error:
                rows.append({"name": name, "goal": item.value, "problem": error.render(call.language)})
    reason = "" if call.may(CHANGE) else call.text(_("Setting goals needs the right goal.update."))
    return call.page("deciding/goals.html", rows=rows, states=STATES, reason=reason)


def _row(call: PageCall, found: Attainment) -> dict[str, Any]:
    return {
        "name": found.goal.name,
        "goal": found.goal,
        "found": found,
        "value": _said(call, found, found.value),
        "target": _said(call, found, found.target),
        "projected": _said(call, found, found.projected),
        "problem": "",
    }


def _said(call: PageCall, found: Attainment, value: Decimal | None) -> str:
    if value is None:
        return ""
    kind: Any = found.kind if found.kind in ("money", "rate", "share", "integer") else "number"
    plain = int(value) if kind in ("money", "integer") else value
    return words(plain, Column(name="", title="", kind=kind), found.moment, call.language)


@get("/goals/new", right=CHANGE)
def new_goal(call: PageCall) -> Response:
    """Show the form for a new goal."""
    typed = {**dict.fromkeys(TYPED, ""), "aggregate": "sum", "of": "purchase.net_amount", "during": "true"}
    return _form(call, {**typed, "period": "this month", "where": "true", "among": "true"})


@get("/goals/{name}/edit", right=CHANGE)
def edit_goal(call: PageCall, name: str) -> Response:
    """Show the form for a goal that is there."""
    with call.session() as session:
        goal = find(session, KIND, name).value
    metric = goal.metric
    typed = {
        **dict.fromkeys(TYPED, ""),
        "name": name,
        "title": call.text(goal.title),
        "target": f"{goal.target:f}",
        "period": goal.period,
        "owner": goal.owner or "",
        "at_most": "true" if goal.at_most else "",
        "known": "true",
    }
    if isinstance(metric, ByFacts):
        during = "true" if metric.during else ""
        typed |= {"aggregate": metric.aggregate, "of": metric.of, "where": metric.where, "among": metric.among}
        typed["during"] = during
    return _form(call, typed, by_figure=None if isinstance(metric, ByFacts) else metric)


def _form(call: PageCall, typed: dict[str, str], error: CrmkitError | None = None, by_figure: Any = None) -> Response:
    context = {
        "typed": typed,
        "aggregates": [(name, call.text(title)) for name, title in AGGREGATES.items()],
        "periods": [(name, call.text(title)) for name, title in PERIODS.items()],
        "by_figure": by_figure,
        "problems": problems_by_field(error) if error is not None else {},
    }
    return call.page("deciding/goal_edit.html", status=422 if error is not None else 200, **context)


@post("/goals/save", right=CHANGE)
def save_goal(call: PageCall) -> Response:
    """Set a goal."""
    typed = {name: call.value(name) for name in TYPED}
    with call.session() as session:
        known = goals(session)
        before = known[typed["name"]].value if typed["name"] in known else None
        name = typed["name"] or name_from(typed["title"] or "goal", known)
    try:
        definition = {
            "name": name,
            "title": typed["title"],
            "target": typed["target"],
            "period": typed["period"],
            "owner": typed["owner"] or None,
            "at_most": bool(typed["at_most"]),
            "metric": _metric(typed, before),
        }
        call.run("goal.set", {"definition": definition})
    except InvalidInput as error:
        return _form(call, typed, error)
    return call.redirect("/goals", said=_("The goal is set."))


def _metric(typed: Mapping[str, str], before: Any) -> dict[str, Any]:
    if before is not None and not isinstance(before.metric, ByFacts):
        metric = before.metric
        parameters = dict(metric.parameters)
        return {"by": "figure", "report": metric.report, "row": metric.row, "column": metric.column,
                "parameters": parameters}  # fmt: skip
    aggregate = typed["aggregate"] if typed["aggregate"] in AGGREGATES else "count"
    return {
        "by": "facts",
        "aggregate": aggregate,
        "of": typed["of"] if aggregate in ("sum", "average") else "",
        "where": typed["where"] or "true",
        "among": typed["among"] or "true",
        "during": bool(typed["during"]),
    }


@post("/goals/{name}/remove", right=CHANGE)
def remove_goal(call: PageCall, name: str) -> Response:
    """Remove a goal; its versions are kept."""
    call.run("goal.remove", {"name": name})
    return call.redirect("/goals", said=_("The goal is removed."))


ROUTES = [show_goals, new_goal, edit_goal, save_goal, remove_goal]
