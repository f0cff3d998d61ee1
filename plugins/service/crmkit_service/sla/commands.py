"""``crmkit service sla``: policies, what is due and why, what other terms would change, and folding all anew."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_service")

KINDS = click.Choice(("sla", "ola", "uc"))
LEVELS = click.Choice(("contract", "plan", "priority", "usual"))


def add_to(service: click.Group) -> None:
    """Add the group of service levels to a group."""
    sla = group(help=_("Service levels: policies, deadlines with their reasons, escalation."), name="sla")
    service.add_command(sla)

    @command(sla, "policies", _("List the policies with what they promise."))
    def policies(cli: Invocation) -> None:
        """Print the policies."""
        from sqlalchemy import select

        from crmkit_service.sla.models import Policy
        from crmkit_service.sla.policies import terms_text

        with cli.session() as session:
            rows = [
                {
                    "name": each.name,
                    "title": each.title,
                    "kind": each.kind,
                    "level": each.level,
                    "condition": each.condition or None,
                    "terms": terms_text(session, each),
                    "active": each.active,
                    "id": each.id,
                }
                for each in session.scalars(select(Policy).order_by(Policy.kind, Policy.position, Policy.name))
            ]
        columns = (
            Column("name", _("Name")),
            Column("level", _("Level")),
            Column("terms", _("What is promised")),
            Column("active", _("Active")),
        )
        cli.output.table(columns, rows, empty=_("There is no policy yet: crmkit service sla new makes one."))

    @command(sla, "new", _("Make a policy."))
    @click.argument("name")
    @option(
        "--terms", metavar="TERMS", required=True, help=_("What is promised: first_response: urgent 30m, normal 8h.")
    )
    @option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
    @option("--kind", type=KINDS, default="sla", help=_("With whom it is agreed."))
    @option("--level", type=LEVELS, default="usual", help=_("How special it is."))
    @option("--when", "condition", metavar="CONDITION", default="", help=_("Facts of the customer that it asks for."))
    @option("--calendar", metavar="NAME", help=_("The working calendar by which it counts."))
    def new(cli: Invocation, name: str, **given: Any) -> None:
        """Make a policy."""
        given["terms"] = given["terms"].replace("\\n", "\n").replace(" / ", "\n")
        made = cli.run("service.sla_policy.create", {"name": name, **given})
        cli.output.record([(_("Name"), made.name)], json={"id": made.id, "name": made.name})

    @command(sla, "due", _("List what is due first."))
    @option("--most", type=click.IntRange(1, 1000), default=20, help=_("How many at most."))
    def due(cli: Invocation, most: int) -> None:
        """Print what is due."""
        from crmkit_service.sla.reading import due_cases

        with cli.session() as session:
            rows = [
                {
                    "case": each.number,
                    "due_at": each.due_at,
                    "clock": each.due_clock,
                    "priority": each.priority,
                    "late": each.breached,
                    "id": each.id,
                }
                for each in session.scalars(due_cases().limit(most))
            ]
        columns = (
            Column("case", _("Case")),
            Column("due_at", _("Due")),
            Column("clock", _("Clock")),
            Column("priority", _("Priority")),
            Column("late", _("Late")),
        )
        cli.output.table(columns, rows, empty=_("Nothing is due."))

    @command(sla, "explain", _("Say why a case is due when it is. CASE is its number."))
    @click.argument("case", type=int)
    def explain(cli: Invocation, case: int) -> None:
        """Print the clocks of a case line by line."""
        from crmkit.i18n import Text
        from crmkit_service.cases.inputs import case_numbered
        from crmkit_service.sla.reading import as_json, levels_of
        from crmkit_service.sla.terms import format_amount
        from crmkit_service.sla.words import ALL_CLOCKS, STATES

        with cli.session() as session:
            levels = levels_of(session, case_numbered(session, case))
            if cli.json:
                cli.output.document(as_json(levels))
                return
            for each in levels.clocks:
                found = each.clock
                cli.output.heading(
                    f"{cli.text(ALL_CLOCKS[found.clock])} {found.number}: {cli.text(STATES[found.state])}"
                )
                rows: list[dict[str, Any]] = []
                for line in each.lines:
                    values = {
                        name: cli.text(value) if isinstance(value, Text) else value
                        for name, value in line.values.items()
                    }
                    rows.append(
                        {
                            "from": line.at,
                            "until": line.until,
                            "what": cli.text(line.text).format(**values),
                            "counted": format_amount(line.counted) if line.counted else None,
                            "left": f"{'-' if line.remaining < 0 else ''}{format_amount(abs(line.remaining))}",
                        }
                    )
                columns = (
                    Column("from", _("Since")),
                    Column("until", _("Until")),
                    Column("what", _("What")),
                    Column("counted", _("Counted")),
                    Column("left", _("Left")),
                )
                cli.output.table(columns, rows)
            if not levels.clocks:
                cli.output.say(_("Nothing is promised for this case."))

    @command(sla, "preview", _("Say what other terms of a policy would change."))
    @click.argument("name")
    @option("--terms", metavar="TERMS", required=True, help=_("What would be promised."))
    def previewed(cli: Invocation, name: str, terms: str) -> None:
        """Print what would change."""
        from crmkit_service.sla.policies import policy_named
        from crmkit_service.sla.previewing import preview
        from crmkit_service.sla.terms import parse_terms

        with cli.session() as session:
            policy = policy_named(session, name)
            found = preview(session, policy, parse_terms(terms.replace(" / ", "\n"), kind=policy.kind))
        figures = {
            "looked_at": found.looked_at,
            "sooner": found.sooner,
            "later": found.later,
            "newly_late": found.newly_late,
            "saved": found.saved,
        }
        rows = [
            (_("Open cases looked at"), found.looked_at),
            (_("Due sooner"), found.sooner),
            (_("Due later"), found.later),
            (_("Late at once"), found.newly_late),
            (_("No more late"), found.saved),
        ]
        cli.output.record(rows, json=figures)

    @command(sla, "recompute", _("Fold the clocks of all open cases anew."))
    def recompute(cli: Invocation) -> None:
        """Have all clocks folded anew."""
        cli.run("service.sla.recompute")
        cli.output.say(_("A worker does it now."))
