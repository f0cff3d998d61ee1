"""``crmkit experience actions``: what was done, and what came of it."""

from __future__ import annotations

from decimal import Decimal

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_experience")


def add_to(above: click.Group) -> None:
    """Add the commands to those of experience."""
    actions = group(help=_("What was done to make it easier for customers."), name="actions")
    above.add_command(actions)

    @command(actions, "list", _("List actions: with a verdict, the largest effect first."))
    @option("--state", type=click.Choice(["planned", "running", "ended"]), default=None, help=_("State."))
    @option("--verdict", type=click.Choice(["better", "worse", "unclear"]), default=None, help=_("Verdict."))
    @option("--search", default="", help=_("Only those with this text."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, help=_("How many at most."))
    def list_(cli: Invocation, state: str | None, verdict: str | None, search: str, limit: int) -> None:
        """Print actions."""
        from crmkit_experience.actions import reading

        def number(value: Decimal | None) -> float | None:
            return None if value is None else float(value)

        with cli.session() as session:
            found = reading.actions(session, state=state or "", verdict=verdict or "", search=search, limit=limit)
            rows = [
                {
                    "id": str(each.id),
                    "name": each.name,
                    "title": each.title,
                    "state": each.state,
                    "step": each.step,
                    "measure": each.measure or each.part,
                    "starts_on": each.starts_on,
                    "method": each.method,
                    "effect": number(each.effect),
                    "effect_low": number(each.effect_low),
                    "effect_high": number(each.effect_high),
                    "verdict": each.verdict,
                    "learnt": each.learnt,
                }
                for each in found
            ]
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("effect", _("Effect"), align="right"),
            Column("verdict", _("Verdict")),
        )
        cli.output.table(columns, rows, empty=_("There is no such action."))

    @command(actions, "effect", _("Say what came of an action, as far as it is known now."))
    @click.argument("name")
    def effect(cli: Invocation, name: str) -> None:
        """Print the effect."""
        from crmkit_experience.actions.measuring import effect_of
        from crmkit_experience.actions.reading import action_named
        from crmkit_experience.actions.words import CAUTIONS, METHODS, VERDICTS

        with cli.session() as session:
            found = effect_of(session, action_named(session, name))
        if cli.output.json:
            cli.output.document(
                {
                    "name": name,
                    "method": found.method,
                    "before": found.before,
                    "after": found.after,
                    "effect": found.estimate.value,
                    "low": found.estimate.low,
                    "high": found.estimate.high,
                    "confidence": found.estimate.confidence,
                    "customers": found.customers,
                    "others": found.others,
                    "verdict": found.verdict,
                    "caution": cli.text(CAUTIONS[found.method]),
                }
            )
            return
        cli.output.say(
            _("{verdict}: {effect}, between {low} and {high}, by {method}."),
            verdict=cli.text(VERDICTS[found.verdict]),
            effect=round(found.estimate.value or 0.0, 4),
            low=round(found.estimate.low or 0.0, 4),
            high=round(found.estimate.high or 0.0, 4),
            method=cli.text(METHODS[found.method]),
        )
        cli.output.say(CAUTIONS[found.method])
