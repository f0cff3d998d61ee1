"""The commands of asking: ``crmkit feedback distribution`` and ``crmkit feedback invite``."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group

_ = texts("crmkit_feedback")


def add_to(parent: click.Group) -> None:
    """Add the commands to those of feedback."""
    distribution = group(help=_("Whom surveys ask."), name="distribution")
    parent.add_command(distribution)

    @command(distribution, "list", _("List distributions with how many answered."))
    def list_(cli: Invocation) -> None:
        """Print all distributions."""
        _print(cli, None)

    @command(distribution, "status", _("Print how far a distribution has come."))
    @click.argument("name")
    def status(cli: Invocation, name: str) -> None:
        """Print one distribution."""
        _print(cli, name)

    @command(distribution, "start", _("Have a distribution begin."))
    @click.argument("name")
    def start(cli: Invocation, name: str) -> None:
        """Begin."""
        from crmkit_feedback.asking.choosing import distribution_named

        with cli.session() as session:
            found = distribution_named(session, name).id
        cli.run("feedback.distribution.start", target=found)
        cli.output.record([(_("Name"), name), (_("State"), "running")], json={"name": name, "state": "running"})

    @command(parent, "invite", _("Ask a customer by a survey. CUSTOMER is its id."))
    @click.argument("survey")
    @click.argument("customer", type=click.UUID)
    def invite(cli: Invocation, survey: str, customer: Any) -> None:
        """Plan to ask one customer."""
        made = cli.run("feedback.invitation.create", {"survey": survey, "customer_id": customer})
        cli.output.record(
            [(_("Invitation"), made.id), (_("State"), made.state)], json={"id": made.id, "state": made.state}
        )


def _print(cli: Invocation, name: str | None) -> None:
    from sqlalchemy import select

    from crmkit_feedback.asking.choosing import distribution_named
    from crmkit_feedback.asking.funnel import funnels
    from crmkit_feedback.asking.models import Distribution

    with cli.session() as session:
        listed = select(Distribution).order_by(Distribution.name)
        found = session.scalars(listed).all() if name is None else [distribution_named(session, name)]
        counted = funnels(session, found)
        rows = [
            {"name": each.name, "state": each.state, "way": each.way, **counted[each.id].document()} for each in found
        ]
    if name is not None and cli.json:
        cli.output.document(rows[0])
        return
    columns = (
        Column("name", _("Name")),
        Column("state", _("State")),
        Column("planned", _("Planned"), "right"),
        Column("asked", _("Asked"), "right"),
        Column("completed", _("Answered"), "right"),
        Column("rate", _("Response rate"), "right"),
    )
    cli.output.table(columns, rows, empty=_("There is no distribution."))
    if name is not None:
        for reason, number in rows[0]["withheld"].items():
            cli.output.say(_("Not asked: {reason}: {count}"), reason=reason, count=number)
