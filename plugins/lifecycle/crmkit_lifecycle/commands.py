"""``crmkit lifecycle``: models, where customers stand, what is ahead, what a change would move."""

from __future__ import annotations

from datetime import datetime

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option

_ = texts("crmkit_lifecycle")

lifecycle = group(help=_("Stages of customers, what is ahead of them, onboarding, and winning back."), name="lifecycle")
"""The group ``crmkit lifecycle``."""
_MODEL = option("--model", default="", metavar="NAME", help=_("Which model (the usual one)."))


@command(lifecycle, "models", _("List the models with their stages."))
def models(cli: Invocation) -> None:
    """Print the stages of the models that are in use."""
    from crmkit_lifecycle.designing.choosing import in_use, stages_of

    with cli.session() as session:
        rows = [
            {
                "model": model.name,
                "version": version.number,
                "stage": stage.name,
                "title": stage.title,
                "kind": stage.kind,
                "enter": stage.enter,
                "label": stage.label,
            }
            for model, version in in_use(session)
            for stage in stages_of(session, version.id)
        ]
    columns = (
        Column("model", _("Model")),
        Column("title", _("Stage")),
        Column("kind", _("Kind")),
        Column("enter", _("To enter")),
    )
    cli.output.table(columns, rows, empty=_("There are no models."))


@command(lifecycle, "stages", _("Say how many are and were in each stage, and how long they stay."))
@_MODEL
def stages(cli: Invocation, model: str) -> None:
    """Print the figures of each stage."""
    from crmkit_lifecycle.measuring.counting import stage_figures
    from crmkit_lifecycle.measuring.reading import ways_of

    with cli.session() as session:
        rows = [
            {
                "stage": each.stage.name,
                "title": each.stage.title,
                "entered": each.entered,
                "there": each.there,
                "forward": each.forward,
                "back": each.back,
                "lost": each.lost + each.left,
                "median_days": each.median_days,
                "usual_days": each.usual_days,
                "ageing": each.ageing,
            }
            for each in stage_figures(ways_of(session, model))
        ]
    columns = (
        Column("title", _("Stage")),
        Column("entered", _("Came")),
        Column("there", _("Are there")),
        Column("forward", _("Went on")),
        Column("lost", _("Lost")),
        Column("median_days", _("Median days")),
        Column("ageing", _("Too long")),
    )
    cli.output.table(columns, rows, empty=_("There are no stages."))


@command(lifecycle, "show", _("Show the passages of a customer, with the evidence of each move."))
@click.argument("customer")
def show(cli: Invocation, customer: str) -> None:
    """Print the intervals of a customer."""
    from sqlalchemy import select

    from crmkit_lifecycle.designing.models import LifecycleModel
    from crmkit_lifecycle.passages.models import StageInterval

    about = customer_id(cli, customer)
    with cli.session() as session:
        query = (
            select(StageInterval, LifecycleModel.name)
            .join(LifecycleModel, LifecycleModel.id == StageInterval.model_id)
            .where(StageInterval.customer_id == about)
            .order_by(LifecycleModel.name, StageInterval.number, StageInterval.entered_at, StageInterval.step)
        )
        rows = [
            {
                "model": name,
                "passage": each.number,
                "stage": each.stage_name,
                "entered_at": each.entered_at,
                "left_at": each.left_at,
                "direction": each.direction,
                "cause": each.cause,
                "evidence": each.evidence,
            }
            for each, name in session.execute(query)
        ]
    columns = (
        Column("model", _("Model")),
        Column("passage", _("Passage")),
        Column("stage", _("Stage")),
        Column("entered_at", _("Entered at")),
        Column("left_at", _("Left at")),
        Column("cause", _("Cause")),
    )
    cli.output.table(columns, rows, empty=_("This customer is in no model."))


@command(lifecycle, "move", _("Move a customer to a stage."))
@click.argument("customer")
@click.argument("stage")
@_MODEL
@option("--reason", default="", help=_("Why; needed to go back, to skip, or without the criteria."))
def move(cli: Invocation, customer: str, stage: str, model: str, reason: str) -> None:
    """Move a customer, and print where they stand."""
    about = customer_id(cli, customer)
    values = {"customer_id": about, "stage": stage, "model": model, "reason": reason}
    passage = cli.run("lifecycle.passage.move", values)
    cli.output.say(_("The customer is in {stage}, passage {number}."), stage=stage, number=passage.number)


@command(lifecycle, "run", _("Have all customers looked at by a worker."))
def run(cli: Invocation) -> None:
    """Ask for a run."""
    cli.run("lifecycle.passage.run", {})
    cli.output.say(_("A worker looks at all customers."))


@command(lifecycle, "replay", _("Compute passages for the past, from facts as they stood."))
@_MODEL
@option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help=_("The first day."))
@option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help=_("The last day (today)."))
@option("--every", type=click.Choice(["week", "month"]), default="month", help=_("At the end of each (month)."))
def replay(cli: Invocation, model: str, first: datetime, last: datetime | None, every: str) -> None:
    """Ask for passages of the past."""
    values = {"model": model, "first": first.date(), "last": last.date() if last else None, "every": every}
    cli.run("lifecycle.passage.replay", values)
    cli.output.say(_("A worker computes passages for the past."))


@command(lifecycle, "chain", _("Say what is ahead from each stage: chances and days, with intervals."))
@_MODEL
@option("--goal", default="", metavar="STAGE", help=_("A stage that counts as reached (the ends)."))
@option("--resamples", type=click.IntRange(0, 5000), default=400, metavar="N", help=_("For the intervals (400)."))
def chain(cli: Invocation, model: str, goal: str, resamples: int) -> None:
    """Print the absorbing chain of stages."""
    from crmkit_lifecycle.measuring.chain import estimate
    from crmkit_lifecycle.measuring.reading import visits_of, ways_of

    with cli.session() as session:
        visits, names, ends = visits_of(ways_of(session, model), goal=goal)
        found = estimate(visits, names, ends, resamples=resamples)
    rows = [
        {
            "stage": name,
            "end": end,
            "visits": row.observed,
            "chance": row.chances[end].value,
            "low": row.chances[end].low,
            "high": row.chances[end].high,
            "days": row.days_to[end].value,
            "days_low": row.days_to[end].low,
            "days_high": row.days_to[end].high,
        }
        for name, row in found.from_state.items()
        for end in found.ends
    ]
    columns = (
        Column("stage", _("From")),
        Column("end", _("To")),
        Column("chance", _("Chance")),
        Column("low", _("At least")),
        Column("high", _("At most")),
        Column("days", _("Days until then")),
    )
    cli.output.table(columns, rows, empty=_("Nobody has reached an end yet."))


@command(lifecycle, "preview", _("Say how many a change of criteria would move, before it is published."))
@_MODEL
@option("--stage", default="", metavar="NAME", help=_("One stage (nothing: the draft of the model)."))
@option("--enter", default=None, metavar="CONDITION", help=_("To enter it."))
@option("--leave", default=None, metavar="CONDITION", help=_("To leave it."))
def preview(cli: Invocation, model: str, stage: str, enter: str | None, leave: str | None) -> None:
    """Print whom a change would move."""
    from crmkit_lifecycle.designing.previewing import preview as previewed

    with cli.session() as session:
        found = previewed(session, model, stage=stage, enter=enter, leave=leave)
    rows = [
        {"now": each.now, "holds": each.holds, "would": each.would, "count": each.count, "moved": found.moved}
        for each in found.shifts
    ]
    columns = (
        Column("now", _("Now")),
        Column("holds", _("By the model")),
        Column("would", _("By the change")),
        Column("count", _("Customers")),
    )
    cli.output.table(columns, rows, empty=_("Nobody would move."))


@command(lifecycle, "kept", _("Say what plans to keep and win back have brought."))
def kept(cli: Invocation) -> None:
    """Print each plan's effect against its control group."""
    from crmkit_lifecycle.winning.measuring import effects

    with cli.session() as session:
        rows = [
            {
                "plan": each.plan.name,
                "treated": each.treated.customers,
                "share": each.treated.share,
                "control": each.control.customers,
                "control_share": each.control.share,
                "difference": each.difference,
                "low": each.low,
                "high": each.high,
            }
            for each in effects(session)
        ]
    columns = (
        Column("plan", _("Plan")),
        Column("treated", _("Treated")),
        Column("share", _("Share")),
        Column("control", _("Control group")),
        Column("control_share", _("Share of it")),
        Column("difference", _("Difference")),
        Column("low", _("At least")),
        Column("high", _("At most")),
    )
    cli.output.table(columns, rows, empty=_("There are no plans."))
