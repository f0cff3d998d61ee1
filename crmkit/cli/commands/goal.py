"""``crmkit goal``: goals, and how far they are attained."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.errors import CrmkitError, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.reports.goals import Attainment
    from crmkit.hooks.contributions import Goal

_ = texts("crmkit")

goal = group(help=_("Set goals and see how far they are attained."), name="goal")
"""The group ``crmkit goal``."""

STATES = {"reached": _("reached"), "missed": _("missed"), "ahead": _("on the way"), "behind": _("behind")}
AS_OF = _("As it stood at the end of this day, or at this instant.")


@command(goal, "list", _("List the goals with how far they are attained."))
@option("--as-of", metavar="DAY", help=AS_OF)
def list_(cli: Invocation, as_of: str | None) -> None:
    """Print the goals by name."""
    from crmkit.engines.reports.goals import attainment, goals

    rows: list[dict[str, Any]] = []
    moment = _moment(cli, as_of)
    with cli.session() as session:
        for name, item in sorted(goals(session).items()):
            try:
                rows.append(_row(cli, attainment(session, name, as_of=moment)))
            except CrmkitError as error:
                # One that cannot be measured, or not by this reader, does not keep the others from being seen.
                rows.append(_unmeasured(cli, item.value, error))
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("owner", _("Owner")),
        Column("period", _("Period")),
        Column("value_text", _("Attained"), "right"),
        Column("target_text", _("Target"), "right"),
        Column("attained_text", "%", "right"),
        Column("state_text", _("State")),
    )
    cli.output.table(columns, rows, empty=_("No goal is set."))
    for row in rows if not cli.json else ():
        if row.get("error"):
            cli.output.warn(_('The goal "{name}" cannot be measured: {reason}'), name=row["name"], reason=row["error"])


@command(goal, "show", _("Show a goal: how far it is attained, and where the pace leads."))
@click.argument("name", metavar="GOAL")
@option("--as-of", metavar="DAY", help=AS_OF)
def show(cli: Invocation, name: str, as_of: str | None) -> None:
    """Print one goal."""
    from crmkit.engines.reports.goals import attainment

    with cli.session() as session:
        item = attainment(session, name, as_of=_moment(cli, as_of))
    row = _row(cli, item)
    pairs = [
        (_("Name"), name),
        (_("Title"), cli.text(item.goal.title)),
        (_("Owner"), item.goal.owner),
        (_("Period"), row["period"]),
        (_("Attained"), row["value_text"]),
        (_("Target"), row["target_text"]),
        (_("Part of the target"), row["attained_text"]),
        (_("Part of the time"), f"{item.elapsed:.1%}"),
        (_("Expected by now"), _said(cli, item, item.expected)),
        (_("Where the pace leads"), _said(cli, item, item.projected)),
        (_("State"), row["state_text"]),
    ]
    cli.output.record(pairs, json=row)


@command(goal, "set", _("Set a goal: a figure over customers, or one of a report, that is to reach a target."))
@click.argument("name", metavar="GOAL")
@option("--title", metavar="TEXT", help=_("What people read."))
@option("--target", metavar="NUMBER", help=_("What is to be reached; money in major units."))
@option("--period", metavar="PERIOD", help=_("Such as 2026-Q3, FY2026, this month or 2026-01-01..2026-03-31."))
@option("--sum", "sum_", metavar="EXPR", help=_("The sum of an expression over customers."))
@option("--average", metavar="EXPR", help=_("The average of an expression over customers."))
@option("--count", is_flag=True, help=_("The number of customers."))
@option("--share", is_flag=True, help=_("The share of customers."))
@option("--where", metavar="EXPR", default="true", help=_("Only customers for whom this holds."))
@option("--among", metavar="EXPR", default="true", help=_("For a share: among these customers."))
@option("--during", is_flag=True, help=_("What was added in the period, for what only grows."))
@option("--report", "figure", metavar="REPORT:ROW:COLUMN", help=_("A figure of a report."))
@option("--param", "-p", "parameters", multiple=True, metavar="NAME=VALUE", help=_("A parameter of that report."))
@option("--owner", metavar="LOGIN", help=_("Whose goal it is."))
@option("--at-most", is_flag=True, help=_("Less is better."))
@option("--remove", is_flag=True, help=_("Remove the goal."))
def set_(cli: Invocation, name: str, remove: bool, **given: Any) -> None:
    """Set or remove a goal."""
    if remove:
        cli.run("goal.remove", {"name": name})
        show_result(cli, None)
        return
    missing = [each for each in ("title", "target", "period") if given[each] is None]
    if missing:
        raise UsageError(_("Add --{option}."), option=missing[0])
    definition: dict[str, Any] = {
        "name": name,
        "title": given["title"],
        "target": given["target"],
        "period": given["period"],
        "owner": given["owner"],
        "at_most": given["at_most"],
        "metric": _metric(given),
    }
    cli.run("goal.set", {"definition": definition})
    show_result(cli, None)


def _metric(given: dict[str, Any]) -> dict[str, Any]:
    ways = [each for each in ("sum_", "average", "count", "share", "figure") if given[each]]
    if len(ways) != 1:
        raise UsageError(_("Say one of --sum, --average, --count, --share and --report."))
    if ways == ["figure"]:
        from crmkit.cli.commands.report import _values

        report, _colon, rest = given["figure"].partition(":")
        row, colon, column = rest.rpartition(":")
        if not colon:
            raise UsageError(_('"{argument}" is no REPORT:ROW:COLUMN.'), argument=given["figure"])
        parameters = _values(given["parameters"])
        return {"by": "figure", "report": report, "row": row, "column": column, "parameters": parameters}
    aggregate = ways[0].rstrip("_")
    of = given[ways[0]] if isinstance(given[ways[0]], str) else ""
    rest = {"where": given["where"], "among": given["among"], "during": given["during"]}
    return {"by": "facts", "aggregate": aggregate, "of": of, **rest}


def _moment(cli: Invocation, text: str | None) -> Any:
    from crmkit.cli.values import instant

    return None if text is None else instant(text, cli.crm.business().zone, name="--as-of")


def _unmeasured(cli: Invocation, goal: Goal, error: CrmkitError) -> dict[str, Any]:
    return {
        "name": goal.name,
        "title": cli.text(goal.title),
        "owner": goal.owner,
        "period": goal.period,
        "state": None,
        "error": error.render(cli.language),
    }


def _row(cli: Invocation, item: Attainment) -> dict[str, Any]:
    return {
        "name": item.goal.name,
        "title": cli.text(item.goal.title),
        "owner": item.goal.owner,
        "period": f"{item.period.first.isoformat()}..{item.period.last.isoformat()}",
        "value": _plain(item, item.value),
        "target": _plain(item, item.target),
        "kind": item.kind,
        "attained": item.attained,
        "elapsed": item.elapsed,
        "expected": _plain(item, item.expected),
        "projected": _plain(item, item.projected),
        "state": item.state,
        "as_of": item.moment.as_of,
        "value_text": _said(cli, item, item.value),
        "target_text": _said(cli, item, item.target),
        "attained_text": "" if item.attained is None else f"{item.attained:.1%}",
        "state_text": cli.text(STATES[item.state]),
    }


def _plain(item: Attainment, value: Decimal | None) -> Any:
    """Return a value for scripts: money in major units, with its currency."""
    from crmkit.engines.reports.documents import plain
    from crmkit.hooks.contributions import Column as ReportColumn

    if value is None or item.kind != "money":
        return value
    return plain(int(value), ReportColumn(name="", title="", kind="money"), item.moment)


def _said(cli: Invocation, item: Attainment, value: Decimal | None) -> str:
    from crmkit.engines.reports.wording import words
    from crmkit.hooks.contributions import Column as ReportColumn

    if value is None:
        return ""
    kind: Any = item.kind if item.kind in ("money", "rate", "share", "integer") else "number"
    whole = kind in ("money", "integer")
    return words(int(value) if whole else value, ReportColumn(name="", title="", kind=kind), item.moment, cli.language)
