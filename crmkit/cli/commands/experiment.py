"""``crmkit experiment``: planning experiments, running them, and what they show."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.experiments.results import ExperimentResult, MetricResult

_ = texts("crmkit")

experiment = group(help=_("Plan experiments and judge what they show."), name="experiment")
"""The group ``crmkit experiment``."""

STATES = {"draft": _("draft"), "running": _("running"), "stopped": _("stopped")}
VERDICTS = {
    "mismatch": _("not to be trusted: customers were not dealt out as planned"),
    "collecting": _("too early to say"),
    "better": _("better than the control arm"),
    "worse": _("worse than the control arm"),
    "mixed": _("some arms are better, some worse than the control arm"),
    "no difference": _("no difference shown so far"),
}
METHODS = {
    "always_valid": _("one may look at any time"),
    "group_sequential": _("at planned looks"),
    "fixed": _("once, at the end"),
}
KINDS = {"share": _("share"), "mean": _("mean")}
WIDTH = 41
"""Characters of an interval's drawing."""
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"])


@command(experiment, "list", _("List the experiments."))
def list_(cli: Invocation) -> None:
    """Print the experiments by name, with their states."""
    from crmkit.engines.experiments.defining import experiments

    rows: list[dict[str, Any]] = []
    with cli.session() as session:
        for name, found in experiments(session).items():
            rows.append(
                {
                    "name": name,
                    "title": found.experiment.title,
                    "state": found.state if cli.json else cli.text(STATES[found.state]),
                    "arms": ", ".join(f"{arm.name} {arm.share:.0%}" for arm in found.experiment.arms),
                    "started_at": found.run.started_at if found.run else None,
                    "stopped_at": found.run.stopped_at if found.run else None,
                }
            )
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("state", _("State")),
        Column("arms", _("Arms")),
        Column("started_at", _("Started at")),
        Column("stopped_at", _("Stopped at")),
    )
    cli.output.table(columns, rows, empty=_("There is no experiment."))


@command(experiment, "show", _("Show how an experiment is defined."))
@click.argument("name", metavar="EXPERIMENT")
def show(cli: Invocation, name: str) -> None:
    """Print the definition by which an experiment runs."""
    from crmkit.engines.definitions.documents import to_document
    from crmkit.engines.experiments.defining import started

    with cli.session() as session:
        found = started(session, name)
        value, run = found.experiment, found.run
        times = {
            "number": run.number if run else None,
            "started_at": run.started_at if run else None,
            "stopped_at": run.stopped_at if run else None,
        }
    if cli.json:
        cli.output.document({"state": found.state, **times, "definition": to_document(value)})
        return
    cli.output.record(
        [
            (_("Name"), value.name),
            (_("Title"), value.title),
            (_("State"), cli.text(STATES[found.state])),
            (_("Started at"), times["started_at"]),
            (_("Stopped at"), times["stopped_at"]),
            (_("Description"), value.doc),
            (_("Arms"), ", ".join(f"{arm.name} {arm.share:.0%}" for arm in value.arms)),
            (_("Control arm"), value.base),
            (_("Takes part"), f"{value.share:.0%}, {value.among}"),
            (_("May be looked at"), cli.text(METHODS[value.method])),
            (_("Customers planned"), value.planned or None),
        ]
    )
    cli.output.heading(_("Metrics"))
    columns = (
        Column("name", _("Name")),
        Column("kind", _("Kind")),
        Column("value", _("Value")),
        Column("since", _("Since")),
        Column("effect", _("Difference that matters"), "right"),
    )
    cli.output.table(columns, [to_document(metric) | _shown_of(metric) for metric in value.metrics])


def _shown_of(metric: Any) -> dict[str, Any]:
    return {"kind": metric.kind, "since": metric.since, "effect": metric.effect or None}


@command(experiment, "plan", _("Say how many customers an experiment needs."))
@option(
    "--base", type=float, required=True, help=_("The share, or the mean, that the control arm is expected to have.")
)
@option("--effect", type=float, required=True, help=_("The difference that matters: 0.02 is two points of a share."))
@option("--deviation", type=float, help=_("Standard deviation within an arm: what is measured is a mean."))
@option("--arm", "shares", type=float, multiple=True, help=_("Share of an arm, the control arm first (0.5 and 0.5)."))
@option("--power", type=float, default=0.8, help=_("How surely the difference is to be seen (0.8)."))
@option("--confidence", type=float, default=0.95, help=_("Confidence of the answer (0.95)."))
@option("--per-day", type=float, help=_("How many customers there are a day."))
def plan_(
    cli: Invocation,
    base: float,
    effect: float,
    deviation: float | None,
    shares: tuple[float, ...],
    power: float,
    confidence: float,
    per_day: float | None,
) -> None:
    """Print how many customers are needed."""
    from crmkit.engines.experiments.planning import plan

    found = plan(
        base,
        effect,
        deviation=deviation,
        shares=shares or (0.5, 0.5),
        power=power,
        confidence=confidence,
        per_day=per_day,
    )
    cli.output.record(
        [
            (_("Customers"), found.customers),
            (_("Per arm"), ", ".join(map(str, found.sizes))),
            (_("Days"), found.days),
            (_("Confidence of each comparison"), f"{found.confidence:.2%}"),
        ],
        json=found,
    )


@command(experiment, "save", _("Save an experiment that a file defines, in TOML or JSON."))
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@option("--note", default="", help=_("What was changed, and why."))
def save(cli: Invocation, file: str, note: str) -> None:
    """Save the definition as a new version."""
    from crmkit.cli.documents import read_document

    found = cli.run("experiment.save", {"experiment": read_document(file), "note": note})
    if cli.json:
        cli.output.document({"name": found.name, "number": found.number})
        return
    cli.output.say(_("{name} is saved as version {number}."), name=found.name, number=found.number)


@command(experiment, "start", _("Start an experiment: from now on customers have arms."))
@click.argument("name", metavar="EXPERIMENT")
@option("--note", default="", help=_("Why, for the record."))
def start(cli: Invocation, name: str, note: str) -> None:
    """Start it, and say when."""
    run = cli.run("experiment.start", {"name": name, "note": note})
    if cli.json:
        cli.output.document({"name": name, "number": run.number, "started_at": run.started_at})
        return
    cli.output.say(_("{name} runs since {at}."), name=name, at=run.started_at)


@command(experiment, "stop", _("Stop an experiment for good; its results stay."))
@click.argument("name", metavar="EXPERIMENT")
@option("--note", default="", help=_("Why, for the record."))
def stop(cli: Invocation, name: str, note: str) -> None:
    """Stop it, and say when."""
    run = cli.run("experiment.stop", {"name": name, "note": note})
    if cli.json:
        cli.output.document({"name": name, "stopped_at": run.stopped_at})
        return
    cli.output.say(_("{name} was stopped at {at}."), name=name, at=run.stopped_at)


@command(experiment, "result", _("Show what an experiment shows, and whether it can be believed."))
@click.argument("name", metavar="EXPERIMENT")
@option("--as-of", type=_DAY, help=_("As of the end of a day, or an instant."))
@option("--known-at", type=_DAY, help=_("By what was known at the end of a day, or at an instant."))
def result(cli: Invocation, name: str, as_of: datetime | None, known_at: datetime | None) -> None:
    """Print arms, differences and a verdict."""
    from crmkit.engines.experiments.results import experiment_result

    with cli.session() as session:
        found = experiment_result(session, name, _moment(as_of), _moment(known_at))
    if cli.json:
        cli.output.document(found)
        return
    _print(cli, found)


def _moment(value: datetime | None) -> Any:
    """Return an instant, or the day where no time of day was given."""
    return value.date() if value is not None and value.tzinfo is None else value


def _print(cli: Invocation, found: ExperimentResult) -> None:
    ratio = found.ratio
    cli.output.record(
        [
            (_("Experiment"), f"{found.name} ({found.title})"),
            (_("State"), cli.text(STATES[found.state])),
            (_("As of"), found.as_of),
            (_("Customers"), f"{found.customers} / {found.planned}" if found.planned else found.customers),
            (_("May be looked at"), cli.text(METHODS[found.method])),
            (_("Look"), found.look or None),
            (_("Sample ratio"), None if ratio is None else f"p = {ratio.p_value:.4f}"),
            (_("Verdict"), cli.text(VERDICTS[found.verdict])),
        ]
    )
    for metric in found.metrics:
        cli.output.heading(
            _("{name}, {kind}"),
            name=metric.title or metric.name,
            kind=metric.currency or cli.text(KINDS[metric.kind]),
        )
        _print_metric(cli, metric)


def _print_metric(cli: Invocation, metric: MetricResult) -> None:
    share = metric.kind == "share"
    rows: list[dict[str, Any]] = []
    compared = {item.arm: item for item in metric.compared}
    ends = [end for item in metric.compared for end in (item.difference.low, item.difference.high) if end is not None]
    reach = max(map(abs, ends), default=0.0)
    for arm in metric.arms:
        estimate, item = arm.estimate, compared.get(arm.name)
        rows.append(
            {
                "arm": f"{arm.title or arm.name} ({cli.text(_('control'))})" if arm.control else arm.title or arm.name,
                "customers": arm.customers,
                "value": _number(estimate.value, share),
                "interval": f"{_number(estimate.low, share)} … {_number(estimate.high, share)}",
                "difference": _number(item.difference.value, share, signed=True) if item else "",
                "p": f"{item.adjusted:.4f}" if item else "",
                "chart": drawn(item.difference.low, item.difference.value, item.difference.high, reach) if item else "",
            }
        )
    columns = (
        Column("arm", _("Arm")),
        Column("customers", _("Customers"), "right"),
        Column("value", _("Value"), "right"),
        Column("interval", _("Interval")),
        Column("difference", _("Difference"), "right"),
        Column("p", _("p-value"), "right"),
        Column("chart", _("Difference with its interval, | is none")),
    )
    cli.output.table(columns, rows)


def _number(value: float | None, share: bool, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    sign = "+" if signed else ""
    return f"{value:{sign}.2%}" if share else f"{value:{sign}.2f}"


def drawn(low: float | None, value: float | None, high: float | None, reach: float) -> str:
    """Return an interval drawn around 0 in the middle; ``reach`` is what lies at both ends."""
    if low is None or value is None or high is None or reach <= 0:
        return ""

    def at(number: float) -> int:
        return round((max(-reach, min(reach, number)) / reach + 1) / 2 * (WIDTH - 1))

    signs = [" "] * WIDTH
    signs[at(low) : at(high) + 1] = "─" * (at(high) - at(low) + 1)
    signs[(WIDTH - 1) // 2] = "|"
    signs[at(low)], signs[at(high)], signs[at(value)] = "├", "┤", "●"
    return "".join(signs).rstrip()
