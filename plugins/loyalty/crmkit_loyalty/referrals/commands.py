"""``crmkit loyalty referrals`` and ``invite``: who invited whom, and entering a code."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_loyalty.referrals.words import STATES

_ = texts("crmkit_loyalty")

PROGRAM = _("Which programme, where there are several.")


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "referrals", _("List who was invited by whom, the latest first."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def referrals(cli: Invocation, state: str | None, limit: int) -> None:
        """Print referrals."""
        from sqlalchemy import select
        from sqlalchemy.orm import aliased

        from crmkit_loyalty.programs.models import Member
        from crmkit_loyalty.referrals.models import Referral

        by = aliased(Member)
        query = select(Referral, by.customer_id).outerjoin(by, by.id == Referral.referrer_id)
        if state is not None:
            query = query.where(Referral.state == state)
        with cli.session() as session:
            rows = [
                {
                    "id": str(each.id),
                    "entered_at": each.entered_at,
                    "customer_id": str(each.customer_id),
                    "invited_by": str(referrer) if referrer is not None else None,
                    "state": each.state,
                    "reason": each.reason,
                    "release_at": each.release_at,
                }
                for each, referrer in session.execute(query.order_by(Referral.entered_at.desc()).limit(limit))
            ]
        columns = (
            Column("entered_at", _("Entered at")),
            Column("customer_id", _("Invited")),
            Column("invited_by", _("Invited by")),
            Column("state", _("State")),
            Column("reason", _("Why")),
            Column("release_at", _("Points from")),
        )
        cli.output.table(columns, rows, empty=_("There is nothing here"))

    @command(group, "invite", _("Enter the code by which a member was invited."))
    @click.argument("customer")
    @click.argument("invitation")
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    def invite(cli: Invocation, customer: str, invitation: str, program: str) -> None:
        """Enter a code."""
        values = {"customer_id": customer_id(cli, customer), "invitation": invitation, "program": program}
        made = cli.run("loyalty.referral.create", values)
        cli.output.document({"id": str(made.id), "state": made.state})
